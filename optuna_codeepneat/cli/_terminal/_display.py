"""A search on a terminal: how far it is, and below it the front as it grows."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.cells import set_cell_size
from rich.console import Console
from rich.control import Control
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.segment import ControlType
from rich.text import Text

from optuna_codeepneat._text import printable
from optuna_codeepneat.cli._terminal._front_view import FrontView
from optuna_codeepneat.cli._terminal._lines import broken
from optuna_codeepneat.cli._terminal._snapshot import Progress
from optuna_codeepneat.cli._terminal._snapshot import Snapshot
from optuna_codeepneat.cli._terminal._tables import plain


# A change is seen at once; where only the time has passed, a second is early enough.
_SECONDS_AFTER_NEWS = 0.2
_SECONDS_WITHOUT = 1.0
_MOST_MEMBERS = 8
_LEAST_HEIGHT = 12
_BAR_WIDTH = 20
_LEAST_WIDTH_WITH_BAR = 50
# For the ^C that a terminal shows where the cursor is, which is the end of the last line.
_SPARE_WIDTH = 2
_HEADING_WIDTH = 16


class Display(Progress):
    """Some lines at the bottom of a terminal that renew themselves, with notes above them.

    Args:
        console:
            The terminal.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),  # a file shall get what is meant for it
        )
        self._lines = [Text("starting")]
        self._size: tuple[int, int] | None = None
        self._news: object = None
        self._drawn = 0.0

    def __enter__(self) -> Display:
        self._live.start()
        self._draw(self._lines)
        return self

    def __exit__(self, *exception: Any) -> None:
        self._draw([])
        self._live.stop()

    def update(self, snapshot: Snapshot) -> None:
        """Renews the lines, unless they are as they were a moment ago."""
        news = (snapshot.facts[0], snapshot.workers, snapshot.failed, snapshot.front_facts)
        waited = time.monotonic() - self._drawn
        patience = _SECONDS_AFTER_NEWS if news != self._news else _SECONDS_WITHOUT
        if waited < patience and self._console.size == self._size:
            return
        self._news = news
        self._draw(lines_of(snapshot, self._console))

    def note(self, text: str) -> None:
        """Prints the text above the lines."""
        self._follow_width()
        for line in text.splitlines():
            for part in broken(printable(line), self._console.width):
                # A word that is wider than the terminal is not cut off.
                self._console.print(Text(part), no_wrap=True, overflow="ignore", crop=False)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Gives the terminal away; the lines are gone meanwhile."""
        self._draw([])
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def finish(self, snapshot: Snapshot) -> None:
        """Prints the snapshot in the place of the lines."""
        self._draw([])
        self.note(str(snapshot))

    def _draw(self, lines: list[Text]) -> None:
        self._follow_width()
        self._drawn = time.monotonic()
        if lines != self._lines or self._console.size != self._size:
            self._lines, self._size = lines, self._console.size
            text = Text("\n", no_wrap=True, overflow="crop").join(lines)
            self._live.update(text, refresh=True)

    def _follow_width(self) -> None:
        """Removes lines that a terminal has wrapped as it became narrower.

        Rich goes up as many rows as it wrote lines, which leaves the upper ones behind where a
        line has become several rows.
        """
        width = self._console.width
        if self._size is None or width >= self._size[0]:
            return
        rows = [-(-line.cell_len // width) or 1 for line in self._lines]
        if sum(rows) > len(rows):
            erase = (ControlType.ERASE_IN_LINE, 2)
            up = [(ControlType.CURSOR_UP, 1), erase] * (sum(rows) - 1)
            down = (ControlType.CURSOR_DOWN, len(rows) - 1)
            self._console.control(Control(ControlType.CARRIAGE_RETURN, erase, *up))
            if len(rows) > 1:
                self._console.control(Control(down))
        self._size = (width, self._size[1])


def lines_of(snapshot: Snapshot, console: Console) -> list[Text]:
    """What a terminal shows of a snapshot: no line too wide for it, and not too many."""
    width, height = console.width - _SPARE_WIDTH, console.height
    view = snapshot.view if height >= _LEAST_HEIGHT else None
    facts = snapshot.facts if view is not None and len(view) else None
    lines = _status(snapshot, facts or [*snapshot.facts, *snapshot.front_facts], console, width)
    if facts is not None and view is not None:
        # Besides the members there are an empty line, a title, a heading, "and 5 more",
        # and the row in which notes appear.
        n = min(_MOST_MEMBERS, height - len(lines) - 5)
        if n > 0:
            lines += [Text(), *_table(view, n, width)]
    for line in lines:
        line.truncate(width)
    return lines[: height - 1]


def _status(snapshot: Snapshot, facts: list[str], console: Console, width: int) -> list[Text]:
    """The bar and the facts beside it, on as many lines as they need."""
    bar = Text()
    if console.width >= _LEAST_WIDTH_WITH_BAR:
        drawn = ProgressBar(max(1, snapshot.total), snapshot.done, width=_BAR_WIDTH)
        for segment in console.render(drawn):
            bar.append(segment.text, segment.style)
        bar.append(" " * (_BAR_WIDTH + 1 - bar.cell_len))
    lines = [""]
    for fact in facts:
        longer = f"{lines[-1]}, {fact}" if lines[-1] else fact
        if not lines[-1] or bar.cell_len + cell_len(longer) + 1 <= width:
            lines[-1] = longer
        else:
            lines[-1] += ","
            lines.append(fact)
    indent = " " * bar.cell_len
    return [bar + Text(lines[0]), *(Text(indent + line) for line in lines[1:])]


def _table(view: FrontView, n: int, width: int) -> list[Text]:
    """Some members of the front; columns for which there is no room are left out."""
    members = view.members(n)
    cells = [member.cells for member in members]
    headings = [
        name if cell_len(name) <= _HEADING_WIDTH else set_cell_size(name, _HEADING_WIDTH - 1) + "…"
        for name in map(printable, view.columns)
    ]
    n_columns = len(headings)
    # The size is the last column and matters most after the first objective.
    order = [*range(n_columns - 1)]
    while True:
        kept = [*order, n_columns - 1]
        rows = [[row[i] for i in kept] for row in cells]
        text = plain([headings[i] for i in kept], rows, [True] * len(kept)).splitlines()
        if len(order) <= 1 or cell_len(text[0]) <= width:
            break
        order.pop()
    plural = "s" * (len(view) != 1)
    title = "Best networks" if view.is_ranking else f"Pareto front, {len(view)} network{plural}"
    lines = [Text(title, "bold"), Text(text[0], "dim")]
    lines += [
        Text(line, "bold" if member.is_new else "")
        for line, member in zip(text[1:], members, strict=True)
    ]
    if not view.is_ranking and len(view) > len(members):
        lines.append(Text(f"and {len(view) - len(members)} more", "dim"))
    return lines
