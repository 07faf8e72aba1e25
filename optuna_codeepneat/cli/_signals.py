"""SIGINT and SIGTERM, in the parent process and in its workers."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopSignal:
    """SIGINT or SIGTERM, raised as `KeyboardInterrupt` only where that does no harm.

    Within `interruptible` a signal takes effect at once, elsewhere (while a trial is being
    created or told) at the next `interruptible`.
    """

    def __init__(self) -> None:
        self._requested = False
        self._armed = False

    def install(self) -> None:
        """Handles the signals from now on, those included that the parent held back."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._handle)
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """A stretch in which a signal raises `KeyboardInterrupt`."""
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


@contextmanager
def signals_held_back() -> Iterator[None]:
    """Starts a process that no signal can hit before it is ready for one."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class StopNote:
    """Notes SIGINT and SIGTERM instead of raising in the middle of things.

    Attributes:
        number: The first signal that came, None as long as there was none.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def __enter__(self) -> StopNote:
        self._before = {number: signal.signal(number, self._note) for number in STOP_SIGNALS}
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = self.number or number
