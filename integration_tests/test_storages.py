"""Several processes on one study, kills and resumes: nothing finished is lost, all replays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from integration_tests.study_worker import open_study
from integration_tests.study_worker import sampler
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import params
from tests.sampler.studies import stored


ROOT = Path(__file__).parents[1]
BACKENDS = ("sqlite", "journal")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(verbosity)


def url_of(backend: str, folder: Path, name: str = "study") -> str:
    return {"sqlite": f"sqlite:///{folder}/{name}.db", "journal": f"journal:{folder}/{name}.log"}[
        backend
    ]


def start(url: str, what: str, n_trials: int, seed: int | None) -> subprocess.Popen[str]:
    """A worker, with another order of hashes than any other."""
    command = [sys.executable, "integration_tests/study_worker.py", url, what, str(n_trials)]
    return subprocess.Popen(
        [*command, str(seed)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random"},
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(worker: subprocess.Popen[str]) -> None:
    _, errors = worker.communicate(timeout=120)
    assert worker.returncode == 0, errors


@pytest.mark.parametrize("backend", BACKENDS)
def test_four_processes_evolve_one_study(backend: str, tmp_path: Path) -> None:
    """Without a seed: the first one's is everybody's."""
    url = url_of(backend, tmp_path)
    study = open_study(url, "networks", None)  # so that the tables are made once
    for worker in [start(url, "networks", 12, None) for _ in range(4)]:
        finish(worker)
    assert [trial.state for trial in stored(study)] == [TrialState.COMPLETE] * 48
    found = audit(study, sampler("networks", 0))
    # Every window has a record, and all that ended before the last record counts.
    assert {record.generation for record in found} == set(range(6))
    lineage = {n for record in found for n in record.evidence}
    assert lineage >= set(range(24))
    assert len(assignments(study)) == 48
    signatures = {
        (a.signature, t.params["lr"])
        for a, t in zip(assignments(study), stored(study), strict=True)
    }
    assert len(signatures) >= 46  # two may come to the same network at the same moment


def test_killed_workers_lose_nothing_but_their_own_trials(tmp_path: Path) -> None:
    url = url_of("journal", tmp_path)
    study = open_study(url, "sphere", 5)
    workers = [start(url, "sphere", 40, 5) for _ in range(3)]
    while len(stored(study)) < 12:
        assert any(worker.poll() is None for worker in workers), "no worker started"
        time.sleep(0.01)
    workers[0].kill()
    workers[0].communicate()
    for worker in workers[1:]:
        finish(worker)
    finish(start(url, "sphere", 10, 5))  # one that comes later
    states = [trial.state for trial in stored(study)]
    assert states.count(TrialState.COMPLETE) >= 90
    assert states.count(TrialState.RUNNING) <= 1
    assert states.count(TrialState.FAIL) == 0
    found = audit(study, sampler("sphere", 5))
    assert {r.generation for r in found} >= set(range(len(states) // 8))


@pytest.mark.parametrize("backend", BACKENDS)
def test_new_process_goes_on_as_if_nothing_had_happened(backend: str, tmp_path: Path) -> None:
    whole, parts = (url_of(backend, tmp_path, name) for name in ("whole", "parts"))
    workers = [start(whole, "networks", 20, 7), start(parts, "networks", 11, 7)]
    for worker in workers:
        finish(worker)
    finish(start(parts, "networks", 9, 7))
    studies = [open_study(url, "networks", None) for url in (whole, parts)]
    assert params(studies[0]) == params(studies[1])
    digests = [[r.digest for r in audit(study, sampler("networks", 0))] for study in studies]
    assert digests[0] == digests[1] and len(digests[0]) == 3


def test_worker_with_another_setting_is_turned_away(tmp_path: Path) -> None:
    """One clear sentence, and no trial that runs for ever."""
    url = url_of("sqlite", tmp_path)
    study = open_study(url, "networks", 1)
    study.tell(study.ask(), (1.0, 1.0))
    study.sampler = sampler("sphere", 1)
    with pytest.raises(ValueError, match="was begun with another search space"):
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
