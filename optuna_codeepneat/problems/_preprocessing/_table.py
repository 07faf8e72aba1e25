"""`TableReader`: columns of numbers and categories."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from math import isnan
from numbers import Real
from typing import Any
from typing import ClassVar

import numpy as np

from optuna_codeepneat._text import one_of_names
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing._scaling import checked_scaling


_BOOLEANS = {"False", "True"}


@dataclass(frozen=True, kw_only=True)
class NumberColumn:
    """A column of numbers, which becomes one feature with mean 0 and standard deviation 1.

    Args:
        name:
            Of the column.
        mean:
            Of its numbers.
        std:
            Of its numbers.
        fill:
            What takes the place of a missing number.
    """

    name: str
    mean: float
    std: float
    fill: float

    def __post_init__(self) -> None:
        checked_scaling([self.mean], [self.std])
        if not isfinite(self.fill):
            raise ValueError(f"`fill` must be a finite number, got {self.fill!r}.")

    @property
    def width(self) -> int:
        """How many features it becomes."""
        return 1

    def read(self, values: Iterable[Any]) -> np.ndarray[Any, Any]:
        """The feature ``(examples, 1)``."""
        numbers = _numbers(self.name, values)
        filled = np.where(np.isnan(numbers), self.fill, numbers)
        return ((filled - self.mean) / self.std)[:, None]

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description."""
        return {"name": self.name, "mean": self.mean, "std": self.std, "fill": self.fill}


@dataclass(frozen=True, kw_only=True)
class CategoryColumn:
    """A column of categories: a feature for each, and one for what is missing or not known.

    Args:
        name:
            Of the column.
        categories:
            As text, by the number of the feature.
    """

    name: str
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.categories)) < len(self.categories):
            raise ValueError(
                f"`categories` must hold each name once, got {list(self.categories)}."
            )

    @property
    def width(self) -> int:
        """How many features it becomes."""
        return len(self.categories) + 1

    def read(self, values: Iterable[Any]) -> np.ndarray[Any, Any]:
        """The features ``(examples, width)``, of which one is 1 and the others are 0."""
        places = {name: i for i, name in enumerate(self.categories)}
        unknown = len(self.categories)
        names = [category_of(value) for value in values]
        chosen = [unknown if name is None else places.get(name, unknown) for name in names]
        return np.eye(self.width)[np.asarray(chosen, dtype=np.intp)]

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description."""
        return {"name": self.name, "categories": list(self.categories)}


@dataclass(frozen=True, kw_only=True)
class TableReader:
    """Reads a table: each of some columns becomes one feature or several.

    Args:
        columns:
            The columns, in the order of their features.
    """

    kind: ClassVar[str] = "table"

    columns: tuple[NumberColumn | CategoryColumn, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"`columns` must hold each name once, got {names}.")

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of what a network reads."""
        return (sum(column.width for column in self.columns),)

    @property
    def vocab_size(self) -> None:
        """There are no tokens."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns whose cells are text, even if all of a table look like numbers."""
        return tuple(
            column.name
            for column in self.columns
            if isinstance(column, CategoryColumn) and not set(column.categories) <= _BOOLEANS
        )

    def read(self, raw: Any) -> np.ndarray[Any, Any]:
        """What a network reads of a table, ``(rows, features)``, float32.

        Args:
            raw:
                A data frame, a mapping from names to columns, or a list of one mapping for each
                row; it may hold more columns.

        Raises:
            DataError: If a column is not there, or holds something else than numbers.
        """
        columns = columns_of(raw)
        features = [column.read(column_in(columns, column.name)) for column in self.columns]
        if len({len(part) for part in features}) > 1:
            raise DataError("the columns of the table must be of one length.")
        return np.concatenate(features, axis=1).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        return {"kind": self.kind, "columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TableReader:
        """The reader that `to_json` described."""
        return cls(columns=tuple(map(_column, value["columns"])))


def columns_of(raw: Any) -> Any:
    """A table as something that has columns by their names: a data frame or a mapping."""
    if hasattr(raw, "to_pandas"):  # of Arrow or Polars
        raw = raw.to_pandas()
    if isinstance(raw, Mapping) or hasattr(raw, "columns"):
        return raw
    if isinstance(raw, Iterable) and not isinstance(raw, str):
        rows = list(raw)
        if all(isinstance(row, Mapping) for row in rows):
            # What a row leaves out is missing there; what all leave out is not there.
            names = dict.fromkeys(name for row in rows for name in row)
            return {name: [row.get(name) for row in rows] for name in names}
    raise DataError(
        "a table must be a data frame, a mapping from names to columns, or a list of one mapping "
        f"for each row, got {type(raw).__name__}."
    )


def column_in(columns: Any, name: str) -> Any:
    """The values of a column, an array or a list.

    Raises:
        DataError: If there is none of the name, with those that are alike.
    """
    names = list(columns.keys()) if isinstance(columns, Mapping) else list(columns.columns)
    if name not in names:
        raise DataError(
            f"there is no column {name!r}; {one_of_names(name, list(map(str, names)))}."
        )
    values = columns[name]
    if getattr(getattr(values, "dtype", None), "kind", "O") in "iuf":
        return np.asarray(values)
    return list(values)


def is_missing(value: Any) -> bool:
    """Whether a cell of a table says nothing: None, NaN, pandas' NA or an empty text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    if isinstance(value, Real):
        return isnan(value)
    return type(value).__name__ in ("NAType", "NaTType")


def category_of(value: Any) -> str | None:
    """A cell of a table as a category; None where it is missing.

    Numbers that are whole are the same category, be they integers or not: a column of integers
    becomes one of floats as soon as one is missing.
    """
    if is_missing(value):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _numbers(column: str, values: Any) -> np.ndarray[Any, Any]:
    """The values of a column as floats, NaN where they are missing."""
    if getattr(getattr(values, "dtype", None), "kind", "O") in "iuf":  # fast, for large tables
        numbers = np.asarray(values, dtype=np.float64)
    else:
        numbers = np.asarray([_number(column, i, value) for i, value in enumerate(values)])
    infinite = np.isinf(numbers)
    if infinite.any():
        row = int(infinite.argmax())
        raise DataError(f"row {row} of the column {column!r} holds an infinite number.")
    return numbers


def _number(column: str, row: int, value: Any) -> float:
    if is_missing(value):
        return float("nan")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise DataError(
            f"row {row} of the column {column!r} holds {value!r}, which is no number."
        ) from None


def _column(value: Mapping[str, Any]) -> NumberColumn | CategoryColumn:
    if "categories" in value:
        return CategoryColumn(name=value["name"], categories=tuple(value["categories"]))
    return NumberColumn(**value)
