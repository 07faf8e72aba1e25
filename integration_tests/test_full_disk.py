"""The disk of a study fills up: workers wait or say so once, and go on when there is room."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.study_worker import SIZE
from integration_tests.worker_processes import Worker
from integration_tests.worker_processes import WorkerProcesses
from integration_tests.worker_processes import url_of


pytestmark = pytest.mark.long


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(["mount", *options], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("no program to mount a small disk with")  # as on Windows
    if done.returncode:
        # Only root may; CI is, and a developer need not be.
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room that is left."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return ballast


@pytest.mark.parametrize(("backend", "what"), [("sqlite", "sphere"), ("journal", "networks")])
def test_full_disk(backend: str, what: str, disk: Path, tmp_path: Path) -> None:
    with WorkerProcesses(url_of(backend, disk), what, tmp_path, seconds=0.05) as processes:
        workers = [processes.start() for _ in range(3)]
        processes.until(lambda: len(processes.finished) >= SIZE, "the first generation")
        ballast = fill(disk)
        processes.until(
            lambda: all(is_told(worker) for worker in workers), "a word about the disk"
        )
        before = processes.finished
        time.sleep(1.0)
        assert processes.finished == before, "there was room left"
        processes.kill_one()
        ballast.unlink()
        processes.until(
            lambda: len(processes.finished) >= len(before) + SIZE, "work once there is room"
        )
        processes.dismiss()
        for worker in workers:
            text = worker.errors.read_text()
            assert text.count("disk is full (") == 1 and "Traceback" not in text
        # Who leads a generation may wait for room for so long that another takes over.
        processes.check(views=2)


def is_told(worker: Worker) -> bool:
    """Whether a worker has said that it waits for room."""
    return "can't be used now: its disk is full" in worker.errors.read_text()
