"""What a model believes of the trials of a study."""

from __future__ import annotations

import math

import numpy as np
import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.sampler import believed_values
from tests.sampler.studies import SPACE


def test_luck_is_not_believed_whoever_sampled() -> None:
    """The size is as it is, and directions are as the study has them."""
    luck = np.random.default_rng(0).normal(size=80)
    true: dict[int, float] = {}
    study = optuna.create_study(
        directions=["minimize", "maximize"], sampler=optuna.samplers.RandomSampler(seed=1)
    )

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = SPACE.suggest(trial)
        rate = trial.suggest_float("rate", 1e-4, 1e-1, log=True)
        true[trial.number] = math.log(architecture.macs + 1) + math.log10(rate)
        return true[trial.number] + luck[trial.number], -architecture.num_params

    study.optimize(objective, n_trials=80)
    believed = believed_values(study, SPACE)
    observed = {trial.number: trial.values for trial in study.trials if trial.values}
    assert believed.keys() == observed.keys()
    assert {n: values[1] for n, values in believed.items()} == {
        n: values[1] for n, values in observed.items()
    }
    errors = [abs(believed[n][0] - true[n]) for n in observed]
    assert np.mean(errors) < 0.6 * np.mean([abs(observed[n][0] - true[n]) for n in observed])


def test_few_trials_are_believed() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    assert believed_values(study) == {}
    study.optimize(lambda trial: trial.suggest_float("x", -1, 1), n_trials=9)
    assert believed_values(study) == {t.number: tuple(t.values) for t in study.trials}


def test_trials_without_finite_values_are_left_out() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        if trial.number == 1:
            raise optuna.TrialPruned
        return {2: math.inf, 3: math.nan}.get(trial.number, x**2)

    study.optimize(objective, n_trials=20)
    study.ask()
    assert believed_values(study).keys() == {0, *range(4, 20)}


def test_networks_of_another_space_are_left_out() -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: float(SPACE.suggest(trial).depth), n_trials=12)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    assert believed_values(study, SPACE).keys() == set(range(12))


def test_of_many_trials_the_front_and_the_last_are_looked_at() -> None:
    ranges = {"x": FloatDistribution(0.0, 1.0)}
    study = optuna.create_study()
    study.add_trials(
        create_trial(
            state=TrialState.COMPLETE,
            value=-5.0 if i == 3 else x,
            params={"x": x},
            distributions=ranges,
        )
        for i, x in enumerate(np.random.default_rng(0).uniform(size=1200).tolist())
    )
    assert believed_values(study).keys() == {3, *range(201, 1200)}
