"""How a command and its worker processes are told to stop."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How the parent stops its workers. They leave the stop signals to the parent, since those reach
# either it alone (`kill`, Kubernetes) or all its processes (a terminal, Slurm), as it happens.
# NOTE: Windows knows no such signal; SIGTERM ends a process there without asking it.
WORKER_SIGNAL = getattr(signal, "SIGUSR1", signal.SIGTERM)
# One request to stop may arrive as several signals: srun passes on what its tasks get as well.
_ECHO_SECONDS = 1.0


class StopSignal:
    """The parent's word to stop, raised as `KeyboardInterrupt` only where that does no harm.

    Within `interruptible` it takes effect at once, elsewhere (while a trial is being created or
    told) at the next `interruptible`.
    """

    def __init__(self) -> None:
        self._requested = False
        self._armed = False

    def install(self) -> None:
        """Handles the signals from now on, those included that the parent held back."""
        for number in STOP_SIGNALS:
            # A handler and not SIG_IGN, which programs that this process starts would inherit.
            signal.signal(number, _leave_to_parent)
        signal.signal(WORKER_SIGNAL, self._handle)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_default_handlers)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (*STOP_SIGNALS, WORKER_SIGNAL))

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A stretch in which the signal raises `KeyboardInterrupt`."""
        self._armed = True
        try:
            if self._requested:
                raise KeyboardInterrupt
            yield
        finally:
            self._armed = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self._requested = True
        if self._armed:
            raise KeyboardInterrupt


def _leave_to_parent(number: int, frame: FrameType | None) -> None:
    pass


def _default_handlers() -> None:
    """So that what a worker forks, such as a pool of a user's, can be ended as ever."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in {signal.SIGTERM, WORKER_SIGNAL}:
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Starts a process that no signal can hit before it is ready for one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (*STOP_SIGNALS, WORKER_SIGNAL))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class StopNote:
    """Notes SIGINT and SIGTERM instead of raising in the middle of things.

    A third signal does what it would do without this, should the command not come to its end.

    Attributes:
        number: The first signal that came, None as long as there was none.
        insisted: Whether a second one came, some time after the first.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.insisted = False
        self._since = 0.0

    def __enter__(self) -> StopNote:
        self._before = {number: signal.signal(number, self._note) for number in STOP_SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        self._hand_back()

    def _note(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.number is None:
            self.number, self._since = number, now
        elif now - self._since >= _ECHO_SECONDS:
            self.insisted = True
            self._hand_back()

    def _hand_back(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
