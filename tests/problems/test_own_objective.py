"""A problem that trains and scores its networks itself."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from functools import partial
from typing import Any

import optuna
import pytest

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import device_of


SPACE = SearchSpace.dense(input_shape=(4,), num_outputs=2)


def make(objective: Any = None, kind: type[Problem] = Problem, **changes: Any) -> Problem:
    own = {} if objective is None else {"objective": objective}
    return kind(name="own", title="Own", make_space=lambda: SPACE, **{**own, **changes})


def by_size(trial: Any) -> tuple[float, float]:
    architecture = SPACE.suggest(trial)
    return 1 - 1 / architecture.num_params, float(architecture.num_params)


class WithMethod(Problem):
    """The other way to bring an objective."""

    def objective(self, trial: Any, **kwargs: Any) -> tuple[float, ...]:
        return by_size(trial)


def test_a_study_of_such_a_problem() -> None:
    problem = make(by_size)
    study = optuna.create_study(directions=problem.directions)
    study.optimize(problem.objective, n_trials=3)

    assert problem.own_objective is by_size
    for trial in study.trials:
        size = SPACE.decode(trial.params).num_params
        assert trial.values == [1 - 1 / size, size]
        assert trial.constraints == {}  # it has no examples that one could guess
    problem.check()  # and none to look at


def test_it_gets_what_it_names() -> None:
    def named(trial: Any, seed: int, *, device: str = "?") -> Any:
        return seed, device

    def all_of_it(trial: Any, **more: Any) -> Any:
        return more

    given = {"device": "cuda:1", "seed": 7, "deadline": 1.5}
    trial: Any = optuna.trial.FixedTrial({})

    assert make(named).objective(trial, **given) == (7, "cuda:1")
    assert make(named).objective(trial) == (0, str(device_of("auto")))
    everything = {**given, "on_progress": None, "checkpoints": None, "pruner": None}
    assert make(all_of_it).objective(trial, **given) == everything
    assert make(partial(all_of_it, extra=1)).objective(trial, **given) == {
        **everything,
        "extra": 1,
    }


def only_seed(*, seed: int) -> float:
    return 0.0


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        (lambda: 0.0, r"must take the trial as its first argument: objective\(trial, \*, device="),
        (only_seed, "must take the trial as its first argument"),
        (lambda trial, data: 0.0, "needs the argument 'data', which it is not given; what it may"),
        (lambda trial, device, /: 0.0, "needs the argument 'device', which it is not given"),
        (5, r"`objective` must be a function objective\(trial, .*, got 5"),
    ],
)
def test_it_is_checked_at_once(objective: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(objective)


def test_what_it_needs_may_be_bound() -> None:
    problem = make(partial(lambda trial, data: data, data=0.5))
    trial = optuna.create_study(directions=problem.directions).ask()
    assert problem.objective(trial) == 0.5


def test_a_method_of_a_subclass_is_one_too() -> None:
    problem = make(kind=WithMethod)

    assert problem.own_objective == problem.objective
    assert problem.objective(optuna.create_study(directions=problem.directions).ask())[0] > 0
    with pytest.raises(ValueError, match="must be left out, as the class WithMethod has its own"):
        make(by_size, WithMethod)


@dataclass(frozen=True, kw_only=True, eq=False)
class WithField(Problem):
    """A subclass that is a dataclass again."""

    more: int = 3


@pytest.mark.parametrize("kind", [Problem, WithField])
def test_a_changed_problem_keeps_it(kind: type[Problem]) -> None:
    changed = replace(make(by_size, kind), name="other")
    assert changed.own_objective is by_size
    assert replace(changed, objective=only_trial).own_objective is only_trial

    recipes = make(load_splits=dict, kind=kind)
    assert recipes.own_objective is None
    assert replace(recipes, name="other").own_objective is None
    assert replace(make(kind=WithMethod), name="other").own_objective is not None


def only_trial(trial: Any) -> float:
    return 0.25


def test_its_score_is_held_against_a_floor() -> None:
    problem = make(only_trial, objectives={"accuracy": "maximize"}, min_score=0.75)
    study = optuna.create_study(directions=problem.directions)
    study.optimize(problem.objective, n_trials=1)

    assert study.trials[0].constraints == {"min_score": 0.5}


def test_data_are_needed_where_nothing_else_trains() -> None:
    with pytest.raises(ValueError, match="`load_splits` must be a function .*, got None"):
        make()
    with pytest.raises(ValueError, match="the problem 'own' has no `load_splits`: only"):
        make(by_size).load()
    assert not make(by_size).can_train_finally
    assert make(by_size, load_splits=dict).can_train_finally
