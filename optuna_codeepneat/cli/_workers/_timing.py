"""For how many steps a network may be trained, to take as long as somebody said."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._study import load_problem
from optuna_codeepneat.cli._workers._starting import begin
from optuna_codeepneat.exceptions import CoDeepNEATError


if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna_codeepneat.cli._workers._bindings import Binding
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

_N_DRAWN = 15
_MOST_TRIES = 200
_WARM_UP_STEPS = 5
_SECONDS = 1.0
_MOST_STEPS = 10_000
"""Of a measurement, which takes far fewer unless a step takes next to no time."""


@dataclass(frozen=True)
class StepMeasurement:
    """How long a middle-sized network takes.

    Args:
        num_params:
            Of the network.
        step:
            Seconds of a training step.
        score:
            Seconds of what comes after the training.
    """

    num_params: int
    step: float
    score: float

    def steps_in(self, seconds: float) -> int:
        """The steps of a training after which the network is done in so many seconds."""
        return max(1, round((seconds - self.score) / self.step))


def measured_step_time(problem: str, bindings: Sequence[Binding]) -> StepMeasurement:
    """How long a middle-sized network of a problem takes in a worker process of its own.

    Args:
        problem:
            The problem's name.
        bindings:
            What each worker may use of this machine: the first one is taken.

    Raises:
        CommandError: If it can't be trained.
    """
    own = bindings[0]
    workers = ProcessPoolExecutor(1, mp_context=begin(), initializer=own.take)
    with own.inherited(), workers as pool:
        try:
            return pool.submit(step_time, problem, own.device).result()
        except BrokenProcessPool:
            raise CommandError(
                "the process was lost that measured how long a network takes; give `--steps` "
                "instead."
            ) from None


def step_time(name: str, device: str) -> StepMeasurement:
    """The same, in this process."""
    from optuna_codeepneat.cli._terminal import silence

    silence()
    problem = load_problem(name)
    try:
        problem.check(device=device)
        return _timed(problem, middle_sized(problem.space), device)
    except (CommandError, CoDeepNEATError) as error:
        raise CommandError(str(error)) from None
    except Exception as error:  # whatever the problem's loss or metric raises
        raise CommandError(
            f"how long a network takes can't be measured: {one_line(error)}"
        ) from None


def middle_sized(space: SearchSpace) -> Architecture:
    """The network in the middle of some random ones of a space, by their multiply-adds."""
    import optuna

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    drawn: list[Architecture] = []
    for _ in range(_MOST_TRIES):
        try:
            drawn.append(space.suggest(study.ask()))
        except optuna.TrialPruned:  # larger than the space allows
            continue
        if len(drawn) == _N_DRAWN:
            break
    drawn.sort(key=lambda architecture: (architecture.macs, architecture.signature))
    return drawn[len(drawn) // 2] if drawn else space.smallest()


def _timed(problem: Problem, architecture: Architecture, device: str) -> StepMeasurement:
    from optuna_codeepneat import training
    from optuna_codeepneat.network import build_network

    splits = problem.load()
    train, validation = splits.train.to(device), splits.validation.to(device)
    network = build_network(architecture)

    def fit(steps: int, seconds: float | None = None) -> training.FitResult:
        return training.fit(
            network,
            train,
            problem.search_recipe.replace(steps=steps),
            loss=problem.loss or training.cross_entropy,
            device=device,
            deadline=None if seconds is None else time.monotonic() + seconds,
        )

    fit(_WARM_UP_STEPS)  # which choose kernels and fill caches
    result = fit(_MOST_STEPS, _SECONDS)
    begin = time.monotonic()
    training.predict(network, validation)
    return StepMeasurement(
        architecture.num_params, result.seconds / max(1, result.steps), time.monotonic() - begin
    )
