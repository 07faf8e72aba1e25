"""A worker dies at each single write of a trial, and in the middle of one; others go on."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

import optuna
import pytest

from integration_tests.critical_places import before_statement
from integration_tests.servers import ROOT
from integration_tests.study_worker import OBJECTIVES
from integration_tests.study_worker import SIZE
from integration_tests.study_worker import Diary
from integration_tests.study_worker import open_study
from integration_tests.worker_processes import check_study
from integration_tests.worker_processes import url_of
from tests.sampler.studies import waits_for_leaders


pytestmark = pytest.mark.long


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_transaction(n: int, path: Path) -> None:
    """Dies before the n-th statement of SQL that changes something, or its commit."""
    before_statement(n, die)


def after_line(n: int, path: Path) -> None:
    """Dies once the n-th line is in the journal, still holding the lock."""
    left = iter(range(n - 1))
    fsync = os.fsync

    def step(file: int) -> None:
        fsync(file)
        if next(left, None) is None:
            die()

    os.fsync = step


def within_line(n: int, path: Path) -> None:
    """Dies with a half of the n-th line in the journal."""
    left = iter(range(n - 1))
    fsync = os.fsync

    def step(file: int) -> None:
        fsync(file)
        if next(left, None) is None:
            text = path.read_bytes()
            begin = text.rstrip(b"\n").rfind(b"\n") + 1
            os.truncate(path, (begin + len(text)) // 2)
            die()

    os.fsync = step


def work(url: str, n_trials: int, diary: Path) -> optuna.Study:
    """Runs trials."""
    study = open_study(url, "sphere", 1)
    with waits_for_leaders(0.1):
        study.optimize(OBJECTIVES["sphere"], n_trials=n_trials, callbacks=[Diary(diary)])
    return study


def work_and_die(url: str, diary: Path, death: Callable[[int, Path], None], n: int) -> None:
    """Runs a trial, up to its n-th write."""
    open_study(url, "sphere", 1)  # what is done once is not counted
    death(n, Path(url.partition("///")[2]))
    work(url, 1, diary)


@pytest.mark.parametrize(
    ("backend", "death"),
    [
        pytest.param("sqlite", in_transaction, marks=pytest.mark.soak),
        ("journal", after_line),
        ("journal", within_line),
    ],
)
def test_worker_dies_at_every_write(
    backend: str,
    death: Callable[[int, Path], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Forks of a process that has imported everything: they start within milliseconds.
    context = multiprocessing.get_context("forkserver")
    later = ["alembic.command", "moocore", "sqlalchemy.dialects.sqlite"]  # imported when used
    context.set_forkserver_preload([__name__, *later])
    begun = tmp_path / "begun"
    begun.mkdir()
    # The next trial leads a generation, and stores a record.
    work(url_of(backend, begun), 2 * SIZE, begun / "diary.txt")
    for n in count(1):
        folder = tmp_path / str(n)
        shutil.copytree(begun, folder)
        url, diary = url_of(backend, folder), folder / "diary.txt"
        process = context.Process(target=work_and_die, args=(url, diary, death, n))
        process.start()
        process.join()
        if process.exitcode == 0:  # the trial has fewer writes
            break
        assert process.exitcode == -signal.SIGKILL
        study = work(url, SIZE + 1, diary)
        lines = Diary.read(diary)
        assert len(lines) == 3 * SIZE + 1
        check_study(study, "sphere", {number: (state, values) for number, state, values in lines})
        shutil.rmtree(folder)
    assert n > 10
