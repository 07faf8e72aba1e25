"""The wrapped storage behaves as the bare one, and does nothing twice."""

from __future__ import annotations

import inspect
import shutil
import time
import warnings
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.exceptions import DuplicatedStudyError
from optuna.exceptions import ExperimentalWarning
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.storages import InMemoryStorage
from optuna.storages import RDBStorage
from optuna.storages import _CachedStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.study import StudyDirection
from optuna.testing.pytest_storages import StorageTestCase
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import RetryingStorage
from optuna_codeepneat.storages import open_storage


MINIMIZE = [StudyDirection.MINIMIZE]


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """To be copied: making tables takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "study.db"
    RDBStorage(f"sqlite:///{path}").engine.dispose()
    return path


@pytest.fixture(params=["sqlite", "journal"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path) -> BaseStorage:
    if request.param == "sqlite":
        shutil.copy(empty_database, tmp_path / "study")
    return open_storage(f"{request.param}:///{tmp_path}/study")


class TestConformance(StorageTestCase):
    """Optuna's own tests of a storage."""


def test_nothing_is_left_to_the_base_class() -> None:
    """A storage's short cuts are used, such as SQL for the best trial."""
    for base in (BaseStorage, BaseHeartbeat):
        for name, method in inspect.getmembers(base, inspect.isfunction):
            if name not in ("__init__", "get_failed_trial_callback"):
                assert getattr(RetryingStorage, name) is not method, name


def test_optunas_cache_is_put_around_a_database(tmp_path: Path) -> None:
    storage = RetryingStorage(RDBStorage(f"sqlite:///{tmp_path}/study.db"))
    assert isinstance(storage._storage, _CachedStorage)


@pytest.mark.parametrize("patience", [-1, float("nan")])
def test_patience_is_not_negative(patience: float) -> None:
    with pytest.raises(ValueError, match="`patience` must be 0 or more seconds, got"):
        RetryingStorage(InMemoryStorage(), patience=patience)


# -- lost answers ------------------------------------------------------------------------------


class Lossy(InMemoryStorage):
    """A storage whose answer, or whose question, is lost now and then.

    Args:
        method:
            Which call is lost.
        before:
            How many fail before anything is done.
        after:
            How many after those fail when all is done.
    """

    def __init__(self, method: str, *, before: int = 0, after: int = 0) -> None:
        super().__init__()
        self.before, self.after = before, after
        real = getattr(self, method)

        def lossy(*args: Any, **kwargs: Any) -> Any:
            if self.before:
                self.before -= 1
                raise ConnectionError("no answer")
            result = real(*args, **kwargs)
            if self.after:
                self.after -= 1
                raise ConnectionError("no answer")
            return result

        setattr(self, method, lossy)


ONE_LOST = [{"before": 1}, {"after": 1}, {"before": 1, "after": 1}, {"after": 2}]


def study_in(storage: BaseStorage) -> optuna.Study:
    return optuna.create_study(storage=storage, sampler=optuna.samplers.RandomSampler(seed=1))


@pytest.mark.parametrize("lost", ONE_LOST)
@pytest.mark.parametrize(
    "method",
    [
        "create_new_trial",
        "get_all_trials",
        "get_trial",
        "set_trial_param",
        "set_trial_state_values",
        "set_trial_user_attr",
    ],
)
def test_each_trial_is_there_once(method: str, lost: dict[str, int]) -> None:
    study = study_in(RetryingStorage(Lossy(method, **lost)))

    def objective(trial: optuna.Trial) -> float:
        trial.set_user_attr("key", "value")
        return trial.suggest_float("x", 0, 1)

    study.optimize(objective, n_trials=4)
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE] * 4
    assert [trial.value for trial in study.trials] == [trial.params["x"] for trial in study.trials]


@pytest.mark.parametrize("lost", ONE_LOST)
@pytest.mark.parametrize("name", ["mine", None])
def test_study_is_created_once(name: str | None, lost: dict[str, int]) -> None:
    storage = RetryingStorage(Lossy("create_new_study", **lost))
    study_id = storage.create_new_study(MINIMIZE, name)
    assert [study._study_id for study in storage.get_all_studies()] == [study_id]


