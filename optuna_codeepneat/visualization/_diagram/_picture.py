"""Where everything in a diagram stands: a scene with coordinates in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import NamedTuple

from optuna_codeepneat.visualization._diagram._layers import Size
from optuna_codeepneat.visualization._diagram._layout import Layout
from optuna_codeepneat.visualization._diagram._layout import Link
from optuna_codeepneat.visualization._diagram._layout import layered
from optuna_codeepneat.visualization._diagram._scene import Box
from optuna_codeepneat.visualization._diagram._scene import Form
from optuna_codeepneat.visualization._diagram._scene import Group
from optuna_codeepneat.visualization._diagram._scene import Scene
from optuna_codeepneat.visualization._diagram._text import shortened
from optuna_codeepneat.visualization._diagram._text import text_width
from optuna_codeepneat.visualization._diagram._text import wrapped


FONT = 11
HEADING_FONT = 14
LINE = 14
"""Height of a line of text."""
PAD = 8
MARGIN = 14
HEADER = 16
"""Height of a group's heading, below which lines may bend."""
FOOT_FONT = 9
SPACE = 5
"""Between words of different colour."""
WIDEST_TEXT = 190
"""Longer genes go on in further lines; a longer word is cut, and whole in the tooltip."""
WIDEST_NAME = 320
"""A longer name of a layer is cut."""
MOST_ROWS = 5
"""Of words in a box; the rest is in its tooltip."""


class Text(NamedTuple):
    """A line of text, by the left end of its baseline; `bold` comes before `plain`."""

    x: int
    y: int
    bold: str
    plain: str
    size: int = FONT
    is_pale: bool = False

    @property
    def width(self) -> int:
        """In pixels."""
        bold = text_width(self.bold, self.size, True)
        space = " " if self.bold and self.plain else ""
        return bold + text_width(space + self.plain, self.size)


@dataclass(frozen=True)
class Placed:
    """A box or a group in its place, with its texts."""

    item: Box | Group
    x: int
    y: int
    width: int
    height: int
    texts: tuple[Text, ...]

    def moved(self, x: int, y: int) -> Placed:
        """The same, elsewhere."""
        texts = tuple(text._replace(x=text.x + x, y=text.y + y) for text in self.texts)
        return replace(self, x=self.x + x, y=self.y + y, texts=texts)


class Line(NamedTuple):
    """A piece of line, as `Link` has it, and whether an arrow is at its end."""

    link: Link
    has_arrow: bool

    def moved(self, x: int, y: int) -> Line:
        """The same, elsewhere."""
        a = self.link
        link = Link(
            a.source, a.target, a.x0 + x, a.y0 + y, a.bend0 + y, a.bend1 + y, a.x1 + x, a.y1 + y
        )
        return Line(link, self.has_arrow)


@dataclass(frozen=True)
class Picture:
    """All that is drawn: groups behind lines behind boxes. `name` says in a line what it is."""

    name: str
    width: int
    height: int
    groups: tuple[Placed, ...]
    lines: tuple[Line, ...]
    boxes: tuple[Placed, ...]
    heading: tuple[Text, ...]
    foot: tuple[Text, ...]


def picture_of(scene: Scene, *, title: str | None, caption: str) -> Picture:
    """Places a scene below its title and a line on the whole network, above its legend."""
    parts = [_part(item) for item in scene.items]
    layout = layered([part.size for part in parts], scene.edges)
    heading = _heading(title, caption, layout.width)
    width = max([layout.width, *(text.width for text in heading)])
    left = MARGIN + (width - layout.width) // 2
    top = heading[-1].y + MARGIN
    groups, boxes, lines = [], [], []
    for part, (x, y) in zip(parts, layout.corners, strict=True):
        groups += [placed.moved(left + x, top + y) for placed in part.groups]
        boxes += [placed.moved(left + x, top + y) for placed in part.boxes]
        lines += [line.moved(left + x, top + y) for line in part.lines]
    for link in layout.links:
        arrow = link.target is not None and not parts[link.target].groups
        lines.append(Line(link, arrow).moved(left, top))
    foot = _foot(scene.legend, top + layout.height + MARGIN, width)
    everything = (tuple(groups), tuple(lines), tuple(boxes))
    name = caption if title is None else f"{title}: {caption}"
    return Picture(name, width + 2 * MARGIN, foot[-1].y + PAD, *everything, heading, foot)


@dataclass(frozen=True)
class _Part:
    """A box, or a group with its boxes, its upper left corner at (0, 0)."""

    size: Size
    groups: tuple[Placed, ...]
    boxes: tuple[Placed, ...]
    lines: tuple[Line, ...]


def _part(item: Box | Group) -> _Part:
    if isinstance(item, Box):
        wording = _wording(item)
        placed = _placed(wording, wording.width)
        return _Part(Size.centred(placed.width, placed.height), (), (placed,), ())
    shown = [_wording(box) for box in item.boxes]
    widest = max(wording.width for wording in shown if wording.box.form is Form.LAYER)
    boxes = [_placed(w, widest if w.box.form is Form.LAYER else w.width) for w in shown]
    sizes = [Size(0, 0, 0, 0), *(Size.centred(box.width, box.height) for box in boxes)]
    inner = layered(sizes, [(a + 1, b + 1) for a, b in item.edges])
    return _grouped(item, boxes, inner)


