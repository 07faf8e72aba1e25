"""Studies as figures meet them: of every kind, made in a moment."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager

import numpy as np
import optuna
from optuna.samplers import BaseSampler
from optuna.trial import Trial

from optuna_codeepneat import Architecture
from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat import SearchSpace


SPACE = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)

OBJECTIVES: dict[str, Callable[[Architecture, float], float]] = {
    "accuracy": lambda network, rate: skill(network, rate),
    "num_params": lambda network, rate: float(network.num_params),
    "macs": lambda network, rate: float(network.macs),
    "depth": lambda network, rate: float(network.depth),
    "latency": lambda network, rate: 1e-5 * len(network.operations) * (1 + rate),
}


def skill(network: Architecture, rate: float) -> float:
    """Something like an accuracy: depth and size help, up to a point."""
    size = 1 - math.exp(-network.num_params / 3000)
    return round(0.3 + 0.5 * size + 0.15 * math.tanh(network.depth / 4) - abs(rate - 0.1) / 5, 4)


@contextmanager
def hushed() -> Iterator[None]:
    """Without what Optuna logs of each trial."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


@hushed()
def searched(
    n_trials: int = 40,
    *,
    objectives: Sequence[str] = ("accuracy", "num_params"),
    sampler: BaseSampler | None = None,
    unlucky: bool = False,
    bounded: bool = False,
    names: bool = True,
    storage: optuna.storages.BaseStorage | None = None,
) -> optuna.Study:
    """A study that was searched by a formula.

    Args:
        n_trials:
            How many trials it has.
        objectives:
            Names of `OBJECTIVES`.
        sampler:
            What proposed the networks; None for CoDeepNEAT.
        unlucky:
            Whether some trials failed, some were pruned and one returned infinity.
        bounded:
            Whether deep networks violate a constraint.
        names:
            Whether the study knows the names of its objectives.
        storage:
            Where it lies; None for memory.
    """
    directions = ["maximize" if name == "accuracy" else "minimize" for name in objectives]
    study = optuna.create_study(
        study_name="searched",
        directions=directions,
        sampler=sampler
        or CoDeepNEATSampler(SPACE, seed=1, assembled_population_size=10, surrogate=None),
        storage=storage,
    )
    if names:
        study.set_metric_names(list(objectives))

    def objective(trial: Trial) -> list[float]:
        architecture = SPACE.suggest(trial)
        rate = trial.suggest_float("learning_rate", 1e-3, 0.3, log=True)
        if unlucky and trial.number % 7 == 3:
            trial.set_user_attr("failure", "ValueError: out of luck")
            raise ValueError("out of luck")
        if unlucky and trial.number % 7 == 5:
            raise optuna.TrialPruned
        if bounded:
            trial.set_constraint("depth", architecture.depth - 5)
        values = [OBJECTIVES[name](architecture, rate) for name in objectives]
        if unlucky and trial.number == 6:
            values[0] = math.inf
        return values

    study.optimize(objective, n_trials=n_trials, catch=ValueError)
    return study


@hushed()
def enlarged(study: optuna.Study, n_trials: int, *, seed: int = 0) -> optuna.Study:
    """A study of so many trials in a moment: those of another again and again, with noise."""
    rng = np.random.default_rng(seed)
    large = optuna.create_study(study_name="enlarged", directions=study.directions)
    large.set_metric_names(study.metric_names or [])
    own = study.get_trials(deepcopy=False)
    for i in range(n_trials):
        trial = copy.copy(own[i % len(own)])
        if i >= len(own) and trial.values is not None:
            trial.values = [value * rng.uniform(0.97, 1.03) for value in trial.values]
        large.add_trial(trial)
    return large


@hushed()
def lemonade(n_trials: int = 40) -> optuna.Study:
    """A study of LEMONADE, whose networks say what they inherited."""
    study = optuna.create_study(
        study_name="heirs",
        directions=["maximize", "minimize"],
        sampler=LemonadeSampler(SPACE, seed=1),
    )
    study.set_metric_names(["accuracy", "num_params"])

    def objective(trial: Trial) -> tuple[float, float]:
        from optuna_codeepneat.sampler import ancestry_of

        architecture = SPACE.suggest(trial)
        donor = ancestry_of(trial).donor
        share, steps = (0.0, 400) if donor is None else (0.75, 100)
        line = steps if donor is None else steps + line_steps(trial.study, donor)
        inherited = {"from": donor, "share": share, "steps": steps, "line_steps": line}
        trial.set_user_attr("inheritance", inherited)
        return skill(architecture, 0.1), architecture.num_params

    study.optimize(objective, n_trials=n_trials)
    return study


def line_steps(study: optuna.Study, number: int) -> int:
    steps: int = study.trials[number].user_attrs["inheritance"]["line_steps"]
    return steps
