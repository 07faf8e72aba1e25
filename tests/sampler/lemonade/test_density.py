"""The kernel density over the cheap objectives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.sampler import Density


def test_rare_sizes_are_drawn_more_often() -> None:
    points = np.array([[1000.0], [1050.0], [1100.0], [1200.0], [90_000.0]])
    weights = Density().weights(points, points)
    assert weights.sum() == pytest.approx(1.0)
    assert np.argmax(weights) == 4 and weights[4] > 2 * weights[0]
    far, near = Density().weights(points, np.array([[10_000.0], [1000.0]]))
    assert far > 3 * near


@pytest.mark.parametrize("n", [1, 2])
def test_front_of_one_or_two(n: int) -> None:
    points = np.array([[500.0, 3.0]] * n)
    assert Density().weights(points, points) == pytest.approx(1 / n)
    # A factor of two in size is favoured, and no factor for ever.
    same, double, huge = Density().weights(points, np.array([[500, 3], [1000, 3], [1e9, 3]]))
    assert same < double < huge < 60 * same


@given(st.lists(st.floats(1e-3, 1e12), min_size=1, max_size=20), st.floats(1e-6, 1e6))
def test_scale_does_not_matter(sizes: list[float], unit: float) -> None:
    points = np.array(sizes)[:, None]
    at = points[::-1]
    assert Density().weights(points * unit, at * unit) == pytest.approx(
        Density().weights(points, at), rel=1e-6
    )


def test_zero_and_negative_values_are_places_too() -> None:
    points = np.array([[0.0], [0.0], [0.1], [-0.1], [-900.0], [1e6]])
    weights = Density().weights(points, points)
    assert weights.sum() == pytest.approx(1.0)
    assert min(weights[4:]) > 2 * max(weights[:4])
    # Far from zero it is the logarithm that counts, and other objectives do not change theirs.
    both = np.concatenate([points, np.array([[1.0, 1.1, 1.2, 1.3, 1.4, 1e3]]).T], axis=1)
    near, far = Density().weights(both, np.array([[0.0, 1.2], [0.0, 1e3]]))
    assert far > 2 * near


@pytest.mark.parametrize("name", ["min_bandwidth", "background"])
def test_wrong_arguments_are_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"`{name}` must be above 0, got 0"):
        Density(**{name: 0})
