"""The growing front against Optuna's own."""

from __future__ import annotations

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.cli._terminal._front import Front


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
