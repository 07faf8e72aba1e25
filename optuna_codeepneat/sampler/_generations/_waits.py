"""What a trial waits for before it has its place: those that go first, or results."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from collections.abc import Callable

from optuna_codeepneat.sampler._generations import _places


_FIRST_PAUSE_SECONDS = 0.01


class Wait(ABC):
    """Looks again and again, ever more seldom.

    Only pauses count as time: while the storage is away for this trial, so it is for others.
    With another last generation that has a record a new wait begins: others go first then, who
    could not do so before.
    """

    longest_pause: float
    """In seconds."""

    def __init__(self, last_generation: int | None) -> None:
        self.last_generation = last_generation
        self._pause = _FIRST_PAUSE_SECONDS
        self.paused = 0.0
        """The seconds of all pauses so far."""

    @abstractmethod
    def is_over(self, n_ahead: int) -> bool:
        """Whether so many trials that go first need not be waited for any longer."""

    def pause(self, sleep: Callable[[float], None]) -> None:
        """Lets some time pass until the next look."""
        sleep(self._pause)
        self.paused += self._pause
        self._pause = min(1.5 * self._pause, self.longest_pause)


class WaitForOthers(Wait):
    """Until those that go first have published a record or taken a place, or are long dead."""

    longest_pause = 0.2

    def is_over(self, n_ahead: int) -> bool:
        """Staggered by rank, so that two rarely go on for a dead one at once."""
        return self.paused >= n_ahead * _places.TAKEOVER_SECONDS


class WaitForResults(Wait):
    """Until the results of all places are there, however long networks train."""

    longest_pause = 1.0

    def is_over(self, n_ahead: int) -> bool:
        """Never: nothing but results, or the loss of their trials, ends it."""
        return False
