"""Options that several problems have: what is wrong with values, and examples by their number."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import TypeVar

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._splits import stratified_split


_Value = TypeVar("_Value")


def one_of(name: str, value: _Value, known: Sequence[_Value] | Mapping[_Value, object]) -> _Value:
    """An option's value; ValueError if it is none of those that there are."""
    if value not in known:
        raise ValueError(f"`{name}` must be one of {', '.join(map(str, known))}, got {value!r}.")
    return value


def chosen_of(labels: np.ndarray[Any, Any], n: int) -> np.ndarray[Any, Any]:
    """The indices of so many examples, with all classes in proportion.

    Raises:
        DataError: If there are fewer.
    """
    if n > len(labels):
        raise DataError(
            f"{n:,} training images are asked for, and the files hold {len(labels):,}."
        )
    if n == len(labels):
        return np.arange(n)
    return stratified_split(labels, n_validation=n)[1]
