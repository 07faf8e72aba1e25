"""Single genes: drawing, perturbing and comparing values of Optuna distributions.

Numbers are handled on the unit interval, logarithmic ranges on a logarithmic scale, so that one
sigma suits every gene.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import is_same
from optuna_codeepneat.search_space import plain


if TYPE_CHECKING:
    import numpy as np


def draw(distribution: BaseDistribution, rng: np.random.Generator) -> Any:
    """A value from the whole range, uniformly (of the logarithm, where the range is one)."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[int(rng.integers(len(distribution.choices)))]
    return _from_unit(distribution, float(rng.random()))


def perturb(
    distribution: BaseDistribution, value: Any, rng: np.random.Generator, sigma: float
) -> Any:
    """A value near `value`: Gaussian for numbers, another choice for categories.

    LEAF, section 3.1: "uniform Gaussian distribution and random bit-flipping". Numbers are
    reflected at the ends of their range; a whole number moves by at least one step.
    """
    if isinstance(distribution, CategoricalDistribution):
        others = [c for c in distribution.choices if not is_same(plain(c), plain(value))]
        return others[int(rng.integers(len(others)))] if others else value
    unit = to_unit(distribution, value) + float(rng.normal(0.0, sigma))
    unit %= 2.0
    changed = _from_unit(distribution, 2.0 - unit if unit > 1.0 else unit)
    if changed == value and isinstance(distribution, IntDistribution):
        step = distribution.step if rng.random() < 0.5 else -distribution.step
        for candidate in (value + step, value - step):
            if distribution.low <= candidate <= distribution.high:
                return int(candidate)
    return changed


def between(distribution: BaseDistribution, a: Any, b: Any, share: float) -> Any:
    """The number that is `share` of the way from `a` to `b`, within the range.

    Below 0 and above 1 it lies beyond them.
    """
    if a == b:
        return a
    unit = to_unit(distribution, a)
    unit += share * (to_unit(distribution, b) - unit)
    return _from_unit(distribution, min(max(unit, 0.0), 1.0))


def distance(distribution: BaseDistribution, a: Any, b: Any) -> float:
    """How far two values are apart: 0 or 1 for categories, the share of the range for numbers."""
    if isinstance(distribution, CategoricalDistribution):
        return float(not is_same(plain(a), plain(b)))
    return abs(to_unit(distribution, a) - to_unit(distribution, b))


def to_unit(distribution: BaseDistribution, value: Any) -> float:
    """Where a number stands in its range, from 0 to 1."""
    return Scale.of(distribution)(value)


@dataclass(frozen=True)
class Scale:
    """What places the numbers of a range between 0 and 1; for many of them."""

    low: float
    width: float
    log: bool

    @classmethod
    def of(cls, distribution: BaseDistribution) -> Scale:
        """That of a range of numbers."""
        assert isinstance(distribution, IntDistribution | FloatDistribution)
        low, high = _bounds(distribution)
        if distribution.log and high != low:
            low, high = math.log(low), math.log(high)
        return cls(low, high - low, distribution.log)

    def __call__(self, value: Any) -> float:
        """Where a number stands, from 0 to 1."""
        if not self.width:
            return 0.5
        at = math.log(value) if self.log else value
        return min(max((at - self.low) / self.width, 0.0), 1.0)


def _from_unit(distribution: BaseDistribution, unit: float) -> Any:
    low, high = _bounds(distribution)
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    if distribution.log:
        value = math.exp(math.log(low) + unit * (math.log(high) - math.log(low)))
    else:
        value = low + unit * (high - low)
    if distribution.step is not None and not (distribution.log and distribution.step == 1):
        # The cells around the steps have equal width, so the first and the last are as likely.
        steps = round((distribution.high - distribution.low) / distribution.step)
        value = distribution.low + min(int(unit * (steps + 1)), steps) * distribution.step
    if isinstance(distribution, IntDistribution):
        value = round(value)
        return int(min(max(value, distribution.low), distribution.high))
    return float(min(max(value, distribution.low), distribution.high))


def _bounds(distribution: BaseDistribution) -> tuple[float, float]:
    """The ends of the range; those of whole numbers lie half a step outside."""
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    half = 0.5 * distribution.step if distribution.step is not None else 0.0
    return distribution.low - half, distribution.high + half
