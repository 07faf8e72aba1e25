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
    values: np.ndarray[Any, Any], channel: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means and deviations of each channel; 1 where it does not vary, so that it becomes 0.

    Args:
        values:
            Numbers of any type.
        channel:
            Their axis of channels.
    """
    channels = np.moveaxis(values, channel, 0)
    return _scaling(np.array([_moments(one) for one in channels]))


def scaling_of_counts(
    counts: np.ndarray[Any, Any],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The same of bytes, by how often each of them is in each channel, ``(channels, 256)``."""
    return _scaling(np.array([_moments_of_counts(one) for one in counts]))


def _scaling(moments: np.ndarray[Any, Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    mean, std = moments[:, 0], moments[:, 1]
    std = np.where(std > 1e-12 * np.maximum(1.0, np.abs(mean)), std, 1.0)
    return tuple(mean.tolist()), tuple(std.tolist())


def _moments(values: np.ndarray[Any, Any]) -> tuple[float, float]:
    if values.dtype == np.uint8:
        # As numbers many images would be eight times as large.
        return _moments_of_counts(np.bincount(values.ravel(), minlength=256))
    return float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))


def _moments_of_counts(counts: np.ndarray[Any, Any]) -> tuple[float, float]:
    shares, levels = counts / counts.sum(), np.arange(256.0)
    mean = shares @ levels
    return float(mean), float(np.sqrt(shares @ (levels - mean) ** 2))
