"""Storages by URL, and what is wrong with them in one sentence."""

from __future__ import annotations

import os
import pickle
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import optuna
import pytest

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import RetryingStorage
from optuna_codeepneat.storages import open_storage


ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "'nonsense' is no URL of a storage, such as sqlite:///study.db"),
        ("", "'' is no URL of a storage"),
        ("sqlite://", "can't share the storage 'sqlite://'; name a file"),
        ("sqlite:///:memory:", "can't share the storage"),
        ("sqlite:////no/such/folder/study.db", "can't be opened: unable to open database file"),
        ("fancydb://host/study", "names an unknown kind of database"),
        (
            "oracle://me:secret@host/study",
            r"oracle://me:\*\*\*@host/study needs .* '(oracledb|cx_Oracle)'",
        ),
        ("journal:study.log", "'journal:study.log' is no URL of a journal"),
        ("journal:///", "is no URL of a journal, such as journal:///study.log"),
        ("journal:////no/such/folder/study.log", "can't be opened: No such file or directory"),
        ("journal:////proc", "can't be opened: Is a directory"),
        ("redis://me:secret@localhost:99999999/0", r"redis://me:\*\*\*@localhost:9+/0 can't be"),
        ("grpc://", "can't be opened: it must look like grpc://host:port"),
        ("grpc://host/path", "can't be opened: it must look like grpc://host:port"),
        ("grpc://me:secret@host:x", r"grpc://me:\*\*\*@host:x can't be opened: Port could not"),
        ("me:secret@host", r"'me:\*\*\*@host' is no URL of a storage"),
        ("journal://me:secret@host/study.log", r"'journal://me:\*\*\*@host/study.log' is no URL"),
        ("redis://:secret/x@localhost:99999999/0", r"redis://:\*\*\*@localhost:9+/0 can't be"),
        ("redis://localhost:99999999/0?password=secret", r"password=\*\*\* can't be opened"),
        ("sqlite://?password=secret", r"can't share the storage 'sqlite://\?password=\*\*\*'"),
        ("mysql://me:x@secret/y@host/study", r"me:\*\*\*@host/study can't be opened: it can't be"),
    ],
)
def test_bad_url(url: str, sentence: str) -> None:
    start = time.monotonic()
    with pytest.raises(StorageError, match=sentence) as caught:
        open_storage(url)
    for error in (caught.value, caught.value.__cause__):
        assert "secret" not in str(error)
    assert time.monotonic() - start < 5  # waiting would not help


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "postgresql://me:secret@127.0.0.1:1/study",
            r"me:\*\*\*@127.0.0.1:1/study can't.*refused",
        ),
        ("postgresql://me:sec/secret@127.0.0.1:1/study", r"me:\*\*\*@127.0.0.1:1/study.*refused"),
        ("redis://:s/secret@127.0.0.1:1/0", r"redis://:\*\*\*@127.0.0.1:1/0 can't.*refused"),
        ("mysql://me:secret@127.0.0.1:1/study", r"me:\*\*\*@127.0.0.1:1/study can't be.*refused"),
        ("redis://:secret@127.0.0.1:1/0", r"redis://:\*\*\*@127.0.0.1:1/0 can't.*refused"),
        ("grpc://127.0.0.1:1", "grpc://127.0.0.1:1 can't be opened: no gRPC proxy answers"),
    ],
)
def test_nobody_answers(url: str, sentence: str) -> None:
    with pytest.raises(StorageError, match=sentence) as caught:
        open_storage(url, patience=0)
    for error in (caught.value, caught.value.__cause__):
        assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("package", "url", "extra"),
    [
        ("psycopg", "postgresql://host/study", "postgresql"),
        ("pymysql", "mariadb://host/study", "mysql"),
        ("redis", "redis://host/0", "redis"),
        ("grpc", "grpc://host", "grpc"),
    ],
)
def test_missing_package(package: str, url: str, extra: str) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
from optuna_codeepneat.storages import open_storage
try:
    open_storage({url!r})
