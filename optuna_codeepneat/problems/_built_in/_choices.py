"""Options that several problems have, and what is wrong with their values."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TypeVar


_Value = TypeVar("_Value")


def one_of(name: str, value: _Value, known: Sequence[_Value] | Mapping[_Value, object]) -> _Value:
    """An option's value; ValueError if it is none of those that there are."""
    if value not in known:
        raise ValueError(f"`{name}` must be one of {', '.join(map(str, known))}, got {value!r}.")
    return value
