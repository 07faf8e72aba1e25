"""The values of targets as users have them: classes, numbers, labels."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from math import isfinite
from typing import Any
from typing import TypeAlias

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing import is_missing


Place: TypeAlias = Callable[[int], str]
"""Names an example for people."""


def target_columns(y: Any, n: int) -> list[list[Any]]:
    """The columns of an array, a data frame or a list of `n` targets.

    Raises:
        DataError: If they are of no shape for targets.
        ValueError: If they are not `n`.
    """
    given = y.detach().cpu().numpy() if hasattr(y, "detach") else y
    try:
        array = np.asarray(given)
    except ValueError:  # "inhomogeneous"
        raise DataError("targets must all have one shape.") from None
    if (
        isinstance(given, list) and array.dtype.kind in "US"
    ):  # which makes texts of all that is there
        array = np.asarray(given, dtype=object)
    if array.ndim == 0 or len(array) != n:
        raise ValueError(f"`y` must hold {n} targets, one for each example, got {array.shape}.")
    if array.ndim > 2:
        raise DataError(
            f"a target has the shape {array.shape[1:]}; it must be a class or a number, or a "
            "vector of numbers or labels."
        )
    return [column.tolist() for column in (array.T if array.ndim == 2 else [array])]


def check_filled(column: Sequence[Any], name: str | None, place: Place) -> None:
    """Raises `DataError` if an example has no value in a column."""
    for i, value in enumerate(column):
        if is_missing(value):
            what = "no target" if name is None else f"no target {name!r}"
            raise DataError(f"{place(i)} has {what}; fill it, or leave the example out.")


def class_name(value: Any) -> Any:
    """What a class is called: a whole number, true or false, or a text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, bool | int) else str(value).strip()


def numbers_in(columns: Sequence[Sequence[Any]], task: str, place: Place) -> np.ndarray[Any, Any]:
    """Columns of numbers as one array ``(examples, columns)``; `DataError` where one is none."""
    return np.stack([_numbers(column, task, place) for column in columns], axis=1)


def one_hot_classes(columns: Sequence[Sequence[Any]], place: Place) -> np.ndarray[Any, Any]:
    """Class numbers ``(examples,)`` by a column of 0 and 1 for each class.

    Raises:
        DataError: If an example is not of exactly one.
    """
    numbers = numbers_in(columns, "labels", place)
    wrong = (numbers.sum(1) != 1) | ~np.isin(numbers, (0, 1)).all(1)
    if wrong.any():
        raise DataError(
            f"{place(int(wrong.argmax()))} is not of exactly one class: of several targets one "
            "must be 1 and the others 0; with `task='labels'` there may be any number of them."
        )
    return np.asarray(numbers.argmax(1))


def check_labels(numbers: np.ndarray[Any, Any], place: Place) -> None:
    """Raises `DataError` if a label, ``(examples, labels)``, is neither 0 nor 1."""
    wrong = ~np.isin(numbers, (0, 1)).all(1)
    if wrong.any():
        raise DataError(
            f"{place(int(wrong.argmax()))} has a label that is neither 0 nor 1; each label needs "
            "a column of 0 and 1."
        )


def _numbers(column: Sequence[Any], task: str, place: Place) -> np.ndarray[Any, Any]:
    numbers = np.empty(len(column))
    for i, value in enumerate(column):
        try:
            numbers[i] = float(value)
        except (TypeError, ValueError):
            raise DataError(
                f"{place(i)} has the target {value!r}, and the task {task!r} needs numbers."
            ) from None
        if not isfinite(numbers[i]):
            raise DataError(f"{place(i)} has a target that is infinite.")
    return numbers
