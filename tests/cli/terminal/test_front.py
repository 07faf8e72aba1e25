"""The growing front against Optuna's own."""

from __future__ import annotations

from itertools import permutations

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.cli._terminal._front import Front
from optuna_codeepneat.cli._terminal._tables import front_table


GRID = st.tuples(*[st.integers(0, 4).map(float)] * 2)


def front_of(study: optuna.Study) -> Front:
    front = Front(study.directions)
    for trial in study.trials:
        front.add(trial)
    return front


@given(st.lists(GRID), st.lists(st.booleans(), min_size=40, max_size=40))
def test_front_is_that_of_optuna(values: list[tuple[float, float]], feasible: list[bool]) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    for pair, ok in zip(values, feasible, strict=False):
        constraints = None if ok else {"cost": 1.0}
        study.add_trial(create_trial(values=pair, constraints=constraints))
    front = front_of(study)
    assert {t.number for t in front.trials} == {t.number for t in study.best_trials}
    assert [t.values[0] for t in front.trials] == sorted(
        (t.values[0] for t in front.trials), reverse=True
    )
    assert (front.best is None) == (len(front) == 0)
    if front.best is not None:
        assert front.best.values[0] == front.trials[0].values[0]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_one_objective_has_the_ten_best(direction: str) -> None:
    study = optuna.create_study(direction=direction)
    for i in range(25):
        study.add_trial(create_trial(value=float(i * 7 % 25)))
    front = front_of(study)
    expected = sorted((t.value for t in study.trials), reverse=direction == "maximize")[:10]
    assert [t.value for t in front.trials] == expected
    assert front.best == study.best_trial


def test_trials_without_values_are_left_out() -> None:
    study = optuna.create_study()
    study.add_trial(create_trial(state=TrialState.PRUNED))
    study.add_trial(create_trial(state=TrialState.FAIL))
    assert front_of(study).trials == []


def test_why_there_are_no_members() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    assert front_of(study).why_empty == "no network has been completed yet"
    for reason in ("it diverged.", "its time was up."):
        attrs = {"failure": reason}
        study.add_trial(create_trial(state=TrialState.PRUNED, user_attrs=attrs))
    assert front_of(study).why_empty == (
        "no network has been completed yet; trial 0 was pruned: it diverged."
    )
    for missing in (0.25, 0.05, 0.5):
        study.add_trial(
            create_trial(values=(0.1, 9.0), constraints={"min_score": missing, "cost": -1.0})
        )
    assert front_of(study).why_empty == (
        "no network (of 3 completed) meets the constraints: trial 3, the nearest, violates "
        "min_score by 0.05; `search --min-score` sets another floor"
    )


def networked(params: dict[str, float], *values: float) -> FrozenTrial:
    """A trial of a network that is described by `params`, with a learning rate beside it."""
    ranges = {name: FloatDistribution(0.0, 99.0) for name in params}
    return create_trial(values=values, params=params, distributions=ranges)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_twins_are_one_member(order: tuple[int, ...]) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    network = {"module.A.0.conv1d.width": 8.0}
    study.add_trial(networked({**network, "lr": 0.1}, 0.9, 80.0))
    study.add_trial(networked({**network, "lr": 0.2}, 0.9, 80.0))
    study.add_trial(networked({"module.A.0.conv1d.width": 9.0, "lr": 0.1}, 0.9, 80.0))
    study.add_trial(networked({**network, "lr": 0.3}, 0.9, 80.0))
    front = Front(study.directions)
    for number in order:
        front.add(study.trials[number])
    assert [trial.number for trial in front.trials] == [0, 2]
    assert front.twins(0) == [1, 3]
    assert front.twins(2) == []
    columns, rows = front_table(front, ["accuracy", "num_params"], None)
    assert [row[0] for row in rows] == ["0 (also 1, 3)", "2"]


def test_the_same_network_with_another_value_is_no_twin() -> None:
    study = optuna.create_study(direction="maximize")
    for value in (0.5, 0.5, 0.6):
        study.add_trial(networked({"module.A.0.conv1d.width": 8.0}, value))
    front = front_of(study)
    assert [trial.number for trial in front.trials] == [2, 0]
    assert front.twins(0) == [1]


def test_trials_without_a_network_are_twins_if_all_is_equal() -> None:
    study = optuna.create_study(direction="maximize")
    for params in ({"x": 1.0}, {"x": 1.0}, {"x": 2.0}, {}, {}):
        study.add_trial(networked(params, 0.5))
    front = front_of(study)
    assert [trial.number for trial in front.trials] == [0, 2, 3, 4]
    assert front.twins(0) == [1]


def test_the_knee_is_farthest_from_the_line_between_the_ends() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    for values in ((0.9, 1000.0), (0.2, 100.0), (0.8, 300.0), (0.5, 250.0)):
        study.add_trial(networked({"x": values[0]}, *values))
    assert front_of(study).knee.number == 2