except Exception as error:
    print(type(error).__name__, error)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert said.stdout.decode().startswith("StorageError"), said.stderr.decode()
    assert f"install it with: pip install optuna-codeepneat[{extra}]" in said.stdout.decode()


@pytest.mark.parametrize("scheme", ["sqlite", "journal"])
def test_reading_makes_no_file(scheme: str, tmp_path: Path) -> None:
    path = tmp_path / "study"
    with pytest.raises(StorageError, match="there is no study database"):
        open_storage(f"{scheme}:///{path}", create=False)
    assert not path.exists()


@pytest.mark.parametrize(
    ("scheme", "sentence"),
    [("sqlite", "can't be opened: file is not a database"), ("journal", "it is no journal")],
)
@pytest.mark.parametrize("create", [True, False])
def test_file_that_is_something_else(
    scheme: str, sentence: str, create: bool, tmp_path: Path
) -> None:
    path = tmp_path / "study"
    path.write_text("# a note, which is no database\n" * 50)
    with pytest.raises(StorageError, match=sentence):
        open_storage(f"{scheme}:///{path}", create=create)


def test_schema_of_a_newer_optuna(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    optuna.create_study(storage=url)
    with sqlite3.connect(tmp_path / "study.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'v99.0.0'")
    with pytest.raises(StorageError, match="can't be used: .* try updating optuna"):
        open_storage(url)


def test_sqlite_appends_to_a_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    study = optuna.create_study(storage=open_storage(url))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    with sqlite3.connect(tmp_path / "study.db") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    [name] = optuna.get_all_study_names(open_storage(url, create=False))
    assert name == study.study_name


@pytest.mark.parametrize("scheme", ["sqlite", "journal"])
def test_path_is_relative_with_three_slashes(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    storage = open_storage(f"{scheme}:///folder/study")
    monkeypatch.chdir("/")  # where it stays nevertheless, once it is open
    if scheme == "journal":
        optuna.create_study(storage=storage)
    assert (tmp_path / "folder" / "study").stat().st_size


@pytest.mark.parametrize("scheme", ["sqlite", "journal"])
def test_processes_may_begin_it_at_once(scheme: str, tmp_path: Path) -> None:
    url = f"{scheme}:///{tmp_path}/study"
    code = f"""
import optuna, sys
from optuna_codeepneat.storages import open_storage
print("ready", flush=True)
sys.stdin.readline()
study = optuna.create_study(
    storage=open_storage({url!r}, heartbeat=60), study_name="study", load_if_exists=True
)
study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
"""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for worker in workers:
        assert worker.stdout is not None and worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("\n")
        worker.stdin.flush()
    for worker in workers:
        _, errors = worker.communicate(timeout=60)
        assert worker.returncode == 0, errors
    trials = optuna.load_study(study_name="study", storage=open_storage(url)).trials
    assert [trial.number for trial in trials] == list(range(8))


def test_heartbeat(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    intervals = []
    for heartbeat in (None, 60):
        storage = open_storage(url, heartbeat=heartbeat)
        assert isinstance(storage, RetryingStorage)
        intervals.append(storage.get_heartbeat_interval())
    assert intervals == [None, 60]
    journal = open_storage(f"journal:///{tmp_path}/study.log", heartbeat=60)
    assert isinstance(journal, RetryingStorage) and journal.get_heartbeat_interval() is None


@pytest.mark.parametrize("arguments", [{"patience": -1}, {"heartbeat": 0}])
def test_arguments_are_checked(arguments: dict[str, int]) -> None:
    [name] = arguments
    with pytest.raises(ValueError, match=f"`{name}` must be .* or more seconds"):
        open_storage("sqlite:///study.db", **arguments)  # type: ignore[arg-type]
    assert not Path("study.db").exists()


def test_another_process_can_take_it_along(tmp_path: Path) -> None:
    study = optuna.create_study(storage=open_storage(f"sqlite:///{tmp_path}/study.db"))
    again = pickle.loads(pickle.dumps(study))
    again.tell(again.ask(), 1.0)
    assert len(study.trials) == 1
