"""Waiting for a storage that is away."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from optuna.logging import get_logger

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._outages import outage


_T = TypeVar("_T")
_logger = get_logger(f"optuna.{__name__}")

_FIRST_DELAY = 0.1  # seconds
_LONGEST_DELAY = 5.0
_GROWTH = 1.6
_SILENT_SECONDS = 1.0
_jitter = random.SystemRandom()  # so that nobody's seeded stream moves on


class Patience:
    """Calls again what failed because the storage is away, until it is back.

    Threads may share one; together they say once that they wait, and once that it is over. A
    call gives up after so many seconds.
    """

    def __init__(self, seconds: float) -> None:
        if not seconds >= 0:
            raise ValueError(f"`patience` must be 0 or more seconds, got {seconds}.")
        self.seconds = seconds
        self._lock = threading.Lock()
        self._away_since: float | None = None

    def __reduce__(self) -> tuple[type[Patience], tuple[float]]:
        return Patience, (self.seconds,)

    def call(self, action: Callable[[], _T], again: Callable[[], _T] | None = None) -> _T:
        """Does something, as often as it takes.

        The first repetition comes soon, and silently after an attempt that failed soon: after a
        server's restart, or a long time without a call, it is only this process's connection that
        is gone. `again` goes in place
        of the action after an attempt that failed, whose work may have been done. StorageError
        if the storage stays away.
        """
        start = time.monotonic()
        deadline, delay = None, _FIRST_DELAY
        while True:
            try:
                result = action() if deadline is None or again is None else again()
            except Exception as error:
                reason = outage(error)
                if reason is None:
                    raise
                now = time.monotonic()
                if deadline is not None or now - start > _SILENT_SECONDS:
                    self._say_away(start, reason)
                if deadline is None:
                    deadline = now + self.seconds
                if now >= deadline:
                    raise StorageError(
                        f"the storage has been away for {self.seconds:g} seconds: {reason}"
                    ) from error
                time.sleep(min(delay * _jitter.uniform(0.5, 1), deadline - now))
                delay = min(delay * _GROWTH, _LONGEST_DELAY)
            else:
                if deadline is not None:
                    self._say_back()
                return result

    def _say_away(self, start: float, reason: str) -> None:
        with self._lock:
            if self._away_since is not None:
                return
            self._away_since = start
        _logger.warning(
            f"The storage can't be used now: {reason}. Trying again for {self.seconds:g} seconds."
        )

    def _say_back(self) -> None:
        with self._lock:
            since, self._away_since = self._away_since, None
        if since is not None:
            _logger.info(f"The storage is back after {time.monotonic() - since:.1f} seconds.")
