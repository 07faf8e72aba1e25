"""Losses as the model sees them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.sampler._surrogate._warping import Warping


LOSSES = st.lists(st.integers(-20, 20).map(lambda n: n / 8), min_size=2, max_size=30).map(np.array)


@given(LOSSES)
@example(np.array([0.0, 0.0, 0.0, 5.0, 6.0]))  # more than half are the best
@example(np.array([0.0, 5.0, 5.0, 5.0, 6.0]))
def test_order_is_kept(losses: np.ndarray) -> None:
    """The less is the less, and what differs differs."""
    ordered = np.unique(losses)
    warped = Warping.of(losses)(ordered)
    assert (np.diff(warped) > 0.0).all()


@given(LOSSES)
def test_equal_losses_stay_equal(losses: np.ndarray) -> None:
    warped = Warping.of(losses)(np.concatenate([losses, losses]))
    assert np.array_equal(warped[: len(losses)], warped[len(losses) :])


@given(LOSSES)
@example(np.array([0.0, 0.0, 0.0, 5.0, 6.0]))
def test_there_and_back(losses: np.ndarray) -> None:
    warping = Warping.of(losses)
    assert warping.back(warping(losses)) == pytest.approx(losses)


@given(LOSSES, st.floats(0.01, 100.0))
def test_what_is_better_than_all_is_as_much_better(losses: np.ndarray, by: float) -> None:
    warping = Warping.of(losses)
    best = losses.min()
    assert warping.back(warping(np.array([best])) - by) == pytest.approx([best - by])


def test_the_better_half_keeps_its_distances_and_the_worst_is_near() -> None:
    losses = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 1e3, 1e9])
    warped = Warping.of(losses)(losses)
    assert warped[:4] == pytest.approx(losses[:4])
    assert 0.7 < warped[-1] < 3.0


def test_no_warping_changes_nothing() -> None:
    losses = np.array([3.0, 1.0, 1e9, 1.0])
    warping = Warping.none(losses)
    assert np.array_equal(warping(losses), losses)
    assert np.array_equal(warping.back(losses), losses)
