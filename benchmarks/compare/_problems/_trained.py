"""Networks that are really trained: accuracy on the validation examples, number of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
from optuna.distributions import FloatDistribution

from benchmarks.compare._problems._benchmark import Benchmark
from benchmarks.compare._problems._benchmark import Objective
from benchmarks.compare._problems._benchmark import score_and_size
from optuna_codeepneat import training
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.pruning import FrontPruner
from optuna_codeepneat.pruning import ParetoHalvingPruner
from optuna_codeepneat.pruning import SizeClassPruner


def mnist1d() -> Benchmark:
    return _trained(get_problem("mnist1d"), largest=10_000)


def mnist1d_shuffled() -> Benchmark:
    """The negative control of Greydanus 2020: nothing is left of what convolutions can use."""
    problem = get_problem("mnist1d")
    load = problem.load_splits
    assert load is not None
    shuffled = replace(
        problem,
        title="MNIST-1D with shuffled positions",
        load_splits=lambda: _shuffled(load()),
        references=(),
        objective=None,
    )
    return _trained(shuffled, largest=10_000)


def fashion14() -> Benchmark:
    """Fashion-MNIST (Xiao et al. 2017) at 14 x 14 pixels, 5,000 images, three epochs."""
    problem = replace(
        get_problem("fashion_mnist", size=14, train=5_000),
        title="Fashion-MNIST at 14 x 14 pixels",
        # Said here, so that figures stay what they are when the problem's own recipe changes.
        search_recipe=training.Recipe(steps=300, batch_size=50),
        hyperparameters={"learning_rate": FloatDistribution(3e-3, 3e-2, log=True)},
        objective=None,
    )
    return _trained(problem, largest=30_000)


def pruner_of(problem: Problem, name: str) -> FrontPruner:
    """A pruner for the search recipe of a problem, with its defaults."""
    objectives, steps = problem.objectives, problem.search_recipe.steps
    if name == "size-class":
        costs = problem.metric_names[1:]
        return SizeClassPruner(objectives, costs=costs, max_resource=steps)
    return ParetoHalvingPruner(objectives, max_resource=steps)


def _trained(problem: Problem, *, largest: float, pruner: str | None = None) -> Benchmark:
    """The hypervolume is that of (error, decades of size), between chance and no error.

    It ends at 100 and at `largest` parameters: 1 is a perfect network of 100 parameters.
    """

    def make_objective(seed: int, checkpoints: Any) -> Objective:
        import torch

        torch.set_num_threads(1)
        problem.load()
        judge = None if pruner is None else pruner_of(problem, pruner)
        return lambda trial: problem.objective(
            trial, device="cpu", seed=seed, checkpoints=checkpoints, pruner=judge
        )

    def steps(trial: optuna.trial.FrozenTrial) -> int:
        inheritance = trial.user_attrs.get("inheritance", {})
        steps = problem.search_recipe.steps
        if (said := StoppedEarly.of(trial)) is not None:
            steps = -(-said.step * steps // said.max_step)
        return int(inheritance.get("steps", steps))

    return Benchmark(
        title=f"{problem.title}: accuracy on the validation examples and number of parameters",
        directions=("maximize", "minimize"),
        make_objective=make_objective,
        space=problem.space,
        costs=("num_params",),
        points=score_and_size(100, largest),
        reference=(0.9, 1.0),
        whole=0.9,
        steps=steps,
        continued=lambda arguments: _trained(
            replace(problem, continuation=training.Continuation(**arguments), objective=None),
            largest=largest,
            pruner=pruner,
        ),
        trained=lambda arguments: _trained_otherwise(problem, largest, arguments),
    )


def _trained_otherwise(
    problem: Problem, largest: float, arguments: Mapping[str, Any]
) -> Benchmark:
    """The same with another pruner or search recipe."""
    changes = dict(arguments)
    pruner = changes.pop("pruner", None)
    recipe = problem.search_recipe.replace(**changes)
    return _trained(
        replace(problem, search_recipe=recipe, objective=None), largest=largest, pruner=pruner
    )


def _shuffled(splits: Splits) -> Splits:
    """The same permutation of the positions for all examples."""
    order = np.random.Generator(np.random.PCG64(0)).permutation(40).tolist()

    def moved(examples: training.Examples) -> training.Examples:
        return training.Examples(examples.inputs[..., order], examples.targets)

    return Splits(
        train=moved(splits.train),
        validation=moved(splits.validation),
        test=moved(splits.test),
    )
