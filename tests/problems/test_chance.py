"""What guessing gets, and networks that do no better."""

from __future__ import annotations

from typing import Any

import optuna
import pytest

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import accuracy


torch = pytest.importorskip("torch")
F = torch.nn.functional

N = 2000


def error(outputs: Any, targets: Any) -> float:
    return 1.0 - accuracy(outputs, targets)


def squared(outputs: Any, targets: Any) -> float:
    return float(F.mse_loss(outputs, targets))


def absolute(outputs: Any, targets: Any) -> float:
    return float(F.l1_loss(outputs, targets))


def hits(outputs: Any, targets: Any) -> float:
    return float(((outputs > 0) == (targets > 0.5)).float().mean())


def log_loss(outputs: Any, targets: Any) -> float:
    return float(F.binary_cross_entropy_with_logits(outputs, targets))


def correlation(outputs: Any, targets: Any) -> float:
    return float(torch.corrcoef(torch.stack([outputs[:, 0], targets[:, 0]]))[0, 1])


LABELS = torch.tensor([0] * 60 + [1] * 25 + [2] * 15)
NUMBERS = torch.tensor([[0.0], [0.0], [0.0], [4.0]])
BITS = torch.tensor([[1.0], [1.0], [1.0], [0.0]])


@pytest.mark.parametrize(
    ("metric", "direction", "targets", "num_outputs", "floor"),
    [
        (None, "maximize", LABELS, 3, 0.6 + 0.05 * 0.4),
        (None, "maximize", LABELS, 7, 0.6 + 0.05 * 0.4),
        (error, "minimize", LABELS, 3, 0.4 - 0.05 * 0.4),
        (squared, "minimize", NUMBERS, 1, 0.95 * 3.0),  # of their mean
        (absolute, "minimize", NUMBERS, 1, 0.95 * 1.0),  # of their median
        (hits, "maximize", BITS, 1, 0.75 + 0.05 * 0.25),
        (log_loss, "minimize", BITS, 1, 0.95 * 0.5623),  # of their log-odds
        (correlation, "maximize", NUMBERS, 1, None),  # with a constant there is none
        (None, "maximize", LABELS.repeat(400), 3, 0.6 + 4 * (0.6 * 0.4 / 40_000) ** 0.5),
        (squared, "minimize", NUMBERS.repeat(500, 1), 1, (1 - 16 / 2000) * 3.0),
        (None, "maximize", LABELS[:60], 3, None),  # of a single class nothing is to be learned
    ],
)
def test_the_floor(
    metric: Any, direction: str, targets: Any, num_outputs: int, floor: float | None
) -> None:
    data = Examples(torch.zeros(len(targets), 2), targets)
    problem = Problem(
        name="p",
        title="P",
        make_space=lambda: SearchSpace.dense(input_shape=(2,), num_outputs=num_outputs),
        load_splits=lambda: Splits(train=data, validation=data, test=data),
        metric=metric,
        objectives={"score": direction},
    )
    assert problem.floor == (None if floor is None else pytest.approx(floor, abs=1e-4))


def problem_of(targets: Any, **changes: Any) -> Problem:
    inputs = torch.rand(3 * N, 2, generator=torch.Generator().manual_seed(0)) - 0.5
    targets = targets(inputs)
    parts = [Examples(inputs[i : i + N], targets[i : i + N]) for i in (0, N, 2 * N)]
    arguments: dict[str, Any] = {
        "name": "p",
        "title": "P",
        "make_space": lambda: SearchSpace.dense(
            input_shape=(2,), num_outputs=2 if targets.dim() == 1 else 1
        ),
        "load_splits": lambda: Splits(train=parts[0], validation=parts[1], test=parts[2]),
        "search_recipe": Recipe(steps=20, learning_rate=3e-2),
    }
    return Problem(**{**arguments, **changes})


def noise(inputs: Any) -> Any:
    return torch.randint(0, 2, (len(inputs),), generator=torch.Generator().manual_seed(1))


