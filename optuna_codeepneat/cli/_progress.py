"""How far a search is, in words; shown live on a terminal, by a line now and then elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Protocol


if TYPE_CHECKING:
    from rich.console import Console

    from optuna_codeepneat.cli._front_view import FrontView

_SECONDS_BETWEEN_LINES = 10.0


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
            Networks that were pruned.
        steps:
            Training steps of all networks together, None where they are not counted.
        front:
            Size of the Pareto front, None for one objective.
        best:
            The best network so far, in words.
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
    steps: int | None = None
    front: int | None = None
    best: str | None = None
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


def clock(seconds: float) -> str:
    """Seconds as ``4:01`` or ``1:04:01``."""
    minutes, rest = divmod(int(max(0.0, seconds) + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Progress(Protocol):
    """Where a search shows how far it is."""

    def update(self, snapshot: Snapshot) -> None:
        """Shows how far the search is."""

    def note(self, text: str) -> None:
        """Shows something that happened."""

    def finish(self, snapshot: Snapshot) -> None:
        """Shows how far the search came, to stay; another may begin."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Shows progress on stderr: live on a terminal, else a line every ten seconds."""
    if quiet:
        yield Silence()
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    # A terminal that knows no control codes gets lines; so does a file, whatever FORCE_COLOR says.
    if not (console.is_interactive and console.file.isatty()):
        lines = Lines(console)
        with _storages_noted(lines):
            yield lines
        return
    from optuna_codeepneat.cli._display import Display

    with Display(console) as display, _storages_noted(display):
        yield display


@contextmanager
def _storages_noted(progress: Progress) -> Iterator[None]:
    """Shows when the database is away, and when it is back."""

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            progress.note(record.getMessage())

    logger, handler = logging.getLogger("optuna.optuna_codeepneat.storages"), Notes()
    before = logger.level, logger.propagate
    logger.setLevel(logging.INFO)
    logger.propagate = False  # the command has silenced the rest of Optuna's log
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


class Silence:
    """Shows nothing."""

    def update(self, snapshot: Snapshot) -> None:
        """Does nothing."""

    def note(self, text: str) -> None:
        """Does nothing."""

    def finish(self, snapshot: Snapshot) -> None:
        """Does nothing."""


class Lines:
    """A line every ten seconds, for log files.

    Args:
        console:
            Where lines go.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = -_SECONDS_BETWEEN_LINES

    def update(self, snapshot: Snapshot) -> None:
        """Prints the snapshot, unless one was just printed."""
        if time.monotonic() - self._last >= _SECONDS_BETWEEN_LINES:
            self.finish(snapshot)

    def note(self, text: str) -> None:
        """Prints the text at once."""
        self._console.print(text, markup=False)

    def finish(self, snapshot: Snapshot) -> None:
        """Prints the snapshot at once."""
        self.note(str(snapshot))
        self._last = time.monotonic()
