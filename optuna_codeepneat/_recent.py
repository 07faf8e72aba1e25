"""`Recent`: a memory that does not grow."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar


Key = TypeVar("Key")
Value = TypeVar("Value")


class Recent(OrderedDict[Key, Value]):
    """A dictionary of the entries that were stored or read last; it forgets the others.

    Args:
        most:
            How many it remembers.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __getitem__(self, key: Key) -> Value:
        self.move_to_end(key)
        return super().__getitem__(key)

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            del self[next(iter(self))]  # `popitem` would read it, and so move it
