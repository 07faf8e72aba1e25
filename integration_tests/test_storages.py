"""Several processes on one study, and resumes: what they store is one evolution."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from integration_tests.servers import MariaDB
from integration_tests.servers import PostgreSQL
from integration_tests.servers import Redis
from integration_tests.study_worker import SIZE
from integration_tests.study_worker import Diary
from integration_tests.study_worker import evaluation
from integration_tests.study_worker import open_study
from integration_tests.study_worker import sampler
from integration_tests.worker_processes import WorkerProcesses
from integration_tests.worker_processes import check_study
from integration_tests.worker_processes import url_of
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import counted
from tests.sampler.studies import params
from tests.sampler.studies import stored


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(verbosity)


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        ("sqlite", "sphere"),
        pytest.param("journal", "networks", marks=[pytest.mark.long, pytest.mark.soak]),
    ],
)
def test_four_processes_evolve_one_study(backend: str, what: str, tmp_path: Path) -> None:
    """Without a seed: the first one's is everybody's."""
    url = url_of(backend, tmp_path)
    study = open_study(url, what, None)  # so that the tables are made once
    with WorkerProcesses(url, what, tmp_path) as processes:
        for _ in range(4):
            processes.start(10)
        processes.finish()
    assert [trial.state for trial in stored(study)] == [TrialState.COMPLETE] * 40
    last = study.ask()  # leads a window, and so counts all that has not counted before
    found = audit(study, sampler(what, 0))
    assert {record.generation for record in found} == set(range(6))
    assert found[-1].number == last.number == 40
    assert counted(found[-1], found) == list(range(40))
    assert len(assignments(study)) == 41
    evaluated = {tuple(sorted(trial.params.items())) for trial in stored(study)[:40]}
    assert len(evaluated) >= 39  # two workers may come to the same network at once


def evolve(url: str, what: str, folder: Path) -> None:
    """Four workers evolve some generations, and none dies."""
    with WorkerProcesses(url, what, folder, seconds=0.03) as processes:
        for _ in range(4):
            processes.start(3 * SIZE // 2)
        processes.finish()
        assert len(processes.finished) == 6 * SIZE
        processes.check()


def test_postgresql(postgresql: PostgreSQL, tmp_path: Path) -> None:
    evolve(postgresql.new_database(), "lemonade", tmp_path)


def test_mariadb(mariadb_server: MariaDB, tmp_path: Path) -> None:
    evolve(mariadb_server.new_database(), "networks", tmp_path)


def test_grpc_proxy(grpc_url: str, tmp_path: Path) -> None:
    evolve(grpc_url, "sphere", tmp_path)


@pytest.mark.long
@pytest.mark.soak
def test_redis(redis_server: Redis, tmp_path: Path) -> None:
    evolve(redis_server.new_database(), "networks", tmp_path)


def test_threads_in_memory(tmp_path: Path) -> None:
    study = open_study(optuna.storages.InMemoryStorage(), "networks", None)
    diary = Diary(tmp_path / "diary.txt")
    objective = evaluation("networks", 0.03)
    study.optimize(objective, n_trials=6 * SIZE, n_jobs=4, callbacks=[diary])
    study.optimize(objective, n_trials=SIZE + 1, callbacks=[diary])
    lines = Diary.read(tmp_path / "diary.txt")
    assert len(lines) == 7 * SIZE + 1
    check_study(study, "networks", {number: (state, values) for number, state, values in lines})


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        ("sqlite", "sphere"),
        pytest.param("journal", "networks", marks=[pytest.mark.long, pytest.mark.soak]),
    ],
)
def test_new_process_goes_on_as_if_nothing_had_happened(
    backend: str, what: str, tmp_path: Path
) -> None:
    whole, parts = (url_of(backend, tmp_path, name) for name in ("whole", "parts"))
    for url, numbers in ((whole, [13]), (parts, [6, 7])):
        with WorkerProcesses(url, what, tmp_path) as processes:
            for n_trials in numbers:
                processes.start(n_trials, seed=7)
                processes.finish()
    studies = [open_study(url, what, None) for url in (whole, parts)]
    assert params(studies[0]) == params(studies[1])
    digests = [[r.digest for r in audit(study, sampler(what, 0))] for study in studies]
    assert digests[0] == digests[1] and len(digests[0]) == 2


def test_worker_with_another_setting_is_turned_away(tmp_path: Path) -> None:
    """One clear sentence, and no trial that runs for ever."""
    url = url_of("sqlite", tmp_path)
    study = open_study(url, "networks", 1)
    study.tell(study.ask(), (1.0, 1.0))
    study.sampler = sampler("sphere", 1)
    with pytest.raises(ValueError, match="was begun with a search space"):
        study.ask()
    states = [trial.state for trial in stored(study)]
    assert states == [TrialState.COMPLETE, TrialState.FAIL]


def test_retried_trial_after_a_missed_heartbeat(tmp_path: Path) -> None:
    storage = optuna.storages.RDBStorage(
        f"sqlite:///{tmp_path}/study.db",
        heartbeat_interval=1,
        grace_period=2,
        heartbeat_stale_trial_callback=optuna.storages.RetryHeartbeatStaleTrialCallback(),
    )
    study = optuna.create_study(storage=storage, sampler=sampler("sphere", 3))

    def sphere(trial: optuna.Trial) -> float:
        return sum(trial.suggest_float(name, -5, 5) ** 2 for name in "xyz")

    study.optimize(sphere, n_trials=8)
    with pytest.warns(UserWarning, match="[Hh]eartbeat"):
        dead = study.ask()  # leads the second window
    storage.record_heartbeat(dead._trial_id)
    time.sleep(3.1)
    study.optimize(sphere, n_trials=9)
    states = Counter(trial.state for trial in stored(study))
    assert states == {TrialState.COMPLETE: 17, TrialState.FAIL: 1}
    retried = [t for t in study.trials if "failed_trial" in t.system_attrs]
    (assigned,) = [a for a in assignments(study) if a.number == dead.number][:1]
    assert [t.params for t in retried] == [dict(assigned.network.blueprint.genes)]
    assert [r.number for r in audit(study, sampler("sphere", 3))] == [0, 8, 16]
