from __future__ import annotations

import itertools

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization._report._table import table_of
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import chosen_of
from optuna_codeepneat.visualization._trials import front_of
from optuna_codeepneat.visualization._trials import generation_of
from optuna_codeepneat.visualization._trials import twins_of
from tests.visualization.studies import searched


UP = Objective("accuracy", True, 0)
DOWN = Objective("num_params", False, 1)


def finished(number: int, *values: float, **attributes: float) -> FrozenTrial:
    trial = create_trial(values=list(values), user_attrs=attributes)
    trial.number = number
    return trial


def test_an_objective_is_named_by_the_study_or_by_its_position(
    evolved: optuna.Study, foreign: optuna.Study, single: optuna.Study
) -> None:
    assert [o.name for o in StudyTrials(evolved).objectives] == ["accuracy", "num_params"]
    assert [o.name for o in StudyTrials(foreign).objectives] == ["objective 0", "objective 1"]
    assert [o.maximize for o in StudyTrials(evolved).objectives] == [True, False]
    assert StudyTrials(evolved).objective(1) == StudyTrials(evolved).objective("num_params")
    # A user attribute takes the place of an objective, as something to be small.
    assert StudyTrials(single).objective("num_params") == Objective("num_params", False, None)


@pytest.mark.parametrize("which", [2, -1, "speed", True])
def test_an_unknown_objective_is_refused(evolved: optuna.Study, which: int | str) -> None:
    with pytest.raises(ValueError, match="`objectives` must be of 'accuracy', 'num_params'"):
        StudyTrials(evolved).objective(which)


def test_objectives_are_a_list(evolved: optuna.Study) -> None:
    with pytest.raises(ValueError, match="`objectives` must be a list of names, got 'accuracy'"):
        StudyTrials(evolved).chosen("accuracy")


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), "many", None, True])
def test_what_is_no_finite_number_is_no_value(value: object) -> None:
    trial = create_trial(values=[1.0], user_attrs={"size": value})
    assert Objective("size", False, None).of(trial) is None


def test_trials_are_in_the_order_in_which_they_were_finished(evolved: optuna.Study) -> None:
    moments = [t.datetime_complete for t in StudyTrials(evolved).completed]
    assert all(a <= b for a, b in itertools.pairwise(m for m in moments if m is not None))
    assert len(moments) == 60


def test_it_says_in_one_sentence_why_there_is_nothing(empty: optuna.Study) -> None:
    with pytest.raises(NoFigureError, match=r"^the study 'searched' has no trial yet\.$"):
        StudyTrials(empty).valued([UP])
    study = optuna.create_study(study_name="unlucky")
    study.add_trial(create_trial(state=TrialState.FAIL))
    study.add_trial(create_trial(state=TrialState.PRUNED))
    said = r"^the study 'unlucky' has no completed trial among 2 \(1 pruned, 1 fail\)\.$"
    with pytest.raises(NoFigureError, match=said):
        StudyTrials(study).valued([UP])
    study.add_trial(create_trial(values=[float("inf")]))
    with pytest.raises(NoFigureError, match="has finite values of accuracy"):
        StudyTrials(study).valued([UP])


def test_generations_of_both_families_of_samplers(
    evolved: optuna.Study, foreign: optuna.Study
) -> None:
    assert {generation_of(t) for t in evolved.trials} == set(range(6))
    assert {generation_of(t) for t in foreign.trials} == {None}
    study = searched(12, sampler=optuna.samplers.NSGAIISampler(seed=1, population_size=4))
    assert {generation_of(t) for t in study.trials} == {0, 1, 2}


def test_infeasible_trials_are_in_no_front(unlucky: optuna.Study) -> None:
    chronicle = StudyTrials(unlucky)
    front = front_of(chronicle.valued(chronicle.objectives), chronicle.objectives)
    assert front
    assert all(is_feasible(trial) for trial in front)
    # Infinity counts for Optuna and not here.
    best = {t.number for t in unlucky.best_trials}
    assert {trial.number for trial in front} >= best - {6}


@given(
    st.lists(
        st.tuples(st.integers(0, 6).map(float), st.integers(0, 6).map(float)),
        min_size=1,
        max_size=25,
    )
)
def test_the_front_is_what_nothing_dominates(values: list[tuple[float, float]]) -> None:
    trials = [finished(i, *pair) for i, pair in enumerate(values)]

    def dominates(a: tuple[float, float], b: tuple[float, float]) -> bool:
        return a[0] >= b[0] and a[1] <= b[1] and a != b

    front = front_of(trials, [UP, DOWN])
    expected = {i for i, own in enumerate(values) if not any(dominates(v, own) for v in values)}
    assert {trial.number for trial in front} == expected
    assert [trial.values[0] for trial in front] == sorted(
        (values[i][0] for i in expected), reverse=True
    )


def test_ancestries_tell_where_networks_come_from(
    evolved: optuna.Study, foreign: optuna.Study
) -> None:
    assert set(StudyTrials(evolved).ancestries) == set(range(60))
    assert StudyTrials(foreign).ancestries == {}


def test_a_range_that_a_trial_lacks_is_no_matter() -> None:
    trial = create_trial(
        values=[1.0], params={"x": 0.5}, distributions={"x": FloatDistribution(0, 1)}
    )
    assert generation_of(trial) is None


@pytest.mark.parametrize("several", [True, False])
def test_twins_are_told_of_once(several: bool) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"][: 1 + several])
    ranges = {"module.A.0.conv1d.width": FloatDistribution(0, 99), "lr": FloatDistribution(0, 1)}
    for width, lr in ((8.0, 0.1), (9.0, 0.1), (8.0, 0.2), (8.0, 0.3)):
        params = dict(zip(ranges, (width, lr), strict=True))
        values = (0.9, 80.0)[: 1 + several]
        study.add_trial(create_trial(values=values, params=params, distributions=ranges))
    chronicle = StudyTrials(study)
    assert [trial.number for trial in chosen_of(chronicle)] == [0, 1]
    assert twins_of(chronicle.completed) == {0: [2, 3]}
    table = table_of(chosen_of(chronicle), chronicle.objectives, {}, {}, {0: [2, 3]})
    assert [row.cells[0].text for row in table.rows] == ["0 (also 2, 3)", "1"]
