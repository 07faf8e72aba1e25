"""Which errors pass if one waits, asked of the real clients."""

from __future__ import annotations

import errno
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from sqlalchemy import create_engine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import OperationalError

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._outages import database_reason
from optuna_codeepneat.storages._outages import outage


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port on which nobody listens, and nobody else will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize("driver", ["postgresql+psycopg", "mysql+pymysql"])
def test_database_that_refuses_connections(driver: str, closed_port: int) -> None:
    with pytest.raises(DBAPIError) as caught:
        create_engine(f"{driver}://me@127.0.0.1:{closed_port}/study").connect()
    reason = outage(caught.value)
    assert reason is not None and "refused" in reason and "\n" not in reason


def test_redis_that_refuses_connections(closed_port: int) -> None:
    redis = pytest.importorskip("redis")
    client = redis.Redis(port=closed_port, retry=redis.retry.Retry(redis.backoff.NoBackoff(), 0))
    with pytest.raises(redis.ConnectionError) as caught:
        client.get("x")
    assert "refused" in (outage(caught.value) or "")


def test_grpc_that_refuses_connections(closed_port: int) -> None:
    grpc = pytest.importorskip("grpc")
    proxy = optuna.storages.GrpcStorageProxy(host="127.0.0.1", port=closed_port)
    with pytest.raises(grpc.RpcError) as caught:
        proxy.get_all_studies()
    proxy.close()
    assert "onnect" in (outage(caught.value) or "")


def sqlite_error(folder: Path, *statements: str, hold: bool = False) -> DBAPIError:
    """The error of the last of some statements, while another connection may hold the lock."""
    path = folder / "study.db"
    other = sqlite3.connect(path)
    if hold:
        other.execute("BEGIN EXCLUSIVE")
    with create_engine(f"sqlite:///{path}", connect_args={"timeout": 0}).connect() as connection:
        for statement in statements[:-1]:
            connection.execute(text(statement))
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text(statements[-1]))
    other.close()
    return caught.value


def test_sqlite_that_others_hold(tmp_path: Path) -> None:
    assert outage(sqlite_error(tmp_path, "CREATE TABLE a (b)", hold=True)) == "database is locked"


@pytest.mark.parametrize(
    "statements",
    [
        ("SELECT * FROM nothing",),
        ("SELEKT 1",),
        ("CREATE TABLE a (b UNIQUE)", "INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (1)"),
    ],
)
def test_wrong_statements(statements: tuple[str, ...], tmp_path: Path) -> None:
    assert outage(sqlite_error(tmp_path, *statements)) is None


def test_sqlite_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(OperationalError) as caught:
        RDBStorage(f"sqlite:///{tmp_path}/no/folder/study.db")
    assert outage(caught.value) is None
    assert database_reason(caught.value) == "unable to open database file"


def caused_by(cause: Exception) -> Exception:
    error = StorageInternalError("An exception is raised during the commit.")
    error.__cause__ = cause
    return error


def test_errors_of_the_system(tmp_path: Path) -> None:
    assert outage(ConnectionResetError(errno.ECONNRESET, "reset")) == "[Errno 104] reset"
    full = OSError(errno.ENOSPC, "No space left on device")
    assert outage(full) == "its disk is full ([Errno 28] No space left on device)"
    assert outage(caused_by(full)) == outage(full)
    with pytest.raises(FileNotFoundError) as caught:
        (tmp_path / "nothing").open()
    assert outage(caught.value) is None


@pytest.mark.parametrize(
    "error", [KeyError("x"), ValueError("the connection is full"), RuntimeError("x")]
)
def test_other_errors(error: Exception) -> None:
    assert outage(error) is None
    assert outage(caused_by(error)) is None
    assert database_reason(error) is None


def test_what_was_waited_for_once_is_not_waited_for_again() -> None:
    error = StorageError("away")
    error.__cause__ = ConnectionError("x")
    assert outage(error) is None
