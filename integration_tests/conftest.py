"""What tests of whole studies share: real servers, and the command in a folder of its own."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.command import Command
from integration_tests.command import workers_of
from integration_tests.servers import grpc_url
from integration_tests.servers import mariadb_server
from integration_tests.servers import postgresql
from integration_tests.servers import postgresql_server
from integration_tests.servers import redis_server


__all__ = ["grpc_url", "mariadb_server", "postgresql", "postgresql_server", "redis_server"]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path)
    yield command
    for process in command.processes:
        if process.poll() is None:
            for pid in [*workers_of(process), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture(scope="session")
def mnist1d_search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished search, which the first process that needs it runs for all."""
    pytest.importorskip("torch")
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / "mnist1d-search", shared / "mnist1d-search.done"
    with (shared / "mnist1d-search.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            arguments = ("--trials", "12", "--workers", "2", "--seed", "1", "--final", "1")
            size = ("--population-size", "6")
            status, _, err = Command(folder).run("search", "mnist1d", *arguments, *size)
            assert status == 0, err
            assert err.rstrip().endswith("Report: mnist1d-report.html")
            done.touch()
    return folder
