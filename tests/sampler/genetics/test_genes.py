"""Single genes: drawing, perturbing and comparing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.sampler._genetics._genes import between
from optuna_codeepneat.sampler._genetics._genes import distance
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._genes import perturb
from optuna_codeepneat.search_space._ranges import contains


SEEDS = st.integers(0, 2**32)


@st.composite
def numbers(draw_: st.DrawFn) -> BaseDistribution:
    """A distribution of numbers: whole or not, linear, in steps or logarithmic."""
    kind = draw_(st.sampled_from(("linear", "step", "log")))
    if draw_(st.booleans()):
        low = draw_(st.integers(1 if kind == "log" else -1000, 1000))
        high = low + draw_(st.integers(0, 1000))
        step = draw_(st.integers(1, 50)) if kind == "step" else 1
        return IntDistribution(low, high - (high - low) % step, log=kind == "log", step=step)
    if kind == "log":
        low = 10.0 ** draw_(st.floats(-9, 3))
        return FloatDistribution(low, low * 10.0 ** draw_(st.floats(0, 9)), log=True)
    if kind == "linear":
        low = draw_(st.floats(-1000, 1000))
        return FloatDistribution(low, low + draw_(st.floats(0, 1000)))
    step = draw_(st.sampled_from((0.25, 0.5, 1.0, 2.5)))
    first = draw_(st.integers(-100, 100))
    return FloatDistribution(first * step, (first + draw_(st.integers(0, 30))) * step, step=step)


CHOICES = st.lists(
    st.one_of(
        st.none(), st.booleans(), st.integers(2, 99), st.sampled_from(("a", "b", "", "relu"))
    ),
    min_size=1,
    max_size=5,
    unique=True,
)
DISTRIBUTIONS = st.one_of(numbers(), CHOICES.map(CategoricalDistribution))


@given(DISTRIBUTIONS, SEEDS)
def test_drawn_values_are_in_the_distribution(distribution: BaseDistribution, seed: int) -> None:
    value = draw(distribution, np.random.default_rng(seed))
    assert contains(distribution, value)
    assert not isinstance(value, np.generic)


@given(DISTRIBUTIONS, SEEDS, st.floats(0, 10))
def test_perturbed_values_are_in_the_distribution(
    distribution: BaseDistribution, seed: int, sigma: float
) -> None:
    rng = np.random.default_rng(seed)
    value = draw(distribution, rng)
    for _ in range(5):
        value = perturb(distribution, value, rng, sigma)
        assert contains(distribution, value)
        assert not isinstance(value, np.generic)


@given(DISTRIBUTIONS, SEEDS)
def test_perturbed_whole_numbers_and_categories_change(
    distribution: BaseDistribution, seed: int
) -> None:
    assume(not distribution.single() and not isinstance(distribution, FloatDistribution))
    rng = np.random.default_rng(seed)
    value = draw(distribution, rng)
    # A sigma far below one step: rounding alone would give the same value again.
    assert perturb(distribution, value, rng, 1e-9) != value


@given(numbers(), SEEDS, st.integers(-3000, 3000))
def test_value_of_a_former_range_comes_back_into_the_range(
    distribution: BaseDistribution, seed: int, value: int
) -> None:
    assume(not distribution.log or value > 0)  # type: ignore[attr-defined]
    changed = perturb(distribution, value, np.random.default_rng(seed), 0.1)
    assert contains(distribution, changed)


@given(numbers(), SEEDS, st.floats(-2, 3))
def test_number_between_two_is_in_the_distribution(
    distribution: BaseDistribution, seed: int, share: float
) -> None:
    rng = np.random.default_rng(seed)
    a, b = draw(distribution, rng), draw(distribution, rng)
    value = between(distribution, a, b, share)
    assert contains(distribution, value)
    assert not isinstance(value, np.generic)
    assert between(distribution, a, a, share) == a
    assert between(distribution, a, b, 0.0) == pytest.approx(a)
    assert between(distribution, a, b, 1.0) == pytest.approx(b)


def test_number_between_two_lies_on_the_scale_of_the_range() -> None:
    assert between(FloatDistribution(0.0, 10.0), 2.0, 4.0, 0.25) == pytest.approx(2.5)
    assert between(FloatDistribution(0.0, 10.0), 2.0, 4.0, 1.5) == pytest.approx(5.0)
    assert between(FloatDistribution(0.0, 10.0), 2.0, 8.0, 2.0) == 10.0
    log = FloatDistribution(1e-4, 1.0, log=True)
    assert between(log, 1e-4, 1e-2, 0.5) == pytest.approx(1e-3)
    assert between(IntDistribution(0, 10), 2, 6, 0.5) == 4


@given(DISTRIBUTIONS, SEEDS)
def test_distance_is_symmetric_and_zero_on_itself(
    distribution: BaseDistribution, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = draw(distribution, rng), draw(distribution, rng)
    assert distance(distribution, a, a) == 0.0
    assert distance(distribution, a, b) == distance(distribution, b, a)
    assert 0.0 <= distance(distribution, a, b) <= 1.0
    if a != b and not isinstance(distribution, FloatDistribution):
        assert distance(distribution, a, b) > 0.0


def test_distance_is_logarithmic_where_the_range_is() -> None:
    linear, log = FloatDistribution(1e-4, 1.0), FloatDistribution(1e-4, 1.0, log=True)
    assert distance(log, 1e-4, 1e-3) == pytest.approx(0.25)
    assert distance(log, 1e-1, 1.0) == pytest.approx(0.25)
    assert distance(linear, 1e-4, 1e-3) < 0.001


@pytest.mark.parametrize(
    "distribution",
    [
        IntDistribution(0, 9),
        IntDistribution(0, 90, step=10),
        FloatDistribution(0.0, 0.9, step=0.1),
        CategoricalDistribution(tuple(range(10))),
    ],
)
def test_every_value_is_drawn_equally_often_the_ends_included(
    distribution: BaseDistribution,
) -> None:
    rng = np.random.default_rng(0)
    drawn = [draw(distribution, rng) for _ in range(5000)]
    _, counts = np.unique(drawn, return_counts=True)
    assert len(counts) == 10
    assert 400 < counts.min() and counts.max() < 600  # 500 +- 5 standard deviations


@pytest.mark.parametrize(
    "distribution",
    [FloatDistribution(1e-4, 1.0, log=True), IntDistribution(100, 10_000, log=True)],
)
def test_logarithmic_ranges_are_drawn_evenly_over_the_decades(
    distribution: FloatDistribution | IntDistribution,
) -> None:
    rng = np.random.default_rng(0)
    drawn = np.log10([draw(distribution, rng) for _ in range(4000)])
    assert np.median(drawn) == pytest.approx(
        np.log10([distribution.low, distribution.high]).mean(), abs=0.15
    )


@pytest.mark.parametrize(
    "distribution", [FloatDistribution(-3.0, 5.0), FloatDistribution(1e-6, 1e2, log=True)]
)
def test_sigma_is_a_share_of_the_range_on_its_own_scale(distribution: FloatDistribution) -> None:
    rng = np.random.default_rng(0)
    ends = distribution.low, distribution.high
    middle = math.sqrt(ends[0] * ends[1]) if distribution.log else sum(ends) / 2
    moved = [
        distance(distribution, middle, perturb(distribution, middle, rng, 0.1))
        for _ in range(2000)
    ]
    assert np.sqrt(np.mean(np.square(moved))) == pytest.approx(0.1, rel=0.1)


def test_numbers_do_not_pile_up_at_the_ends() -> None:
    distribution, rng = FloatDistribution(0.0, 1.0), np.random.default_rng(0)
    moved = [perturb(distribution, 1.0, rng, 0.2) for _ in range(500)]
    assert sum(value in (0.0, 1.0) for value in moved) == 0
