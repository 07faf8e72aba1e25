"""Workers killed or frozen at random, servers restarted: nothing is lost, and all replays."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from integration_tests.servers import PostgreSQL
from integration_tests.study_worker import SIZE
from integration_tests.study_worker import open_study
from integration_tests.worker_processes import WorkerProcesses
from integration_tests.worker_processes import url_of
from tests.sampler.studies import stored


pytestmark = pytest.mark.long


HOUR = 3600.0


def kill_and_replace(processes: WorkerProcesses, options: Sequence[str] = ()) -> None:
    """A worker dies each second, and another comes."""
    time.sleep(1.0)
    processes.kill_one()
    processes.start(more=options)


def new_url(backend: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if backend != "postgresql":
        return url_of(backend, folder)
    server: PostgreSQL = request.getfixturevalue(backend)
    return server.new_database()


@pytest.mark.soak
def test_postgresql_restarts_while_workers_die(postgresql: PostgreSQL, tmp_path: Path) -> None:
    # A leader may see up to five seconds after its followers that the database is back.
    patient = ("--takeover", "10")
    with WorkerProcesses(postgresql.new_database(), "sphere", tmp_path, seconds=0.05) as processes:
        for _ in range(8):
            processes.start(more=patient)
        processes.until(lambda: len(processes.finished) >= SIZE, "the first generation")
        for _ in range(3):
            kill_and_replace(processes, patient)
        before = len(processes.finished)
        postgresql.stop()
        kill_and_replace(processes, patient)
        postgresql.start()
        for _ in range(3):
            kill_and_replace(processes, patient)
        processes.until(
            lambda: len(processes.finished) >= before + 2 * SIZE, "evolution after the restart"
        )
        processes.dismiss()
        processes.check()


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        ("sqlite", "sphere"),
        pytest.param("journal", "networks", marks=pytest.mark.soak),
        pytest.param("sqlite", "lemonade", marks=pytest.mark.soak),
    ],
)
def test_workers_on_a_file_die(backend: str, what: str, tmp_path: Path) -> None:
    with WorkerProcesses(url_of(backend, tmp_path), what, tmp_path, seconds=0.05) as processes:
        for _ in range(4):
            processes.start()
        processes.until(lambda: len(processes.finished) >= SIZE, "the first generation")
        before = len(processes.finished)
        for _ in range(6):
            kill_and_replace(processes)
        processes.until(
            lambda: len(processes.finished) >= before + 2 * SIZE, "evolution in spite of the kills"
        )
        processes.dismiss()
        processes.check()


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        pytest.param("sqlite", "sphere", marks=pytest.mark.soak),
        ("journal", "networks"),
        pytest.param("postgresql", "networks", marks=pytest.mark.soak),
    ],
)
def test_workers_freeze(
    backend: str, what: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Longer, too, than others wait for a leader, who then finds that it was replaced."""
    url = new_url(backend, request, tmp_path)
    early = open_study(url, what, None)
    with WorkerProcesses(url, what, tmp_path, seconds=0.05) as processes:
        for _ in range(3):
            processes.start(more=("--takeover", "1"))
        processes.until(lambda: len(processes.finished) >= SIZE, "the first generation")
        before = len(processes.finished)
        for seconds in (0.5, 1.0, 3.0):
            processes.freeze_one(seconds)
        processes.until(
            lambda: len(processes.finished) >= before + SIZE, "evolution beside the frozen"
        )
        processes.dismiss()
        processes.check(views=3)
        assert stored(early) == stored(open_study(url, what, None))


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["sqlite", "journal", "postgresql"])
def test_worker_freezes_for_long(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """As a machine that swaps does, or a virtual one that is moved to another host."""
    url = new_url(backend, request, tmp_path)
    with WorkerProcesses(url, "networks", tmp_path, seconds=0.05) as processes:
        for _ in range(4):
            processes.start(more=("--takeover", "2"))
        processes.until(lambda: len(processes.finished) >= SIZE, "the first generation")
        before = len(processes.finished)
        processes.freeze_one(30.0)
        assert len(processes.finished) >= before + SIZE, "the others waited for the frozen one"
        processes.dismiss()
        processes.check(views=2)


@pytest.mark.parametrize(
    ("backend", "what"),
    [
        ("sqlite", "sphere"),
        pytest.param("journal", "lemonade", marks=pytest.mark.soak),
        pytest.param("postgresql", "networks", marks=pytest.mark.soak),
    ],
)
def test_clocks_are_set_while_workers_die(
    backend: str, what: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = new_url(backend, request, tmp_path)
    with WorkerProcesses(url, what, tmp_path, seconds=0.05, own_clocks=True) as processes:
        for _ in range(4):
            processes.start()
        processes.until(lambda: len(processes.finished) >= SIZE, "the first generation")
        before = len(processes.finished)
        for seconds in (3 * HOUR, -3 * HOUR, 24 * HOUR, -0.5, -25 * HOUR):
            processes.set_one_clock(seconds)
            kill_and_replace(processes)
        processes.until(
            lambda: len(processes.finished) >= before + 2 * SIZE, "evolution by wrong clocks"
        )
        processes.dismiss()
        processes.check()
