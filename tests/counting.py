"""A storage that counts what it is asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from optuna.storages import InMemoryStorage


_ATTRS = ("set_trial_user_attr", "set_trial_system_attr", "set_study_system_attr")


class Counting(InMemoryStorage):
    """Counts the calls that come from outside, by name, and what they write into attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.characters = 0
        self.largest = 0
        self._inside = False

    def clear(self) -> None:
        """Begins to count anew."""
        self.calls.clear()
        self.characters = self.largest = 0

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        if not name.startswith(("get_", "set_", "create_")) or self._inside:
            return value

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls[name] += 1
            if name in _ATTRS:
                text = kwargs.get("value", args[-1])
                self.characters += len(str(text))
                self.largest = max(self.largest, len(str(text)))
            self._inside = True
            try:
                return value(*args, **kwargs)
            finally:
                self._inside = False

        return counted
