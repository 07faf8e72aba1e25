"""NumPy's numbers as Python's: a width may be the result of a calculation."""

from __future__ import annotations

from dataclasses import fields
from operator import index
from typing import TYPE_CHECKING
from typing import Any


if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def scalar(value: Any) -> Any:
    """A value of NumPy's, such as ``np.int64(3)``, as Python's; any other as it is."""
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == ():
        return value.item()
    return value


def in_python_scalars(settings: DataclassInstance) -> None:
    """Replaces NumPy's numbers among the fields of a frozen dataclass that is being made."""
    for field in fields(settings):
        given = getattr(settings, field.name)
        if (own := scalar(given)) is not given:
            object.__setattr__(settings, field.name, own)


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """An argument as an int; ValueError if it is no whole number within these bounds."""
    bounds = f"from {low}" if high is None else f"from {low} to {high}"
    return _whole(name, value, low, high, bounds)


def whole_or_none(name: str, value: Any, low: int) -> int | None:
    """The same for an argument that may be None."""
    return None if value is None else _whole(name, value, low, None, f"from {low} or None")


def _whole(name: str, value: Any, low: int, high: int | None, bounds: str) -> int:
    try:
        number = None if isinstance(value, bool) else index(value)
    except TypeError:
        number = None
    if number is None or number < low or (high is not None and number > high):
        raise ValueError(f"`{name}` must be a whole number {bounds}, got {value!r}.")
    return number
