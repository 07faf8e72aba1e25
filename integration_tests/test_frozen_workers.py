"""Workers that freeze, as a machine that swaps freezes them: others go on, and nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from integration_tests.critical_places import before_statement
from integration_tests.critical_places import within_append
from integration_tests.servers import ROOT
from integration_tests.servers import MariaDB
from integration_tests.servers import PostgreSQL
from integration_tests.study_worker import OBJECTIVES
from integration_tests.study_worker import SIZE
from integration_tests.study_worker import Diary
from integration_tests.study_worker import open_study
from integration_tests.worker_processes import check_study
from integration_tests.worker_processes import url_of
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import _database
from optuna_codeepneat.storages import _lock
from optuna_codeepneat.storages import open_storage
from tests.frozen import Frozen
from tests.sampler.studies import waits_for_leaders


IN_TRANSACTION = """
import os, signal, sys
import optuna, sqlalchemy
from optuna_codeepneat.storages import _database, open_storage
_database._IDLE_SECONDS = 2
awake = [True]
def execute(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO trials ") and awake.pop():
        awake.append(False)
        os.kill(os.getpid(), signal.SIGSTOP)
study = optuna.load_study(study_name="study", storage=open_storage(sys.argv[1]))
sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", execute)
study.tell(study.ask(), 1.0)
"""
"""A process that freezes while it has the study locked, and has nothing to say to the server."""


@pytest.fixture(params=["postgresql", "mariadb_server"])
def url(request: pytest.FixtureRequest) -> str:
    server: PostgreSQL | MariaDB = request.getfixturevalue(request.param)
    return server.new_database()


def test_what_a_frozen_worker_has_locked_is_freed(url: str) -> None:
    study = optuna.create_study(storage=open_storage(url), study_name="study")
    with Frozen(IN_TRANSACTION, url) as worker:
        for _ in range(3):
            study.tell(study.ask(), 0.0)
        assert worker.go_on() == 0, worker.said
    for seen in (study, optuna.load_study(study_name="study", storage=open_storage(url))):
        assert [trial.state for trial in seen.trials] == [TrialState.COMPLETE] * 4
        assert [trial.value for trial in seen.trials] == [0.0, 0.0, 0.0, 1.0]


def test_patience_with_a_frozen_worker_ends(url: str) -> None:
    storage = open_storage(url, patience=1)
    study = optuna.create_study(storage=storage, study_name="study")
    with Frozen(IN_TRANSACTION.replace("= 2", "= 600"), url) as worker:
        with pytest.raises(StorageError, match="away for 1 seconds: .*[Ll]ock.* timeout"):
            study.ask()
        assert worker.go_on() == 0, worker.said
    assert study.ask().number == 1


# -- at every place ----------------------------------------------------------------------------


@dataclass
class Begun:
    """A study whose next trial leads a generation, and copies of it.

    Args:
        url:
            The URL of a copy, by a name.
        freeze:
            Has a process act at its n-th step of storing a trial.
        frees:
            Whether others can go on while a process is frozen there.
        stride:
            From one step that is tried to the next; what takes longer is tried at fewer.
    """

    url: Callable[[str], str]
    freeze: Callable[[int, Callable[[], None]], None]
    frees: bool
    stride: int


@pytest.fixture(params=["sqlite", "journal", "postgresql"])
def begun(request: pytest.FixtureRequest, tmp_path: Path) -> Begun:
    kind = request.param
    if kind == "postgresql":
        server: PostgreSQL = request.getfixturevalue(kind)
        first = server.new_database()

        def copy(name: str) -> str:
            url, database = server.new_database(), first.rpartition("/")[2]
            copied = url.rpartition("/")[2]
            server.execute(f"DROP DATABASE {copied}")
            server.execute(f"CREATE DATABASE {copied} TEMPLATE {database}")
            return url

    else:
        (tmp_path / "first").mkdir()
        first = url_of(kind, tmp_path / "first")

        def copy(name: str) -> str:
            shutil.copytree(tmp_path / "first", tmp_path / name)
            return url_of(kind, tmp_path / name)

    study = work(first, 2 * SIZE, tmp_path / "diary.txt")
    study._storage.remove_session()
    if kind == "postgresql":
        study._storage._storage._backend.engine.dispose()  # type: ignore[attr-defined]
    place = within_append if kind == "journal" else before_statement
    return Begun(copy, place, kind != "sqlite", 10 if kind == "postgresql" else 5)


def work(url: str, n_trials: int, diary: Path) -> optuna.Study:
    """Runs trials."""
    study = open_study(url, "sphere", 1)
    with waits_for_leaders(0.1):
        study.optimize(OBJECTIVES["sphere"], n_trials=n_trials, callbacks=[Diary(diary)])
    return study


def work_and_freeze(
    url: str, diary: Path, freeze: Callable[[int, Callable[[], None]], None], n: int
) -> None:
    """Runs a trial, and freezes at its n-th step."""
    _database._IDLE_SECONDS = 1
    open_study(url, "sphere", 1)  # what is done once is not counted

    def act() -> None:
        diary.with_suffix(".frozen").touch()
        os.kill(os.getpid(), signal.SIGSTOP)

    freeze(n, act)
    work(url, 1, diary)


@pytest.mark.long
def test_worker_freezes_at_every_place(
    begun: Begun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(_lock, "_GRACE", 0.3)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "alembic.command", "moocore"])
    for n in count(1, begun.stride):
        url, diary = begun.url(str(n)), tmp_path / f"diary-{n}.txt"
        mine = tmp_path / f"mine-{n}.txt"
        early = open_study(url, "sphere", 1)
        assert len(early.trials) == 2 * SIZE
        process = context.Process(target=work_and_freeze, args=(url, diary, begun.freeze, n))
        process.start()
        frozen = diary.with_suffix(".frozen")
        while process.is_alive() and not frozen.exists():
            time.sleep(0.01)
        if not frozen.exists():  # the trial has fewer steps
            break
        wake = threading.Timer(0.5, os.kill, (process.pid, signal.SIGCONT))
        if not begun.frees:
            wake.start()
        work(url, SIZE // 2, mine)
        if begun.frees:
            wake.start()
        process.join(60)
        assert process.exitcode == 0
        study = work(url, SIZE + 1, mine)
        lines = Diary.read(diary) + Diary.read(mine)
        assert len(lines) == 1 + SIZE // 2 + SIZE + 1
        finished = {number: (state, values) for number, state, values in lines}
        check_study(study, "sphere", finished, views=2)
        assert early.trials == study.trials == open_study(url, "sphere", 1).trials
    assert n > 10
