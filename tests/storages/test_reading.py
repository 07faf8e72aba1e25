"""Trials that are read column by column are those that Optuna's own storage reads."""

from __future__ import annotations

import math
from datetime import datetime
from pathlib import Path

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat.storages import _known_trials
from optuna_codeepneat.storages import _reading
from optuna_codeepneat.storages import open_storage


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/study.db"


def trials_of_every_kind() -> list[FrozenTrial]:
    ranges = {
        "z": FloatDistribution(1e-4, 1, log=True),
        "a": IntDistribution(0, 10, step=2),
        "kind": CategoricalDistribution((None, True, "a", 2, 0.5, "ü")),
    }
    params = {"z": 0.25, "a": 4, "kind": None}
    attrs = {"text": "x" * 3000, "nested": {"a": [1, None, math.inf]}, "ü": "\ud83d\ude00"}
    return [
        create_trial(
            values=[1.0, -math.inf],
            params=params,
            distributions=ranges,
            user_attrs=attrs,
            system_attrs={**attrs, "none": None},
        ),
        create_trial(values=[math.inf, 2.0], params={"a": 2}, distributions={"a": ranges["a"]}),
        create_trial(state=TrialState.FAIL, params=params, distributions=ranges),
        create_trial(
            state=TrialState.PRUNED,
            values=[3.0, 4.0],
            intermediate_values={0: math.nan, 7: math.inf, 3: -1.5},
        ),
        create_trial(state=TrialState.WAITING, system_attrs={"fixed_params": {"a": 2}}),
        create_trial(state=TrialState.RUNNING, params=params, distributions=ranges),
    ]


def fill(url: str) -> optuna.Study:
    """Two studies whose trials alternate."""
    storage = RDBStorage(url)
    directions = ["minimize", "maximize"]
    names = ("study", "other")
    study, other = (
        optuna.create_study(storage=storage, directions=directions, study_name=name)
        for name in names
    )
    for trial in trials_of_every_kind():
        study.add_trial(trial)
        other.add_trial(trial)
    return study


def described(trials: list[FrozenTrial]) -> list[str]:
    """All there is, with the order of parameters and types of values; NaN equals itself."""
    for trial in trials:
        trial.user_attrs = dict(sorted(trial.user_attrs.items()))
        trial.system_attrs = dict(sorted(trial.system_attrs.items()))
    return [repr(trial) for trial in trials]


def test_all_kinds_of_trials(url: str) -> None:
    study = fill(url)
    storage = open_storage(url)
    optunas = RDBStorage(url).get_all_trials(study._study_id)
    assert len(optunas) == 6 and len(optunas[0].params) == 3
    assert described(storage.get_all_trials(study._study_id)) == described(optunas)
    one_by_one = [storage.get_trial(trial._trial_id) for trial in optunas]
    assert described(one_by_one) == described(optunas)
    assert all(isinstance(trial.datetime_start, datetime) for trial in one_by_one[:1])


@pytest.mark.parametrize("n", [1, 4])
def test_of_how_many_trials_a_statement_asks(
    url: str, n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reading, "_KEYS", n)
    monkeypatch.setattr(_known_trials, "_PAGE", 2)
    study_id = fill(url)._study_id
    optunas = RDBStorage(url)
    for states in (None, (TrialState.COMPLETE,), (TrialState.WAITING, TrialState.FAIL), ()):
        ours = open_storage(url).get_all_trials(study_id, deepcopy=False, states=states)
        assert described(ours) == described(optunas.get_all_trials(study_id, states=states))


def test_trials_that_go_on(url: str) -> None:
    """A process that reads now and then sees what others have finished meanwhile."""
    study = optuna.create_study(storage=RDBStorage(url), study_name="study")
    storage = open_storage(url)
    running = [study.ask() for _ in range(3)]
    for trial in (running[1], study.ask(), running[0]):
        trial.suggest_float("x", 0, 1)
        trial.report(0.5, 1)
        seen = storage.get_all_trials(study._study_id)
        assert described(seen) == described(RDBStorage(url).get_all_trials(study._study_id))
        study.tell(trial, 1.0)
        seen = storage.get_all_trials(study._study_id)
        assert described(seen) == described(RDBStorage(url).get_all_trials(study._study_id))


def test_what_is_the_same_in_many_trials_is_there_once(url: str) -> None:
    study = optuna.create_study(storage=RDBStorage(url), study_name="study")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    trials = open_storage(url).get_all_trials(study._study_id, deepcopy=False)
    assert len({id(trial.distributions["x"]) for trial in trials}) == 1


def test_study_that_is_not_there(url: str) -> None:
    with pytest.raises(KeyError):
        open_storage(url).get_all_trials(3)
    with pytest.raises(KeyError):
        open_storage(url).get_trial(3)
