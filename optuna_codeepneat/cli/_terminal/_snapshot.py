"""How far a search is, in words, and what shows it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from optuna_codeepneat.cli._terminal._front_view import FrontView


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """How far a search is.

    Args:
        done:
            Networks finished, those of earlier commands included.
        total:
            Networks that the study shall have.
        noun:
            What is counted.
        seconds:
            For how long, where there is no rate to go by.
        per_minute:
            Networks finished per minute since this command began, None before the first.
        seconds_left:
            How long it will take at this rate, None where there is none.
        own:
            Networks that this command finished, None where these are all since it began.
        workers:
            How many processes there are, and how many there should be.
        elsewhere:
            Networks that other commands train at once.
        failed:
            Networks that failed in this command.
        pruned:
            Networks that were pruned, but for those that were stopped early.
        stopped:
            Networks whose training was stopped early.
        steps:
            Training steps of all networks together, None where they are not counted.
        front:
            Size of the Pareto front, None for one objective.
        best:
            The best network so far, in words.
        decoded:
            Images of the data that are decoded, of how many; None where none are to be.
        under_way:
            Shares of long trainings that are done, by the numbers of their trials.
        view:
            Members of the front, for who has room to show some.
    """

    done: int
    total: int
    noun: str = "networks"
    seconds: float | None = None
    per_minute: float | None = None
    seconds_left: float | None = None
    own: int | None = None
    workers: tuple[int, int] | None = None
    elsewhere: int = 0
    failed: int = 0
    pruned: int = 0
    stopped: int = 0
    steps: int | None = None
    front: int | None = None
    best: str | None = None
    decoded: tuple[int, int] | None = None
    under_way: Mapping[int, float] = field(default_factory=dict)
    view: FrontView | None = None

    @property
    def facts(self) -> list[str]:
        """All but the front, as in ``12/150 networks``, ``34.1/min``, ``4:01 left``."""
        parts = [f"{self.done}/{self.total} {self.noun}"]
        if self.seconds is not None:
            parts.append(clock(self.seconds))
        if self.per_minute is not None:
            parts.append(f"{self.per_minute:.1f}/min")
        if self.seconds_left is not None:
            parts.append(f"{clock(self.seconds_left)} left")
        if self.decoded is not None:
            parts.append("{:,} of {:,} images decoded".format(*self.decoded))
        for number, share in self.under_way.items():
            parts.append(f"trial {number} at {share:.0%}")
        if self.own is not None:
            parts.append(f"{self.own} by this command")
        if self.workers is not None:
            alive, wanted = self.workers
            of = "" if alive == wanted else f" of {wanted}"
            parts.append(f"{alive}{of} worker{'s' * (wanted != 1)}")
        if self.elsewhere:
            parts.append(f"{self.elsewhere} elsewhere")
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.pruned:
            parts.append(f"{self.pruned} pruned")
        if self.stopped:
            parts.append(f"stopped early {self.stopped}")
        if self.steps is not None:
            parts.append(f"{self.steps:,} steps")
        return parts

    @property
    def front_facts(self) -> list[str]:
        """The front, as in ``front 7``, ``best 95.1 %``."""
        parts = []
        if self.front:
            parts.append(f"front {self.front}")
        if self.best is not None:
            parts.append(f"best {self.best}")
        return parts

    def __str__(self) -> str:
        return ", ".join([*self.facts, *self.front_facts])


class Progress:
    """Where a search shows how far it is; itself it shows nothing."""

    def update(self, snapshot: Snapshot) -> None:
        """Shows how far the search is."""

    def note(self, text: str) -> None:
        """Shows something that happened."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """A stretch in which the terminal is another's."""
        yield

    def finish(self, snapshot: Snapshot) -> None:
        """Shows how far the search came, to stay; another may begin."""


def clock(seconds: float) -> str:
    """Seconds as ``4:01`` or ``1:04:01``."""
    minutes, rest = divmod(int(max(0.0, seconds) + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
