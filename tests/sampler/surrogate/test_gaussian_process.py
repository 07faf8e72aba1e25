"""The model against what is known of Gaussian processes."""

from __future__ import annotations

import numpy as np
import pytest

from optuna_codeepneat.sampler._surrogate._gaussian_process import GaussianProcess
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.sampler._surrogate._gaussian_process import scaled


RNG = np.random.default_rng(0)
POINTS = RNG.uniform(size=(60, 2))


def smooth(points: np.ndarray) -> np.ndarray:
    return 3.0 + np.sin(4.0 * points[:, 0]) + points[:, 1] ** 2


def fitted(points: np.ndarray, values: np.ndarray, model: str = "gp") -> GaussianProcess:
    return GaussianProcess.fit(points, values, *Tuner(model)(points, values))


def test_data_without_noise_are_met() -> None:
    (points,) = scaled(POINTS)
    mean, deviation = fitted(points, smooth(POINTS)).predict(points)
    assert np.abs(mean - smooth(POINTS)).max() < 0.02
    assert deviation.max() < 0.1


def test_between_the_data_the_prediction_is_as_good_as_it_says() -> None:
    others = RNG.uniform(size=(200, 2))
    known, unknown = scaled(POINTS, others)
    mean, deviation = fitted(known, smooth(POINTS)).predict(unknown)
    errors = np.abs(mean - smooth(others))
    assert errors.mean() < 0.03
    assert (errors < 3.0 * deviation + 0.01).mean() > 0.9


def test_far_away_nothing_is_known() -> None:
    (points,) = scaled(POINTS)
    values = smooth(POINTS)
    mean, deviation = fitted(points, values).predict(points[:1] + 1e3)
    assert mean == pytest.approx([values.mean()])
    assert 0.3 * values.std() < deviation[0] < 10.0 * values.std()


def test_noise_is_found() -> None:
    (points,) = scaled(POINTS)
    _, without = Tuner("gp")(points, smooth(POINTS))
    noise = RNG.normal(size=len(POINTS))
    _, slight = Tuner("gp")(points, smooth(POINTS) + 0.3 * noise)
    _, pure = Tuner("gp")(points, noise)
    assert without < slight < pure == 1.0


def test_the_length_is_that_of_the_function() -> None:
    (points,) = scaled(np.linspace(0.0, 1.0, 60)[:, None])
    lengths = [Tuner("gp")(points, np.sin(f * points[:, 0]))[0] for f in (2.0, 12.0)]
    assert lengths[0] > lengths[1]


def test_a_ridge_regression_recovers_a_line() -> None:
    """Wherever the candidates are."""
    known, unknown = scaled(POINTS, POINTS + 0.5)
    slope = np.array([2.0, -1.0])
    mean, _ = fitted(known, POINTS @ slope + 5.0, "ridge").predict(unknown)
    assert mean == pytest.approx((POINTS + 0.5) @ slope + 5.0, abs=0.1)


def test_two_networks_are_one_apart_on_average() -> None:
    features = RNG.normal(size=(50, 7)) * [1e-3, 1.0, 1e3, 5.0, 0.0, 1.0, 1.0] + 4.0
    known, others = scaled(features[:30], features[30:])
    points = np.vstack([known, others])
    assert points.shape == (50, 6)  # one feature was constant
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    assert squares.mean() == pytest.approx(1.0)


def test_constant_values_are_no_obstacle() -> None:
    (points,) = scaled(POINTS)
    mean, deviation = fitted(points, np.full(len(POINTS), 7.0)).predict(points + 0.1)
    assert mean == pytest.approx(np.full(len(POINTS), 7.0))
    assert np.isfinite(deviation).all()


def test_length_and_noise_are_sought_again_whenever_there_is_a_fifth_more() -> None:
    looked_at = [Tuner("gp").n_tuned(n) for n in range(10, 2000)]
    assert looked_at == sorted(looked_at)
    assert all(n / 1.25 - 1 <= most <= n for n, most in enumerate(looked_at, 10))
    assert len(set(looked_at)) < 35
