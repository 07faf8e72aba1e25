"""Hyperparameters alone: no worse than NSGA-II on plain functions, with the defaults."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean

import optuna
import pytest

from optuna_codeepneat import CoDeepNEATSampler


pytestmark = pytest.mark.long

N_TRIALS = 120


def best_of(
    objective: Callable[[optuna.Trial], float],
    sampler: optuna.samplers.BaseSampler,
    n_trials: int = N_TRIALS,
) -> optuna.trial.FrozenTrial:
    study = optuna.create_study(sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study.best_trial


def float_and_category(trial: optuna.Trial) -> float:
    """Each category has its own optimum in a steep valley; that of "c" is a little deeper."""
    kind = trial.suggest_categorical("kind", list("abcd"))
    x = trial.suggest_float("x", -5.0, 5.0)
    floor, best = {"a": (0.3, -3.0), "b": (0.1, -1.0), "c": (0.0, 2.0), "d": (0.2, 4.0)}[kind]
    return float(floor + 1.5 * abs(x - best) ** 0.7)


def five_floats(trial: optuna.Trial) -> float:
    """Rosenbrock's function."""
    xs = [trial.suggest_float(f"x{i}", -2.0, 2.0) for i in range(5)]
    pairs = zip(xs, xs[1:], strict=False)
    return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in pairs)


def eleven_floats(trial: optuna.Trial) -> float:
    xs = [trial.suggest_float(f"x{i}", -5.0, 5.0) for i in range(11)]
    return sum((x - 3.0 + 0.5 * i) ** 2 for i, x in enumerate(xs))


@pytest.mark.soak
def test_the_right_category_is_found_although_its_number_matters_more() -> None:
    found = [
        best_of(float_and_category, CoDeepNEATSampler(seed=seed), 240).params["kind"]
        for seed in range(10)
    ]
    # Chance is 1. Without a model it is found more often: the narrow valley of the right one looks
    # like nothing to a smooth model, until evolution, which has every second turn then, is in it.
    # Four of ten where this was written, as without weighed features; once it was seven.
    assert found.count("c") >= 3


@pytest.mark.parametrize(
    "objective",
    [five_floats, pytest.param(eleven_floats, marks=[pytest.mark.long, pytest.mark.soak])],
)
def test_runs_end_ahead_of_those_of_nsga_ii(
    objective: Callable[[optuna.Trial], float],
) -> None:
    values: dict[str, list[float]] = {"ours": [], "theirs": []}
    for seed in range(3):
        ours = best_of(objective, CoDeepNEATSampler(seed=seed))
        theirs = best_of(objective, optuna.samplers.NSGAIISampler(seed=seed))
        assert ours.value is not None and theirs.value is not None
        values["ours"].append(ours.value)
        values["theirs"].append(theirs.value)
    # Of all pairs of runs; half of them if both were equally good.
    assert mean(a < b for a in values["ours"] for b in values["theirs"]) >= 0.75
