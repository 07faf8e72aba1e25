"""What tests of whole studies share: servers, finished searches, and the command in a folder."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.command import Command
from integration_tests.command import workers_of
from integration_tests.searches import mnist1d_search
from integration_tests.searches import short_search
from integration_tests.servers import grpc_url
from integration_tests.servers import mariadb_server
from integration_tests.servers import postgresql
from integration_tests.servers import postgresql_server
from integration_tests.servers import redis_server


__all__ = [
    "grpc_url",
    "mariadb_server",
    "mnist1d_search",
    "postgresql",
    "postgresql_server",
    "redis_server",
    "short_search",
]


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path)
    yield command
    for process in command.processes:
        if process.poll() is None:
            for pid in [*workers_of(process), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.communicate()
