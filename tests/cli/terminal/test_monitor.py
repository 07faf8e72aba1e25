"""What a search reads of its study, and how often."""

from __future__ import annotations

from unittest.mock import patch

import optuna
import pytest
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.cli._terminal._monitor import Monitor


@pytest.fixture
def study() -> optuna.Study:
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.add_trial(create_trial(values=[0.5, 10.0]))
    study.add_trial(create_trial(state=TrialState.PRUNED))
    study.add_trial(create_trial(state=TrialState.FAIL))
    study.ask()  # running, perhaps for ever
    return study


def test_complete_and_pruned_trials_count(study: optuna.Study) -> None:
    monitor = Monitor(study)
    assert monitor.n_finished == 2
    assert len(monitor.front) == 1


def test_steps_are_added_up(study: optuna.Study) -> None:
    monitor = Monitor(study)
    assert monitor.n_steps == 0
    for steps in (100, 250):
        attributes = {"inheritance": {"from": 0, "share": 0.5, "steps": steps, "line_steps": 500}}
        study.add_trial(create_trial(values=[0.5, 10.0], user_attrs=attributes))
        monitor.refresh()
        monitor.refresh()
    assert monitor.n_steps == 350


def test_trial_told_and_then_seen_counts_once(study: optuna.Study) -> None:
    monitor = Monitor(study)
    monitor.tell(3)
    assert monitor.n_finished == 3
    study.tell(3, [0.7, 20.0])
    study.add_trial(create_trial(values=[0.9, 30.0]))
    monitor.refresh()
    assert monitor.n_finished == 4
    assert len(monitor.front) == 3


def test_networks_elsewhere_are_those_that_others_began_meanwhile(study: optuna.Study) -> None:
    monitor = Monitor(study)  # trial 3 runs already
    own, first, second = (study.ask() for _ in range(3))
    monitor.refresh()
    assert monitor.n_elsewhere({own.number}) == 0  # one of them may be an own one as well
    monitor.refresh()
    assert monitor.n_elsewhere({own.number}) == 2
    study.tell(first, [0.7, 20.0])
    study.tell(second, state=TrialState.FAIL)
    monitor.refresh()
    assert monitor.n_elsewhere({own.number}) == 2  # these processes may begin the next at any time
    for _ in range(9):
        monitor.refresh()
    assert monitor.n_elsewhere({own.number}) == 0


def test_pruned_trials_are_counted(study: optuna.Study) -> None:
    monitor = Monitor(study)
    assert monitor.n_pruned == 1
    study.tell(study.ask(), state=TrialState.PRUNED)
    monitor.refresh()
    monitor.refresh()
    assert monitor.n_pruned == 2


def test_those_that_were_stopped_early_are_counted_by_themselves(study: optuna.Study) -> None:
    monitor = Monitor(study)
    trial = study.ask()
    said = {"trial": trial.number, "step": 1, "of": 9, "values": [0.1, 5]}
    trial.set_user_attr("stopped_early", said)
    study.tell(trial, state=TrialState.PRUNED)
    n_finished = monitor.n_finished
    for _ in range(2):
        monitor.refresh()
        assert (monitor.n_pruned, monitor.n_stopped) == (1, 1)
    assert monitor.n_finished == n_finished + 1


def test_reads_at_most_once_in_a_while(study: optuna.Study) -> None:
    monitor = Monitor(study)
    with patch.object(study, "get_trials", wraps=study.get_trials) as read:
        for _ in range(100):
            monitor.refresh(3600.0)
        assert read.call_count == 0
        monitor.refresh()
        assert read.call_count == 1
