"""The lock of a journal file, which does not outlive its holder."""

from __future__ import annotations

import functools
import os
import platform
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

from optuna.logging import get_logger
from optuna.storages.journal import JournalFileSymlinkLock


if sys.platform != "win32":
    import fcntl

_logger = get_logger(f"optuna.{__name__}")

_GRACE = 30.0  # seconds, as Optuna's
_FIRST_DELAY = 0.0005
_LONGEST_DELAY = 0.02
_jitter = random.SystemRandom()  # so that nobody's seeded stream moves on


class JournalLock(JournalFileSymlinkLock):
    """Optuna's lock: a symbolic link beside the file, made by one process at a time.

    What is added is a claim: a file to which the link points, and which its holder locks with
    `flock`. The system lets go of that when the holder dies, so that processes of the same
    machine need not wait for 30 seconds to be sure. They still do for processes of other
    machines, and for those that use Optuna's own lock; and those do for these. The path of the
    journal file has to be absolute.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._link = f"{path}.lock"
        self._claim = f"{path}.lock-{_machine()}"
        self._claim_file: int | None = None
        self._mine: tuple[object, ...] | None = None

    def acquire(self) -> bool:
        """Waits until the lock is this process's."""
        self._claim_file = self._lock_claim()
        try:
            return self._make_link()
        except BaseException:
            self._release_claim()
            raise

    def release(self) -> None:
        """Lets the next one have it."""
        try:
            if self._identity() == self._mine:
                _remove(self._link)
            else:
                _logger.warning(f"Another process took over the lock {self._link}.")
        finally:
            self._mine = None
            self._release_claim()

    def _make_link(self) -> bool:
        # Relative, since other machines may know the folder by another name.
        target = Path(self._claim if self._claim_file is not None else self._link[:-5]).name
        seen, since, delay = None, time.monotonic(), _FIRST_DELAY
        while True:
            try:
                os.symlink(target, self._link)
            except FileExistsError:
                pass
            else:
                self._mine = self._identity()
                return True
            holder = self._identity()
            if holder is None:
                continue
            if holder != seen:
                seen, since = holder, time.monotonic()
            # Whoever points to this machine's claim holds its `flock`, unless it is dead.
            dead = self._claim_file is not None and holder[0] == target
            if dead or time.monotonic() - since > _GRACE:
                _logger.warning(f"Removing the lock {self._link} of a process that was killed.")
                if self._identity() == holder:
                    _remove(self._link)
                continue
            delay = _wait(delay)

    def _identity(self) -> tuple[object, ...] | None:
        """What tells the present link from later ones; None if there is none."""
        try:
            status = os.lstat(self._link)
            return os.readlink(self._link), status.st_ino, status.st_mtime_ns
        except OSError:
            return None

    def _lock_claim(self) -> int | None:
        """Opens and locks the claim; None where that can't be done, or for too long."""
        end, delay = time.monotonic() + _GRACE, _FIRST_DELAY
        while time.monotonic() < end:
            file = os.open(self._claim, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(os.fstat(file), os.stat(self._claim)):
                    return file
            except BlockingIOError:
                delay = _wait(delay)
            except FileNotFoundError:  # its last holder has just removed it
                pass
            except OSError:  # a file system without such locks
                os.close(file)
                return None
            except BaseException:
                os.close(file)
                raise
            os.close(file)
        return None

    def _release_claim(self) -> None:
        file, self._claim_file = self._claim_file, None
        if file is not None:
            try:
                _remove(self._claim)
            finally:
                os.close(file)


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _wait(delay: float) -> float:
    time.sleep(delay * _jitter.uniform(0.5, 1))
    return min(delay * 1.5, _LONGEST_DELAY)


@functools.cache
def _machine() -> str:
    """What tells the running system from others, also from the same one after a restart."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:13]
    except OSError:
        return platform.node()
