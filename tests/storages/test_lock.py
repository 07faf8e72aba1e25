"""The lock of a journal file: one holder at a time, and none that is dead."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from optuna.storages.journal import JournalFileSymlinkLock

from optuna_codeepneat.storages import _lock
from optuna_codeepneat.storages._lock import JournalLock
from tests.frozen import Frozen


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has another lock")


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "study.log"
    file.touch()
    return str(file)


def killed_holder(path: str, lock: str) -> None:
    """Has a process take a lock and die."""
    code = f"""
import os, signal
from optuna.storages.journal import JournalFileSymlinkLock
from optuna_codeepneat.storages._lock import JournalLock
{lock}({path!r}).acquire()
os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert process.returncode == -9, process.stderr


def files(path: str) -> list[str]:
    return sorted(os.listdir(os.path.dirname(path)))


def test_leaves_nothing_behind(path: str) -> None:
    lock = JournalLock(path)
    for _ in range(2):
        assert lock.acquire()
        assert len(files(path)) == 3
        lock.release()
        assert files(path) == ["study.log"]


@pytest.mark.parametrize("other", [JournalLock, JournalFileSymlinkLock])
def test_one_holder_at_a_time(path: str, other: type[JournalFileSymlinkLock]) -> None:
    holders, most = 0, 0

    def work(lock: JournalFileSymlinkLock) -> None:
        nonlocal holders, most
        for _ in range(20):
            lock.acquire()
            holders += 1
            most = max(most, holders)
            time.sleep(0.0005)
            holders -= 1
            lock.release()

    threads = [threading.Thread(target=work, args=(kind(path),)) for kind in (JournalLock, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert most == 1
    assert files(path) == ["study.log"]


def test_lock_of_a_killed_process_is_taken_over_at_once(path: str) -> None:
    killed_holder(path, "JournalLock")
    lock = JournalLock(path)
    start = time.monotonic()
    lock.acquire()
    assert time.monotonic() - start < 5  # and not 30
    lock.release()
    assert files(path) == ["study.log"]


def test_lock_that_may_be_alive_is_waited_for(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That of another machine, or of Optuna's own worker."""
    killed_holder(path, "JournalFileSymlinkLock")
    monkeypatch.setattr(_lock, "_GRACE", 1.0)
    lock = JournalLock(path)
    start = time.monotonic()
    lock.acquire()
    assert time.monotonic() - start >= 1
    lock.release()


def test_lock_of_a_frozen_process_is_taken_over_once(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is of this machine and alive, and may stay so for hours."""
    monkeypatch.setattr(_lock, "_GRACE", 2.0)
    with Frozen(FROZEN_HOLDER, path) as holder:
        lock = JournalLock(path)
        start = time.monotonic()
        for _ in range(20):
            lock.acquire()
            lock.release()
        assert 2 <= time.monotonic() - start < 20  # and not 40
        lock.acquire()
        assert holder.go_on() == 0, holder.said
        assert "took over the lock" in holder.said
        assert len(files(path)) == 3  # it has let go of nothing but its own
        lock.release()
    assert files(path) == ["study.log"]


FROZEN_HOLDER = """
import os, signal, sys
from optuna_codeepneat.storages._lock import JournalLock
lock = JournalLock(sys.argv[1])
lock.acquire()
os.kill(os.getpid(), signal.SIGSTOP)
lock.release()
"""


def test_what_killed_processes_left_is_removed_with_a_lock(path: str) -> None:
    """They may die before they have the lock, or after it was taken over."""
    lock = JournalLock(path)
    left = f"{path}.lock-{_lock._machine()}-0123456789ab"
    Path(left).touch()
    killed_holder(path, "JournalLock")
    assert len(files(path)) == 4
    lock.acquire()
    lock.release()
    assert files(path) == ["study.log"]


def test_optuna_takes_over_from_a_killed_process(path: str) -> None:
    """It looks at the file behind the link, and would spin if there were none."""
    killed_holder(path, "JournalLock")
    lock = JournalFileSymlinkLock(path, grace_period=3)
    lock.acquire()
    lock.release()


def test_holder_that_slept_does_not_remove_the_lock_of_another(path: str) -> None:
    sleeper = JournalLock(path)
    sleeper.acquire()
    os.unlink(f"{path}.lock")  # taken over meanwhile
    other = JournalFileSymlinkLock(path)
    other.acquire()
    sleeper.release()
    assert "study.log.lock" in files(path)
    other.release()