def sides(inputs: Any) -> Any:
    return (inputs[:, 0] > inputs[:, 1]).long()


def numbers_of_noise(inputs: Any) -> Any:
    return torch.randn(len(inputs), 1, generator=torch.Generator().manual_seed(1))


REGRESSION = {
    "loss": F.mse_loss,
    "metric": squared,
    "objectives": {"error": "minimize", "num_params": "minimize"},
}


def samplers(space: SearchSpace) -> dict[str, Any]:
    return {
        "codeepneat": CoDeepNEATSampler(space, seed=1, assembled_population_size=4),
        "lemonade": LemonadeSampler(space, seed=1, n_initial=3, children_per_generation=3),
        "nsgaii": optuna.samplers.NSGAIISampler(seed=1, population_size=4),
        "tpe": optuna.samplers.TPESampler(seed=1, n_startup_trials=4),
    }


@pytest.mark.parametrize(
    "sampler",
    [
        "codeepneat",
        *(
            pytest.param(s, marks=[pytest.mark.long, pytest.mark.soak])
            for s in ("lemonade", "nsgaii", "tpe")
        ),
    ],
)
@pytest.mark.parametrize(
    "problem", [problem_of(noise), problem_of(numbers_of_noise, **REGRESSION)], ids=["labels", "y"]
)
def test_where_there_is_nothing_to_learn_the_front_is_empty(
    problem: Problem, sampler: str
) -> None:
    study = optuna.create_study(
        directions=problem.directions, sampler=samplers(problem.space)[sampler]
    )
    study.optimize(problem.objective, n_trials=14)

    assert {trial.state.name for trial in study.trials} == {"COMPLETE"}
    assert all(trial.constraints["min_score"] > 0 for trial in study.trials)
    assert study.best_trials == []


@pytest.mark.parametrize("sampler", ["codeepneat", "lemonade"])
def test_a_network_that_guesses_is_on_no_front(sampler: str) -> None:
    untrained = Recipe(steps=1, learning_rate=1e-9, weight_decay=0.0)
    guessing, learning = problem_of(sides, search_recipe=untrained), problem_of(sides)
    study = optuna.create_study(
        directions=learning.directions, sampler=samplers(learning.space)[sampler]
    )
    study.enqueue_trial(learning.space.encode(learning.space.smallest()))
    study.optimize(guessing.objective, n_trials=1)
    study.optimize(learning.objective, n_trials=12)

    front = [trial.number for trial in study.best_trials]
    assert front
    assert 0 not in front  # though none is smaller
    assert study.trials[0].user_attrs["violated"].startswith("min_score by 0.")


@pytest.mark.parametrize(("min_score", "violation"), [(0.95, 0.05), (0.2, -0.7), (1, 0.1)])
def test_a_floor_of_ones_own(min_score: float, violation: float) -> None:
    problem = problem_of(sides, min_score=min_score)
    trial = optuna.create_study(directions=problem.directions).ask()
    problem.constrain(trial, (0.9, 5.0))
    problem.constrain(trial, 0.1)  # what was said once stays

    assert trial.constraints == {"min_score": pytest.approx(violation)}


def test_a_floor_of_ones_own_where_smaller_is_better() -> None:
    problem = problem_of(numbers_of_noise, **REGRESSION, min_score=0.5)
    trial = optuna.create_study(directions=problem.directions).ask()
    problem.constrain(trial, 0.75)
    assert trial.constraints == {"min_score": 0.25}


def test_no_floor() -> None:
    problem = problem_of(noise, min_score=None)
    study = optuna.create_study(directions=problem.directions)
    study.optimize(problem.objective, n_trials=1)

    assert problem.floor is None
    assert study.trials[0].constraints == {}


@pytest.mark.parametrize("min_score", [float("nan"), float("inf"), "guess", True, [0.5]])
def test_what_is_no_floor(min_score: Any) -> None:
    with pytest.raises(ValueError, match="`min_score` must be a finite number, 'chance' or None"):
        problem_of(noise, min_score=min_score)
