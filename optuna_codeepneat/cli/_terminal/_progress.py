"""How far a search is, in words; shown live on a terminal, by a line now and then elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from optuna_codeepneat._text import printable_lines
from optuna_codeepneat.cli._terminal._snapshot import Progress
from optuna_codeepneat.cli._terminal._snapshot import Snapshot


if TYPE_CHECKING:
    from rich.console import Console


_SECONDS_BETWEEN_LINES = 10.0


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Shows progress on stderr: live on a terminal, else a line every ten seconds."""
    if quiet:
        yield Progress()
        return
    from rich.console import Console

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    # A terminal that knows no control codes gets lines; so does a file, whatever FORCE_COLOR says.
    if not (console.is_interactive and console.file.isatty()):
        lines = Lines(console)
        with _storages_noted(lines):
            yield lines
        return
    from optuna_codeepneat.cli._terminal._display import Display

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


class Lines(Progress):
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
        self._console.print(printable_lines(text), markup=False, emoji=False)

    def finish(self, snapshot: Snapshot) -> None:
        """Prints the snapshot at once."""
        self.note(str(snapshot))
        self._last = time.monotonic()


def silence() -> None:
    """Leaves the terminal to this command."""
    import warnings

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
