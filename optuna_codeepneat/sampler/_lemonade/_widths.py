"""Widths within the range of their gene."""

from __future__ import annotations

from math import ceil

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution


def at_least(distribution: BaseDistribution, value: float) -> int | None:
    """The least whole number of a range from a value on, else its largest; None if it has none."""
    whole = _choices(distribution)
    if whole is not None:
        return min((w for w in whole if w >= value), default=max(whole, default=None))
    if not isinstance(distribution, IntDistribution):
        return None
    low, high, step = distribution.low, distribution.high, distribution.step
    return min(max(low, low + ceil((value - low) / step) * step), high)


def at_most(distribution: BaseDistribution, value: float) -> int | None:
    """The largest whole number of a range up to a value, else its least; None if it has none."""
    whole = _choices(distribution)
    if whole is not None:
        return max((w for w in whole if w <= value), default=min(whole, default=None))
    if not isinstance(distribution, IntDistribution):
        return None
    low, step = distribution.low, distribution.step
    return max(low, low + int((min(value, distribution.high) - low) // step) * step)


def _choices(distribution: BaseDistribution) -> list[int] | None:
    if not isinstance(distribution, CategoricalDistribution):
        return None
    return [c for c in distribution.choices if isinstance(c, int) and not isinstance(c, bool)]
