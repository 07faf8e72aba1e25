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
from optuna_codeepneat.sampler._records import Record
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import params
from tests.sampler.studies import stored


ROOT = Path(__file__).parents[1]


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


@pytest.mark.parametrize(("backend", "what"), [("sqlite", "sphere"), ("journal", "networks")])
def test_four_processes_evolve_one_study(backend: str, what: str, tmp_path: Path) -> None:
    """Without a seed: the first one's is everybody's."""
    url = url_of(backend, tmp_path)
    study = open_study(url, what, None)  # so that the tables are made once
    for worker in [start(url, what, 10, None) for _ in range(4)]:
        finish(worker)
    assert [trial.state for trial in stored(study)] == [TrialState.COMPLETE] * 40
    last = study.ask()  # leads a window, and so counts all that has not counted before
    found = audit(study, sampler(what, 0))
    assert {record.generation for record in found} == set(range(6))
    assert found[-1].number == last.number == 40
    assert evidence_of(found[-1], found) == list(range(40))
    assert len(assignments(study)) == 41
    evaluated = {tuple(sorted(trial.params.items())) for trial in stored(study)[:40]}
    assert len(evaluated) >= 39  # two workers may come to the same network at once


def evidence_of(record: Record, found: list[Record]) -> list[int]:
    """All trials that a record and its ancestors count, in order."""
    by_number = {other.number: other for other in found}
    counted = list(record.evidence)
    while record.parent is not None:
        record = by_number[record.parent]
        counted += record.evidence
    return sorted(counted)


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


@pytest.mark.parametrize(("backend", "what"), [("sqlite", "sphere"), ("journal", "networks")])
def test_new_process_goes_on_as_if_nothing_had_happened(
    backend: str, what: str, tmp_path: Path
) -> None:
    whole, parts = (url_of(backend, tmp_path, name) for name in ("whole", "parts"))
    finish(start(whole, what, 13, 7))
    for n_trials in (6, 7):
        finish(start(parts, what, n_trials, 7))
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
