"""The model against what is known of Gaussian processes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.sampler._surrogate._gaussian_process import GaussianProcess
from optuna_codeepneat.sampler._surrogate._gaussian_process import Kernel
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.sampler._surrogate._gaussian_process import _Relevance
from optuna_codeepneat.sampler._surrogate._scaling import Scaling


RNG = np.random.default_rng(0)
POINTS = RNG.uniform(size=(60, 2))


def smooth(points: np.ndarray) -> np.ndarray:
    return 3.0 + np.sin(4.0 * points[:, 0]) + points[:, 1] ** 2


def scaled(known: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    scaling = Scaling.of(known)
    return [scaling.points(features) for features in (known, *others)]


def fitted(points: np.ndarray, values: np.ndarray, model: str = "gp") -> GaussianProcess:
    return GaussianProcess.fit(points, values, Tuner(model)(points, values))


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
    without = Tuner("gp")(points, smooth(POINTS)).noise
    noise = RNG.normal(size=len(POINTS))
    slight = Tuner("gp")(points, smooth(POINTS) + 0.3 * noise).noise
    pure = Tuner("gp")(points, noise).noise
    assert without < slight < pure == 1.0


def test_the_length_is_that_of_the_function() -> None:
    (points,) = scaled(np.linspace(0.0, 1.0, 60)[:, None])
    lengths = [Tuner("gp")(points, np.sin(f * points[:, 0])).length for f in (2.0, 12.0)]
    assert lengths[0] > lengths[1]


def test_a_ridge_regression_recovers_a_line() -> None:
    """Wherever the candidates are."""
    known, unknown = scaled(POINTS, POINTS + 0.5)
    slope = np.array([2.0, -1.0])
    mean, _ = fitted(known, POINTS @ slope + 5.0, "ridge").predict(unknown)
    assert mean == pytest.approx((POINTS + 0.5) @ slope + 5.0, abs=0.1)


def test_two_known_networks_are_one_apart_on_average() -> None:
    features = RNG.normal(size=(50, 7)) * [1e-3, 1.0, 1e3, 5.0, 0.0, 1.0, 1.0] + 4.0
    scaling = Scaling.of(features)
    points = scaling.points(features)
    assert points.shape == (50, 6)  # one feature was constant
    assert scaling.is_used.tolist() == [True] * 4 + [False] + [True] * 2
    squares = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    assert squares.mean() == pytest.approx(1.0)
    assert scaling.novelty(features, np.zeros(50)) == pytest.approx(np.zeros(50), abs=1e-12)


def test_what_no_known_network_has_makes_others_unlike_them() -> None:
    """In a feature that known networks have alike, or in one that none of them has."""
    features = np.hstack([POINTS, np.ones((60, 1))])
    scaling = Scaling.of(features)
    lacking = np.vstack([features[:1], features[:1] - [0.0, 0.0, 1.0]])
    novelty = scaling.novelty(lacking, np.zeros(2))
    assert 1.0 < novelty[1] > 100.0 * novelty[0]
    assert scaling.novelty(features[:1], np.ones(1)) == pytest.approx(novelty[1:])
    model = fitted(scaling.points(features), smooth(POINTS))
    _, deviation = model.predict(scaling.points(lacking), novelty)
    assert deviation[1] > 3.0 * deviation[0]


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


def test_kinds_that_matter_count_more_than_those_that_do_not() -> None:
    """Of five features the first alone matters, the second a little."""
    rng = np.random.default_rng(1)
    features = rng.uniform(size=(160, 5))
    values = np.sin(5.0 * features[:, 0]) + 0.3 * features[:, 1]
    kinds = list("abcde")
    known, unknown = scaled(features[:60], features[60:])
    kernel = Tuner("gp")(known, values[:60], kinds)
    assert kernel.relevance["a"] > 5.0 * max(kernel.relevance[kind] for kind in "cde")
    errors = []
    for own, of_columns in ((Tuner("gp")(known, values[:60]), []), (kernel, kinds)):
        mean, _ = GaussianProcess.fit(known, values[:60], own, of_columns).predict(unknown)
        errors.append(np.abs(mean - values[60:]).mean())
    assert errors[1] < 0.6 * errors[0]


def test_what_has_not_mattered_yet_is_not_forgotten() -> None:
    """The model still knows less of a point that differs in what was hardly relevant."""
    (points,) = scaled(POINTS)
    kernel = Kernel(0.5, 0.003, {"a": 4.0, "b": 1e-9})
    model = GaussianProcess.fit(points, smooth(POINTS), kernel, ["a", "b"])
    _, deviation = model.predict(points[:1] + np.array([[0.0, 0.0], [0.0, 2.0]]))
    assert deviation[1] > 3.0 * deviation[0]


def test_a_kind_of_its_own_for_all_features_is_none() -> None:
    (points,) = scaled(POINTS)
    values = smooth(POINTS)
    assert Tuner("gp")(points, values, ["a", "a"]) == Tuner("gp")(points, values)
    assert Tuner("ridge")(points, values, ["a", "b"]) == Tuner("ridge")(points, values)


def test_slopes_are_those_of_the_likelihood() -> None:
    """Rasmussen and Williams 2006, equation 5.9, against differences."""
    points = RNG.normal(0.0, 0.3, size=(30, 6))
    values = points[:, 0] - points[:, 1] ** 2
    climb = _Relevance(points, values / values.std(), list("abcdef"), Kernel(1.0, 0.01))
    climb._logs = RNG.normal(0.0, 0.5, size=6)

    def worth(logs: np.ndarray) -> float:
        return climb._worth(logs, np.tensordot(np.exp(logs), climb._parts, 1), climb._noise)

    climb._exponents = np.tensordot(np.exp(climb._logs), climb._parts, 1)
    steps = 1e-3 * np.eye(6)
    expected = [(worth(climb._logs + s) - worth(climb._logs - s)) / 2e-3 for s in steps]
    assert climb._slopes == pytest.approx(expected, abs=0.01)


def test_what_matters_is_found_among_hundreds_at_the_price_of_a_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A search for the relevances costs as much for 200 parameters as for 40."""
    calls = 0
    worth = _Relevance._worth

    def counted(self: _Relevance, *args: Any) -> float:
        nonlocal calls
        calls += 1
        return worth(self, *args)

    monkeypatch.setattr(_Relevance, "_worth", counted)
    costs = []
    for n in (40, 200):
        calls = 0
        features = np.random.default_rng(1).uniform(size=(80, n))
        values = features[:, n // 2] + 0.5 * features[:, n // 3]
        (points,) = scaled(features)
        kernel = Tuner("gp")(points, values, [str(i) for i in range(n)])
        ranked = sorted(kernel.relevance, key=lambda kind: -kernel.relevance[kind])
        assert set(ranked[:2]) == {str(n // 2), str(n // 3)}
        costs.append(calls)
    assert costs[1] < 1.5 * costs[0]
