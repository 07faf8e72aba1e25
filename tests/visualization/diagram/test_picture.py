"""Where everything stands: apart, within, and with room for its text."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.testing import architectures
from optuna_codeepneat.visualization._diagram._picture import FONT
from optuna_codeepneat.visualization._diagram._picture import MOST_ROWS
from optuna_codeepneat.visualization._diagram._picture import Line
from optuna_codeepneat.visualization._diagram._picture import Picture
from optuna_codeepneat.visualization._diagram._picture import Placed
from optuna_codeepneat.visualization._diagram._picture import Text
from optuna_codeepneat.visualization._diagram._scene import Box
from optuna_codeepneat.visualization._diagram._scene import Group
from optuna_codeepneat.visualization._diagram._svg import drawn
from tests.visualization.diagram.examples import EXAMPLES
from tests.visualization.diagram.examples import SPACES
from tests.visualization.diagram.examples import five_layers


TITLES = [None, "", "short", "a title of many words " * 9, "oneword" * 30, "两个 <卷积>"]


def is_within(inner: Placed, outer: Placed) -> bool:
    return (
        outer.x < inner.x
        and outer.y < inner.y
        and inner.x + inner.width < outer.x + outer.width
        and inner.y + inner.height < outer.y + outer.height
    )


def are_apart(a: Placed, b: Placed) -> bool:
    beside = a.x + a.width < b.x or b.x + b.width < a.x
    return beside or a.y + a.height < b.y or b.y + b.height < a.y


def crosses(line: Line, box: Placed) -> bool:
    """Whether a piece of line runs through the inside of a box."""
    x0, y0, bend0, bend1, x1, y1 = line.link[2:]

    def overlap(left: int, right: int, top: int, bottom: int) -> bool:
        return (
            left < box.x + box.width
            and right > box.x
            and top < box.y + box.height
            and bottom > box.y
        )

    # Straight pieces have no width; a bend stays within its corners.
    bend = x0 != x1 and overlap(min(x0, x1), max(x0, x1), bend0, bend1)
    return bend or overlap(x0, x0, y0, bend0) or overlap(x1, x1, bend1, y1)


def check(picture: Picture) -> None:
    everything = [*picture.groups, *picture.boxes]
    for placed in everything:
        assert 0 <= placed.x <= placed.x + placed.width <= picture.width
        assert 0 <= placed.y <= placed.y + placed.height <= picture.height
        check_texts(placed)
    for a, b in combinations(picture.boxes, 2):
        assert are_apart(a, b)
    for a, b in combinations(picture.groups, 2):
        assert are_apart(a, b)
    for group in picture.groups:
        assert isinstance(group.item, Group)
        own = {name for box in group.item.boxes for name in box.operations}
        for box in picture.boxes:
            assert isinstance(box.item, Box)
            inside = set(box.item.operations) <= own
            assert is_within(box, group) if inside else are_apart(box, group)
    for line in picture.lines:
        assert 0 <= min(line.link.x0, line.link.x1)
        assert max(line.link.x0, line.link.x1) <= picture.width
        assert not any(crosses(line, box) for box in picture.boxes)
        # Those of a group are within it, and no other touches it.
        for group in picture.groups:
            assert not crosses(line, group) or has(group, line)
            assert not any(runs_through(line, text) for text in group.texts)
    check_heading(picture)


def has(group: Placed, line: Line) -> bool:
    link = line.link
    return (
        group.x < min(link.x0, link.x1) <= max(link.x0, link.x1) < group.x + group.width
        and group.y <= link.y0 <= link.y1 <= group.y + group.height
    )


def runs_through(line: Line, text: Text) -> bool:
    """Whether the straight line that enters a group runs through its heading."""
    link = line.link
    return text.x < link.x0 < text.x + text.width and link.y0 < text.y - 9 and text.y < link.bend0


def check_texts(placed: Placed) -> None:
    """Texts are in their box, and those on one line are apart."""
    for text in placed.texts:
        assert placed.x < text.x
        assert text.x + text.width < placed.x + placed.width
        assert placed.y < text.y - 0.8 * text.size
        assert text.y + 0.25 * text.size < placed.y + placed.height
    for a, b in combinations([text for text in placed.texts if text.width], 2):
        assert abs(a.y - b.y) >= FONT or a.x + a.width < b.x or b.x + b.width < a.x


def check_heading(picture: Picture) -> None:
    for text in (*picture.heading, *picture.foot):
        assert 0 <= text.x <= text.x + text.width <= picture.width
        assert 0 <= text.y <= picture.height
    top = min(box.y for box in (*picture.groups, *picture.boxes))
    bottom = max(box.y + box.height for box in (*picture.groups, *picture.boxes))
    assert max(text.y for text in picture.heading) < top
    assert bottom < min(text.y - text.size for text in picture.foot)


@given(
    st.sampled_from(sorted(SPACES)).flatmap(lambda name: architectures(SPACES[name])),
    st.sampled_from([None, True, False]),
    st.sampled_from(TITLES),
)
def test_any_picture(architecture: Architecture, fold: bool | None, title: str | None) -> None:
    check(drawn(architecture, title=title, fold=fold))


@pytest.mark.parametrize("fold", [None, True, False])
@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, fold: bool | None) -> None:
    check(drawn(EXAMPLES[name](), title="An example", fold=fold))


def test_heading_holds_title_and_sizes() -> None:
    architecture = five_layers()
    sizes = f"{architecture.num_params:,} parameters, {architecture.macs:,} multiply-adds, depth"
    title, caption = drawn(architecture, title="mnist1d, trial 17").heading
    assert (title.bold, caption.plain.startswith(sizes)) == ("mnist1d, trial 17", True)
    assert len(drawn(architecture).heading) == 1


def test_genes_without_room_are_counted() -> None:
    boxes = drawn(EXAMPLES["long names"]()).boxes
    (box,) = [
        box for box in boxes if isinstance(box.item, Box) and box.item.operations == ("0.0",)
    ]
    assert isinstance(box.item, Box)
    rows = [text.plain for text in box.texts if not text.is_pale]
    assert len(rows) == MOST_ROWS
    n_shown = sum(word in " ".join(rows) for word in box.item.words)
    assert rows[-1].endswith(f"… {len(box.item.words) - n_shown} more")
    assert len(box.item.words) - n_shown > 2
