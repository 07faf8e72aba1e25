"""What the tests of the built-in problems share."""

from __future__ import annotations

import numpy as np
import optuna
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Preprocessing
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits


def splits_or_skip(problem: Problem) -> Splits:
    """The data of a problem, where they are installed."""
    try:
        return problem.load()
    except (DataError, ImportError) as error:
        pytest.skip(str(error))  # data of others, which CI installs as far as Debian has them


def check_whole(problem: Problem, *, steps: int = 2) -> None:
    """A problem and its data fit together, in an objective of a few steps."""
    splits = problem.load()
    parts = (splits.train, splits.validation, splits.test)
    problem.check(device="cpu")
    assert all(reference.source for reference in problem.references)
    made = problem.preprocessing
    assert made is not None and Preprocessing.from_json(made.to_json()) == made
    assert made.num_outputs == problem.space.num_outputs
    assert all(tuple(part.inputs.shape[1:]) == made.input_shape for part in parts)
    if splits.train.targets.dim() == 1:
        for part in parts:
            assert set(part.targets.tolist()) <= set(range(made.num_outputs))
    smallest = problem.space.smallest()
    trial = optuna.trial.FixedTrial(
        {**problem.space.encode(smallest), **_middle(problem)}, number=0
    )
    short = shortened(problem, steps)
    assert all(np.isfinite(short.objective(trial, device="cpu")))
    network = short.train_final(smallest, device="cpu")
    assert np.isfinite(short.test(network))
    assert len(made.answers(network(splits.test.inputs[:2]))) == 2


def shortened(problem: Problem, steps: int) -> Problem:
    """The same with trainings of a few steps on a few examples."""
    from dataclasses import replace

    recipe = problem.search_recipe.replace(steps=steps, batch_size=20, precision="float32")

    def load() -> Splits:
        splits = problem.load()
        some = range(100)
        return Splits(
            train=splits.train.take(list(some)[: len(splits.train)]),
            validation=splits.validation.take(list(some)[: len(splits.validation)]),
            test=splits.test.take(list(some)[: len(splits.test)]),
        )

    return replace(
        problem,
        load_splits=load,
        search_recipe=recipe,
        final_recipe=recipe,
        min_score=None,
        objective=None,
    )


def _middle(problem: Problem) -> dict[str, float]:
    return {
        name: (distribution.low * distribution.high) ** 0.5
        for name, distribution in problem.hyperparameters.items()
    }
