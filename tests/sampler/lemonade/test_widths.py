"""Widths within the range of their gene."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.sampler._lemonade._widths import at_least
from optuna_codeepneat.sampler._lemonade._widths import at_most


RANGES = [
    IntDistribution(4, 40, step=4),
    IntDistribution(3, 50, log=True),
    IntDistribution(8, 8),
    CategoricalDistribution((16, 64, 32, "wide")),
]


@pytest.mark.parametrize("distribution", RANGES, ids=str)
@given(value=st.floats(0, 100))
def test_nearest_value_on_one_side_or_the_end_of_the_range(
    distribution: BaseDistribution, value: float
) -> None:
    whole = [w for w in range(1, 101) if distribution._contains(_internal(distribution, w))]
    above, below = [w for w in whole if w >= value], [w for w in whole if w <= value]
    assert at_least(distribution, value) == (min(above) if above else max(whole))
    assert at_most(distribution, value) == (max(below) if below else min(whole))


def _internal(distribution: BaseDistribution, value: int) -> float:
    if not isinstance(distribution, CategoricalDistribution):
        return value
    return distribution.choices.index(value) if value in distribution.choices else -1


def test_no_whole_numbers() -> None:
    for distribution in (FloatDistribution(0, 1), CategoricalDistribution((True, "a"))):
        assert at_least(distribution, 1) is at_most(distribution, 1) is None
