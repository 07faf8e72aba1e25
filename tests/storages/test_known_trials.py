"""What a process reads of a study's trials: no more than has changed and somebody asks for."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from copy import deepcopy
from pathlib import Path
from threading import Barrier
from typing import Any

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
from sqlalchemy import event

from optuna_codeepneat._optuna import innermost
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import _known_trials
from optuna_codeepneat.storages import open_storage
from optuna_codeepneat.storages._batches import BatchedDatabase
from optuna_codeepneat.storages._unread_trial import UnreadTrial
from tests.storages.test_reading import described


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/study.db"


@pytest.fixture
def elsewhere(url: str) -> optuna.Study:
    """The study as another process has it."""
    return optuna.create_study(storage=RDBStorage(url), study_name="study")


@pytest.fixture
def study(elsewhere: optuna.Study, url: str) -> Iterator[optuna.Study]:
    yield optuna.load_study(storage=open_storage(url, patience=0.2), study_name="study")


class Statements(list[str]):
    """The tables that are read, statement by statement."""

    def __init__(self, study: optuna.Study) -> None:
        super().__init__()
        engine = innermost(study._storage).engine  # type: ignore[attr-defined]
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, cursor: Any, statement: str, *args: Any) -> None:
        self.append(statement.partition("FROM ")[2].split()[0])


def begin(study: optuna.Study) -> optuna.Trial:
    trial = study.ask()
    for i in range(5):
        trial.suggest_float(f"x{i}", 0, 1)
    trial.set_user_attr("note", trial.number)
    return trial


def look(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False)


def test_of_running_trials_states_are_read(study: optuna.Study, elsewhere: optuna.Study) -> None:
    running = [begin(elsewhere) for _ in range(20)]
    look(study)
    read = Statements(study)
    for _ in range(3):
        assert {trial.state for trial in look(study)} == {TrialState.RUNNING}
    assert read == ["studies", "trials"] * 3
    read.clear()
    elsewhere.tell(running[7], 0.5)
    found = look(study)[7]
    assert (found.state, found.value) == (TrialState.COMPLETE, 0.5)
    assert read == ["studies", "trials", "trial_values"]


def test_parts_are_read_once_for_many_trials(
    study: optuna.Study, elsewhere: optuna.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_known_trials, "_PAGE", 4)
    for _ in range(10):
        elsewhere.tell(begin(elsewhere), 0.5)
    read = Statements(study)
    trials = look(study)
    assert read == ["studies", "trial_values"]
    read.clear()
    for _ in range(2):
        assert all(len(trial.params) == len(trial.distributions) == 5 for trial in trials)
        trials = look(study)
    parts = [table for table in read if table not in ("studies",)]
    assert parts == ["trials"] * 3  # joined with their parameters, page by page


def test_whoever_asks_a_running_trial_sees_what_is_new(
    study: optuna.Study, elsewhere: optuna.Study
) -> None:
    trial = begin(elsewhere)
    for step in range(3):
        trial.report(0.1 * step, step)
        trial.set_user_attr("step", step)
        (found,) = look(study)
        assert found.user_attrs == {"note": 0, "step": step}
        assert found.last_step == step
    elsewhere.tell(trial, 1.0)
    assert described(study.trials) == described(elsewhere.trials)


def test_trials_that_wait_and_begin(study: optuna.Study, elsewhere: optuna.Study) -> None:
    elsewhere.enqueue_trial({"x0": 0.25})
    (found,) = look(study)
    assert found.state == TrialState.WAITING
    trial = elsewhere.ask()
    (found,) = look(study)
    assert found.state == TrialState.RUNNING
    trial.suggest_float("x0", 0, 1)
    (found,) = look(study)
    assert found.params == {"x0": 0.25}


def test_a_trial_is_what_an_ordinary_one_is_as_soon_as_it_is_whole(
    study: optuna.Study, elsewhere: optuna.Study
) -> None:
    for value in (0.5, 0.25, 0.125):
        elsewhere.tell(begin(elsewhere), value)
    expected = elsewhere.trials[1]
    for use in (
        lambda trial: trial == expected and expected == trial,
        lambda trial: repr(trial) == repr(expected),
        lambda trial: pickle.loads(pickle.dumps(trial)) == expected,
        lambda trial: type(deepcopy(trial)) is FrozenTrial,
    ):
        fresh = optuna.load_study(storage=study._storage, study_name="study")
        study._storage._storage._known.clear()  # type: ignore[attr-defined]
        trial = look(fresh)[1]
        assert type(trial) is UnreadTrial and trial.is_unread
        assert use(trial)
        assert vars(trial) == vars(expected)
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = look(study)[0].colour  # type: ignore[attr-defined]


def test_threads_ask_for_parts_at_the_same_time(
    study: optuna.Study, elsewhere: optuna.Study
) -> None:
    for value in (0.5, 0.25, 0.125):
        elsewhere.tell(begin(elsewhere), value)
    expected = elsewhere.trials

    def ask(barrier: Barrier) -> bool:
        barrier.wait()
        found = look(study)
        said = [(t.params, t.user_attrs, t.system_attrs, repr(t), copy(t) == t) for t in found]
        return bool(said) and found == expected

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # they take turns as often as they can
    try:
        with ThreadPoolExecutor(4) as pool:
            for _ in range(20):
                study._storage._storage._known.clear()  # type: ignore[attr-defined]  # unread again
                assert all(pool.map(ask, [Barrier(4)] * 4))
    finally:
        sys.setswitchinterval(interval)


def test_trials_that_were_deleted_are_not_empty(
    study: optuna.Study, elsewhere: optuna.Study, url: str
) -> None:
    elsewhere.tell(begin(elsewhere), 0.5)
    trials = look(study)
    optuna.delete_study(storage=elsewhere._storage, study_name="study")
    with pytest.raises(KeyError, match="trial 0 was deleted"):
        _ = trials[0].params
    with pytest.raises(KeyError):
        look(study)


def test_a_study_that_is_made_anew_is_another(url: str) -> None:
    storage = open_storage(url)
    for n in (3, 2):
        study = optuna.create_study(storage=storage, study_name="study")
        for _ in range(n):
            study.tell(begin(study), float(n))
        assert [trial.values for trial in look(study)] == [[float(n)]] * n
        optuna.delete_study(storage=storage, study_name="study")


def test_parts_are_waited_for(
    study: optuna.Study, elsewhere: optuna.Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as the storage does for anything else."""
    elsewhere.tell(begin(elsewhere), 0.5)
    read, failures = BatchedDatabase.read_parts, iter([True, True])

    def away(*args: Any) -> Any:
        if next(failures, False):
            raise StorageInternalError("away") from ConnectionResetError("the server restarts")
        return read(*args)

    monkeypatch.setattr(BatchedDatabase, "read_parts", away)
    assert len(look(study)[0].params) == 5
    failures = iter(lambda: True, False)
    with pytest.raises(StorageError, match="has been away for 0.2 seconds: the server restarts"):
        _ = look(study)[0].user_attrs


def test_a_copy_in_another_process_knows_nothing(
    study: optuna.Study, elsewhere: optuna.Study
) -> None:
    elsewhere.tell(begin(elsewhere), 0.5)
    look(study)
    copied = pickle.loads(pickle.dumps(study))
    assert described(copied.trials) == described(elsewhere.trials)
