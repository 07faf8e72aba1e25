"""The lock of a journal file, which does not outlive its holder."""

from __future__ import annotations

import functools
import os
import platform
import random
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Claim:
    """A file of one holder, which the link points to, open and locked with `flock`."""

    path: str
    file: int

    def give_up(self) -> None:
        try:
            _remove(self.path)
        finally:
            os.close(self.file)


class JournalLock(JournalFileSymlinkLock):
    """Optuna's lock: a symbolic link beside the file, made by one process at a time.

    What is added is a claim: a file to which the link points, and which its holder locks with
    `flock`. The system lets go of that when the holder dies, so that processes of the same
    machine need not wait for 30 seconds to be sure. They still do for one of theirs that is
    frozen, for processes of other machines, and for those that use Optuna's own lock; and those
    do for these. Each lock has a claim of its own, so whoever was taken over, and goes on later,
    lets go of nothing but that. The path of the journal file has to be absolute.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._link = f"{path}.lock"
        self._claim: _Claim | None = None

    def acquire(self) -> bool:
        """Waits until the lock is this process's."""
        seen, since, delay = None, time.monotonic(), _FIRST_DELAY
        while not self._take():
            holder = self._holder()
            if holder != seen:
                seen, since = holder, time.monotonic()
            if holder is None:
                continue
            if self._is_dead(holder[0]) or time.monotonic() - since > _GRACE:
                self._take_away(holder)
            else:
                delay = _wait(delay)
        return True

    def release(self) -> None:
        """Lets the next one have it."""
        claim, self._claim = self._claim, None
        if claim is None:
            return
        try:
            holder = self._holder()
            if holder is not None and holder[0] == os.path.basename(claim.path):
                _remove(self._link)
            else:
                _logger.warning(f"Another process took over the lock {self._link}.")
        finally:
            claim.give_up()

    def _take(self) -> bool:
        """Makes the link, unless there is one."""
        if os.path.lexists(self._link):
            return False
        claim = self._make_claim()
        try:
            # Relative, since other machines may know the folder by another name.
            os.symlink(os.path.basename(claim.path), self._link)
        except BaseException as error:
            claim.give_up()
            if isinstance(error, FileExistsError):
                return False
            raise
        self._claim = claim
        return True

    def _make_claim(self) -> _Claim:
        while True:
            path = f"{self._link}-{_machine()}-{uuid.uuid4().hex[:12]}"
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            claim = _Claim(path, file)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            except OSError:  # a file system without such locks, where no claim is ever free
                return claim
            if os.path.exists(path):  # nobody took it for a left-over before it was locked
                return claim
            claim.give_up()

    def _holder(self) -> tuple[str, int, int] | None:
        """What tells the present link from later ones, its target first; None if there is none."""
        try:
            status = os.lstat(self._link)
            return os.readlink(self._link), status.st_ino, status.st_mtime_ns
        except OSError:
            return None

    def _is_dead(self, target: str) -> bool:
        """Whether a link is that of a process of this machine that has died."""
        if not target.startswith(f"{os.path.basename(self._link)}-{_machine()}-"):
            return False
        return _is_free(Path(self._link).with_name(target))

    def _take_away(self, holder: tuple[str, int, int]) -> None:
        """Removes a link whose holder is dead or frozen, and what dead processes left behind."""
        if self._holder() != holder:
            return
        _logger.warning(
            f"Removing the lock {self._link} of a process that was killed, or is frozen."
        )
        _remove(self._link)
        link = Path(self._link)
        if holder[0].startswith(f"{link.name}-"):
            _remove(link.with_name(holder[0]))
        for path in link.parent.iterdir():
            if path.name.startswith(f"{link.name}-{_machine()}-"):
                _is_free(path, remove=True)


def _is_free(claim: Path, *, remove: bool = False) -> bool:
    """Whether no process holds a claim of this machine, which then may be removed."""
    try:
        file = os.open(claim, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if remove:
            _remove(claim)
    except OSError:
        return False
    finally:
        os.close(file)
    return True


def _remove(path: str | Path) -> None:
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
