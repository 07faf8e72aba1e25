"""What a trial writes while it begins: held back, sent at once, seen as ever."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.storages import RDBStorage
from optuna.trial import TrialState
from sqlalchemy import event

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import _batches
from optuna_codeepneat.storages import open_storage
from optuna_codeepneat.storages._batches import BatchedDatabase
from tests.frozen import Frozen


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/study.db"


@pytest.fixture
def study(url: str) -> Iterator[optuna.Study]:
    yield optuna.create_study(storage=open_storage(url), study_name="study")


def seen_elsewhere(url: str, number: int) -> optuna.trial.FrozenTrial:
    """A trial as another process with plain Optuna sees it."""
    return optuna.load_study(storage=RDBStorage(url), study_name="study").trials[number]


def begin(study: optuna.Study) -> optuna.Trial:
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.suggest_categorical("kind", ["a", "b"])
    trial.set_user_attr("note", {"lines": (1, 2)})
    return trial


def test_told_trial_is_whole(study: optuna.Study, url: str) -> None:
    trial = begin(study)
    study.tell(trial, 0.5)
    for found in (study.trials[0], seen_elsewhere(url, 0)):
        assert found.params == trial.params and list(found.params) == ["x", "kind"]
        assert found.distributions == trial.distributions
        assert found.user_attrs == {"note": {"lines": [1, 2]}}
        assert (found.value, found.state) == (0.5, TrialState.COMPLETE)


@pytest.fixture
def begun(study: optuna.Study) -> optuna.Study:
    """The same study, whose second trial knows the parameters of the first."""
    study.tell(begin(study), 0.5)
    return study


def test_own_process_sees_at_once_what_others_do_not_see_yet(
    begun: optuna.Study, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "HELD_SECONDS", 60.0)
    trial = begin(begun)
    storage = begun._storage
    own = begun.get_trials()[1]
    assert own.params == trial.params == storage.get_trial(trial._trial_id).params
    assert own.user_attrs == storage.get_trial_user_attrs(trial._trial_id)
    assert own.system_attrs == storage.get_trial_system_attrs(trial._trial_id) == {}
    assert storage.get_trial_param(trial._trial_id, "kind") == own.distributions[
        "kind"
    ].to_internal_repr(trial.params["kind"])
    other = seen_elsewhere(url, 1)
    assert (other.state, other.user_attrs) == (TrialState.RUNNING, {})
    assert other.params == {"x": trial.params["x"]}


def test_trial_that_another_process_tells_is_whole(begun: optuna.Study, url: str) -> None:
    trial = begin(begun)
    elsewhere = optuna.load_study(storage=open_storage(url), study_name="study")
    elsewhere.tell(trial.number, 1.0)
    for found in (elsewhere.trials[1], begun.trials[1], seen_elsewhere(url, 1)):
        assert (found.state, found.value) == (TrialState.COMPLETE, 1.0)
        assert (found.params, found.system_attrs) == (trial.params, {})
        assert found.user_attrs == {"note": {"lines": [1, 2]}}
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        trial.set_user_attr("note", "late")


def test_another_process_may_suggest_and_tell(study: optuna.Study, url: str) -> None:
    trial = study.ask()
    elsewhere = optuna.load_study(storage=open_storage(url), study_name="study")
    there = optuna.Trial(elsewhere, trial._trial_id)
    there.suggest_float("x", 0, 1)
    elsewhere.tell(trial.number, 1.0)
    assert seen_elsewhere(url, 0).params == there.params


ASKING = """
import os, signal, sys, optuna
from optuna_codeepneat.storages import open_storage
study = optuna.load_study(storage=open_storage(sys.argv[1]), study_name="study")
trial = study.ask()
trial.suggest_float("x", 0, 1)
trial.suggest_categorical("kind", ["a", "b"])
if sys.argv[2] == "freeze":
    os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_process_that_asks_and_ends_has_written_all(begun: optuna.Study, url: str) -> None:
    code = [sys.executable, "-c", ASKING, url, "end"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run(code, env=environment, check=True)
    found = seen_elsewhere(url, 1)
    assert (found.state, set(found.params)) == (TrialState.RUNNING, {"x", "kind"})
    begun.tell(1, 1.0)  # at once


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_trial_of_a_frozen_process_is_told_whole_or_not_at_all(
    begun: optuna.Study, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "WAIT_SECONDS", 0.3)
    with Frozen(ASKING, url, "freeze") as asking:
        with pytest.raises(StorageError, match="trial 1 can't be told: the process that began it"):
            begun.tell(1, 1.0)
        assert seen_elsewhere(url, 1).state == TrialState.RUNNING
        assert asking.go_on() == 0, asking.said
    begun.tell(1, 1.0)
    found = seen_elsewhere(url, 1)
    assert (found.value, set(found.params)) == (1.0, {"x", "kind"})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_trial_of_a_dead_process_can_fail(begun: optuna.Study, url: str) -> None:
    with Frozen(ASKING, url, "freeze") as asking:
        asking.go_on(signal.SIGKILL)
    begun.tell(1, state=TrialState.FAIL)
    assert seen_elsewhere(url, 1).state == TrialState.FAIL


def test_parameters_that_come_too_late_are_no_secret(
    begun: optuna.Study,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
) -> None:
    """Optuna's own storage does not look for the mark."""
    log.clear()
    monkeypatch.setattr(_batches, "HELD_SECONDS", 1.0)
    # Opened before: on a busy machine that takes longer than parameters are held back.
    elsewhere = optuna.load_study(storage=RDBStorage(url), study_name="study")
    trial = begin(begun)
    elsewhere.tell(trial.number, 1.0)
    end = time.monotonic() + 20
    while not any(r.levelname == "WARNING" for r in log.records) and time.monotonic() < end:
        time.sleep(0.05)
    (said,) = (r.getMessage() for r in log.records if r.levelname == "WARNING")
    assert said.startswith("Trial 1 was told elsewhere")


def test_long_training_is_seen(
    study: optuna.Study, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "HELD_SECONDS", 0.1)
    study.tell(begin(study), 0.5)
    trial = begin(study)
    end = time.monotonic() + 20
    while seen_elsewhere(url, 1).params != trial.params and time.monotonic() < end:
        time.sleep(0.05)
    assert seen_elsewhere(url, 1).params == trial.params
    # From now on all is written at once, what is there already included.
    trial.set_user_attr("note", "again")
    late = trial.suggest_int("late", 1, 9)
    assert seen_elsewhere(url, 1).params == {**trial.params, "late": late}
    assert seen_elsewhere(url, 1).user_attrs == {"note": "again"}
    study.tell(trial, 1.0)


def test_commits_do_not_grow_with_the_parameters(study: optuna.Study) -> None:
    database = study._storage._storage._backend
    assert isinstance(database, BatchedDatabase)
    commits = [0]
    event.listen(database.engine, "commit", lambda connection: commits.append(commits.pop() + 1))
    counts = []
    for n in (3, 3, 30, 30):
        commits[0] = 0
        trial = study.ask()
        for i in range(n):
            trial.suggest_float(f"x{i}", 0, 1)
        study.tell(trial, 1.0)
        counts.append(commits[0])
    assert counts[1] == counts[3] < 10


def test_ranges_that_contradict_each_other_are_refused(study: optuna.Study, url: str) -> None:
    study.tell(begin(study), 0.5)
    for same in (study, optuna.load_study(storage=open_storage(url), study_name="study")):
        trial = same.ask()
        with pytest.raises(ValueError, match="does not support dynamic value space"):
            trial.suggest_categorical("kind", ["a", "c"])
        assert trial.suggest_categorical("kind", ["a", "b"]) in ("a", "b")
        same.tell(trial, 1.0)


def test_processes_that_begin_at_once_check_each_others_ranges(
    study: optuna.Study, url: str
) -> None:
    mine = study.ask()
    elsewhere = optuna.load_study(storage=open_storage(url), study_name="study")
    theirs = elsewhere.ask()
    mine.suggest_categorical("kind", ["a", "b"])
    with pytest.raises(ValueError, match="does not support dynamic value space"):
        theirs.suggest_categorical("kind", ["a", "b", "c"])


def test_what_is_no_json_is_refused_at_once(study: optuna.Study) -> None:
    with pytest.raises(TypeError):
        begin(study).set_user_attr("net", object())


@pytest.mark.parametrize("more", [True, False])
def test_lost_answer_writes_nothing_twice(
    more: bool, begun: optuna.Study, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction, that with the mark or the last one, was committed; nobody knows."""
    database = begun._storage._storage._backend
    write = BatchedDatabase._write
    lost = []

    def unanswered(self: BatchedDatabase, trial_id: int, held: Any, **how: bool) -> None:
        write(self, trial_id, held, **how)
        if not lost and how == {"more": more}:
            lost.append(trial_id)
            raise ConnectionResetError("the answer was lost")

    monkeypatch.setattr(BatchedDatabase, "_write", unanswered)
    trial = begin(begun)
    begun.tell(trial, 0.5)
    assert lost == [trial._trial_id] and database._held == {}
    found = seen_elsewhere(url, 1)
    assert (found.params, found.value) == (trial.params, 0.5)
    assert (found.user_attrs, found.system_attrs) == ({"note": {"lines": [1, 2]}}, {})


def test_trial_that_another_process_ended_keeps_its_end(
    begun: optuna.Study, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_batches, "HELD_SECONDS", 60.0)
    trial = begin(begun)
    other = optuna.load_study(storage=RDBStorage(url), study_name="study")
    other.tell(1, state=TrialState.FAIL)
    with pytest.raises(ValueError, match="Cannot tell a FAIL trial"):
        begun.tell(trial, 0.5)
    assert seen_elsewhere(url, 1).state == TrialState.FAIL
    database = begun._storage._storage._backend
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        database.write_held(trial._trial_id)
    assert database._held == {}


def test_enqueued_trials_are_found(study: optuna.Study, url: str) -> None:
    other = optuna.load_study(storage=RDBStorage(url), study_name="study")
    other.enqueue_trial({"x": 0.25})
    trial = study.ask()
    assert trial.suggest_float("x", 0, 1) == 0.25
    assert trial.number == 0 and study.ask().number == 1


def test_threads(study: optuna.Study, url: str) -> None:
    def objective(trial: optuna.Trial) -> float:
        for i in range(5):
            trial.suggest_float(f"x{i}", 0, 1)
        trial.set_user_attr("thread", threading.get_ident())
        return trial.params["x0"]

    study.optimize(objective, n_trials=24, n_jobs=4)
    trials = optuna.load_study(storage=RDBStorage(url), study_name="study").trials
    assert len(trials) == 24
    assert all(len(trial.params) == 5 and "thread" in trial.user_attrs for trial in trials)
    assert all(trial.value == trial.params["x0"] for trial in trials)


def test_copy_in_another_process_holds_nothing_back(study: optuna.Study) -> None:
    begin(study)
    database = study._storage._storage._backend
    assert database._held
    copied = pickle.loads(pickle.dumps(database))
    assert copied._held == {}


def test_ranges_are_read_as_they_were_written(study: optuna.Study) -> None:
    study.tell(begin(study), 0.5)
    assert study.trials[0].distributions["kind"] == CategoricalDistribution(("a", "b"))


def test_long_values_are_written_at_once(
    study: optuna.Study, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that refuses one does so where it is set, not when the trial is told."""
    monkeypatch.setattr(_batches, "HELD_SECONDS", 60.0)
    trial = study.ask()
    trial.set_user_attr("mark", "x")
    trial.set_user_attr("short", "x")
    trial.set_user_attr("long", "x" * 20_000)
    trial.suggest_categorical("one", [f"{i:030}" for i in range(400)])
    other = seen_elsewhere(url, 0)
    assert set(other.user_attrs) == {"long", "mark"} and set(other.params) == {"one"}
    study.tell(trial, 1.0)
    assert set(seen_elsewhere(url, 0).user_attrs) == {"long", "mark", "short"}