def _grouped(group: Group, boxes: Sequence[Placed], inner: Layout) -> _Part:
    label = Text(PAD, 15, shortened(group.label, FONT, WIDEST_NAME, bold=True), "")
    amount_width = text_width(group.amount, FONT)
    # The line that enters passes between the label and the parameters.
    entry = inner.corners[0][0]
    right_of_entry = inner.width - entry
    more = max(0, label.width + PAD - entry, amount_width + PAD - right_of_entry)
    left = PAD + more
    entry, width = left + entry, inner.width + 2 * left
    texts = [label]
    if group.amount:
        texts.append(Text(width - PAD - amount_width, 15, "", group.amount, is_pale=True))
    height = HEADER + inner.height + PAD
    placed = [
        box.moved(left + x, HEADER + y)
        for box, (x, y) in zip(boxes, inner.corners[1:], strict=True)
    ]
    last = placed[-1]
    leave = last.x + last.width // 2
    inner_lines = [Line(link, link.target is not None).moved(left, HEADER) for link in inner.links]
    enters = Link(-1, None, entry, 0, HEADER, HEADER, entry, HEADER)
    end = last.y + last.height
    leaves = Link(-1, None, leave, end, height, height, leave, height)
    frame = Placed(group, 0, 0, width, height, tuple(texts))
    lines = (Line(enters, False), *inner_lines, Line(leaves, False))
    return _Part(Size(width, height, entry, leave), (frame,), tuple(placed), lines)


@dataclass(frozen=True)
class _Wording:
    """The texts of a box: its name, the rows of words that begin beside it, and its least size."""

    box: Box
    name: str
    rows: tuple[str, ...]
    width: int
    height: int


def _wording(box: Box) -> _Wording:
    if box.form is Form.PILL:
        row = " ".join([box.name, *box.words])
        width = text_width(row, FONT) + SPACE + text_width(box.shape, FONT)
        return _Wording(box, "", (row,), _even(width + 2 * PAD), 19)
    name = shortened(box.name, FONT, WIDEST_NAME, bold=True)
    name_width = text_width(name + " ", FONT, bold=True)
    room = max(WIDEST_TEXT, name_width)
    rows = _rows(box.words, room - name_width, room)
    below = text_width(box.shape, FONT)
    if box.amount:
        below += 2 * PAD + text_width(box.amount, FONT)
    ends = [text_width(row, FONT) for row in rows]
    ends[0] += name_width
    height = LINE * (len(rows) + 1) + 6
    return _Wording(box, name, tuple(rows), _even(max(below, *ends) + 2 * PAD), height)


def _rows(words: Sequence[str], first: int, limit: int) -> list[str]:
    """Words with commas between them, as many as `MOST_ROWS` hold."""
    n_shown = len(words)
    while True:
        more = [f"… {len(words) - n_shown} more"] if n_shown < len(words) else []
        shown = [*words[:n_shown], *more]
        rows = wrapped([f"{w}," for w in shown[:-1]] + shown[-1:], FONT, first, limit)
        if len(rows) <= MOST_ROWS:
            return rows
        n_shown -= 1


def _placed(wording: _Wording, width: int) -> Placed:
    """The box at (0, 0), its parameters at the right."""
    box, name = wording.box, wording.name
    baselines = [14 + LINE * i for i in range(len(wording.rows) + 1)]
    texts = [
        Text(PAD, y, name if i == 0 else "", row)
        for i, (y, row) in enumerate(zip(baselines, wording.rows, strict=False))
    ]
    if box.form is Form.PILL:
        x = PAD + texts[0].width + SPACE
        texts.append(Text(x, baselines[0], "", box.shape, is_pale=True))
    else:
        texts.append(Text(PAD, baselines[-1], "", box.shape, is_pale=True))
        if box.amount:
            x = width - PAD - text_width(box.amount, FONT)
            texts.append(Text(x, baselines[-1], "", box.amount, is_pale=True))
    return Placed(box, 0, 0, width, wording.height, tuple(texts))


def _even(width: int) -> int:
    return width + width % 2


def _heading(title: str | None, caption: str, width: int) -> tuple[Text, ...]:
    """The title, on as many lines as the width of the picture asks for, and the caption."""
    room = max(width, 2 * WIDEST_TEXT)
    titles = [] if title is None else wrapped(title.split(), HEADING_FONT, room, room, bold=True)
    texts = [
        Text(MARGIN, MARGIN + 12 + 18 * i, line, "", HEADING_FONT) for i, line in enumerate(titles)
    ]
    rows = wrapped(caption.split(), FONT, room, room)
    below = texts[-1].y + 18 if texts else MARGIN + 10
    texts += [Text(MARGIN, below + LINE * i, "", row) for i, row in enumerate(rows)]
    return tuple(texts)


def _foot(legend: Sequence[str], y: int, room: int) -> tuple[Text, ...]:
    """What the short words mean."""
    # A line breaks between the entries, not within them.
    entries = [entry.replace(" ", "\N{NO-BREAK SPACE}") for entry in legend]
    rows = wrapped(entries, FOOT_FONT, room, room)
    return tuple(
        Text(MARGIN, y + 6 + 12 * i, "", row.replace("\N{NO-BREAK SPACE}", " "), FOOT_FONT, True)
        for i, row in enumerate(rows)
    )
