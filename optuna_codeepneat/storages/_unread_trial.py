"""A trial that is read in parts, each when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from typing import Any

from optuna.trial import FrozenTrial

from optuna_codeepneat.storages._reading import Head


class UnreadTrial(FrozenTrial):
    """A trial of which no more is known than its head; the rest is read when it is asked for.

    Copies of it are ordinary ones, pickled ones too. Threads may ask for parts at the same time:
    what is there stays as it is, and nothing changes its class. Checked against Optuna 5.0.

    Args:
        head:
            What is known of it.
        read:
            Reads a part of it, and of others beside it, and adds it.
    """

    __slots__ = ("_read",)  # in `__dict__` is what an ordinary trial has there

    def __init__(self, head: Head, read: Callable[[str], None]) -> None:
        self._trial_id, self._number, self.state = head.key, head.number, head.state
        self._datetime_start, self.datetime_complete = head.start, head.end
        self._values = head.values
        self._read = read

    def __getattr__(self, name: str) -> Any:
        """Reads the part that holds an attribute, which is not there yet."""
        part = _HOLDS.get(name)
        if part is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._read(part)
        return self.__dict__[name]

    @property
    def is_unread(self) -> bool:
        """Whether nobody has asked for any part of it."""
        return not any(name in self.__dict__ for name in _HOLDS)

    def lacks(self, parts: Collection[str]) -> bool:
        """Whether one of these parts is still to be read."""
        return any(name not in self.__dict__ for name, part in _HOLDS.items() if part in parts)

    def add(self, part: str, value: Any) -> None:
        """Adds a part as `read_part` gives it."""
        if part != "params":
            self.__dict__.setdefault("_" + part if part.endswith("attrs") else part, value)
        elif "_params" not in self.__dict__:
            self.__dict__["_distributions"] = {name: range for name, (_, range) in value.items()}
            self.__dict__["_params"] = {
                name: range.to_external_repr(number) for name, (number, range) in value.items()
            }

    def _whole(self) -> FrozenTrial:
        """An ordinary trial with the same parts."""
        return FrozenTrial(
            number=self._number,
            state=self.state,
            value=None,
            values=self._values,
            datetime_start=self._datetime_start,
            datetime_complete=self.datetime_complete,
            params=self._params,
            distributions=self._distributions,
            user_attrs=self._user_attrs,
            system_attrs=self._system_attrs,
            intermediate_values=self.intermediate_values,
            trial_id=self._trial_id,
        )

    def __eq__(self, other: Any) -> bool:
        theirs = other._whole() if isinstance(other, UnreadTrial) else other
        return bool(self._whole() == theirs)

    def __hash__(self) -> int:
        return hash(self._whole())

    def __repr__(self) -> str:
        return repr(self._whole())

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _itself, (self._whole(),)


def _itself(trial: FrozenTrial) -> FrozenTrial:
    return trial


_HOLDS = {
    "_params": "params",
    "_distributions": "params",
    "_user_attrs": "user_attrs",
    "_system_attrs": "system_attrs",
    "intermediate_values": "intermediate_values",
}
"""The attributes of a `FrozenTrial` that hold its parts."""