@pytest.mark.parametrize("used", ["other directions", "a trial", "an attribute"])
def test_study_of_somebody_else_is_not_taken_for_ours(used: str) -> None:
    bare = Lossy("create_new_study")
    study_id = bare.create_new_study(MINIMIZE * (2 if used == "other directions" else 1), "mine")
    if used == "a trial":
        bare.create_new_trial(study_id)
    if used == "an attribute":
        bare.set_study_user_attr(study_id, "key", "value")
    bare.before = 1
    with pytest.raises(DuplicatedStudyError):
        RetryingStorage(bare).create_new_study(MINIMIZE, "mine")
    assert not bare.before


def test_study_is_deleted_once() -> None:
    storage = RetryingStorage(Lossy("delete_study", after=1))
    storage.delete_study(storage.create_new_study(MINIMIZE))
    assert storage.get_all_studies() == []
    with pytest.raises(KeyError):
        storage.delete_study(99)


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize(
    ("state", "values"), [(TrialState.FAIL, None), (TrialState.COMPLETE, [2.0])]
)
def test_result_of_somebody_else_is_not_taken_for_ours(
    state: TrialState, values: list[float] | None, lost: int
) -> None:
    bare = Lossy("set_trial_state_values")
    storage = RetryingStorage(bare)
    trial_id = storage.create_new_trial(storage.create_new_study(MINIMIZE))
    bare.set_trial_state_values(trial_id, state, values)
    bare.before = lost
    with pytest.raises(UpdateFinishedTrialError):
        storage.set_trial_state_values(trial_id, TrialState.COMPLETE, [1.0])
    assert not bare.before


def test_waiting_trial_is_never_started_twice() -> None:
    storage = RetryingStorage(Lossy("set_trial_state_values", after=1))
    study = study_in(storage)
    study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    states = [trial.state for trial in study.trials]
    assert states == [TrialState.RUNNING, TrialState.COMPLETE, TrialState.COMPLETE]


def test_threads(tmp_path: Path) -> None:
    study = study_in(open_storage(f"sqlite:///{tmp_path}/study.db"))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=20, n_jobs=4)
    assert [trial.number for trial in study.trials] == list(range(20))
    assert {trial.state for trial in study.trials} == {TrialState.COMPLETE}


def test_gives_up_after_its_patience() -> None:
    storage = RetryingStorage(Lossy("get_all_studies", before=10**6), patience=0.2)
    with pytest.raises(StorageError, match="away for 0.2 seconds: no answer"):
        storage.get_all_studies()


# -- heartbeat ---------------------------------------------------------------------------------


def test_heartbeat_is_that_of_the_storage_inside(tmp_path: Path) -> None:
    without = RetryingStorage(InMemoryStorage())
    assert without.get_heartbeat_interval() is None
    assert without.get_heartbeat_stale_trial_callback() is None
    assert without._get_stale_trial_ids(0) == []
    without.record_heartbeat(0)

    def callback(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        pass

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        database = RDBStorage(
            f"sqlite:///{tmp_path}/study.db",
            heartbeat_interval=3,
            heartbeat_stale_trial_callback=callback,
        )
    assert RetryingStorage(database).get_heartbeat_interval() == 3
    assert RetryingStorage(database).get_heartbeat_stale_trial_callback() is callback


def test_trial_of_a_dead_process_fails(tmp_path: Path) -> None:
    storage = open_storage(f"sqlite:///{tmp_path}/study.db", heartbeat=1, patience=0)
    assert isinstance(storage, RetryingStorage) and isinstance(storage._storage, _CachedStorage)
    storage._storage._backend.grace_period = 1
    study = study_in(storage)
    with pytest.warns(UserWarning, match="[Hh]eartbeat"):
        dead = study.ask()
    storage.record_heartbeat(dead._trial_id)
    time.sleep(2.1)  # SQLite's clock has whole seconds
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    assert [trial.state for trial in study.trials] == [TrialState.FAIL, TrialState.COMPLETE]


def test_missed_heartbeat_ends_no_thread() -> None:
    class Database(InMemoryStorage, BaseHeartbeat):
        def record_heartbeat(self, trial_id: int) -> None:
            raise ConnectionError("gone") if trial_id == 0 else KeyError(trial_id)

        _get_stale_trial_ids = get_heartbeat_interval = get_heartbeat_stale_trial_callback = None

    storage = RetryingStorage(Database(), patience=0.1)  # type: ignore[abstract]
    storage.record_heartbeat(0)
    with pytest.raises(KeyError):
        storage.record_heartbeat(1)
