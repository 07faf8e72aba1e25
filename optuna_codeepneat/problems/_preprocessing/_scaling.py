"""Means and standard deviations, by which numbers are brought to one scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np


def checked_scaling(mean: Sequence[float], std: Sequence[float]) -> None:
    """Raises `ValueError` unless these are as many means as deviations, finite and above 0."""
    if len(mean) != len(std):
        raise ValueError(
            f"`mean` and `std` must be of the same length, got {len(mean)} and {len(std)}."
        )
    for number in mean:
        if not isfinite(number):
            raise ValueError(f"`mean` must hold finite numbers, got {number!r}.")
    for number in std:
        if not (isfinite(number) and number > 0.0):
            raise ValueError(f"`std` must hold finite numbers greater than 0, got {number!r}.")


def scaling_of(
    values: np.ndarray[Any, Any], axis: int | tuple[int, ...]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means and deviations along some axes; 1 where values do not vary, so that they become 0."""
    # A little at a time, as 64 bits for each pixel of many images would be eight times as much.
    mean = np.atleast_1d(values.mean(axis, dtype=np.float64))
    std = np.atleast_1d(_std(values, axis))
    std = np.where(std > 1e-12 * np.maximum(1.0, np.abs(mean)), std, 1.0)
    return tuple(mean.tolist()), tuple(std.tolist())


def _std(values: np.ndarray[Any, Any], axis: int | tuple[int, ...]) -> Any:
    dtype = np.float32 if values.dtype == np.uint8 else np.float64
    return values.std(axis, dtype=dtype)
