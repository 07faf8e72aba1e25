"""The layered layout: boxes apart, lines between them, the spine straight."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.visualization._diagram._columns import GAP_X
from optuna_codeepneat.visualization._diagram._layers import Size
from optuna_codeepneat.visualization._diagram._layout import GAP_Y
from optuna_codeepneat.visualization._diagram._layout import Layout
from optuna_codeepneat.visualization._diagram._layout import Link
from optuna_codeepneat.visualization._diagram._layout import layered


Edges = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Size], Edges]:
    """A graph from one input, as ours are, its lines entering and leaving anywhere."""
    n = draw(st.integers(1, 14))
    sizes = []
    for _ in range(n):
        width, height = draw(st.integers(0, 200)), draw(st.integers(0, 300))
        ports = draw(st.integers(0, width)), draw(st.integers(0, width))
        sizes.append(Size(width, height, *ports))
    edges = []
    for node in range(1, n):
        sources = draw(st.sets(st.integers(0, node - 1), min_size=1, max_size=3))
        edges += [(source, node) for source in sorted(sources)]
    return sizes, edges


def touches(link: Link, x: float, y: float, size: Size) -> bool:
    """Whether a piece of line runs through the inside of a box, its ends left out."""
    left, right, top, bottom = x, x + size.width, y, y + size.height

    def covers(at: int, y0: int, y1: int) -> bool:
        return left < at < right and y0 < bottom and y1 > top and y0 < y1

    bends = link.bend0 < bottom and link.bend1 > top and link.bend0 < link.bend1
    between = min(link.x0, link.x1) < right and max(link.x0, link.x1) > left
    return (
        covers(link.x0, link.y0, link.bend0)
        or covers(link.x1, link.bend1, link.y1)
        or (bends and between)
    )


@given(graphs())
def test_boxes_are_apart_and_lines_run_beside_them(graph: tuple[list[Size], Edges]) -> None:
    sizes, edges = graph
    layout = layered(sizes, edges)
    placed = list(zip(layout.corners, sizes, strict=True))
    for (x, y), size in placed:
        assert 0 <= x <= layout.width - size.width
        assert 0 <= y <= layout.height - size.height
    for ((x0, y0), a), ((x1, y1), b) in combinations(placed, 2):
        beside = x0 + a.width + GAP_X <= x1 or x1 + b.width + GAP_X <= x0
        below = y0 + a.height + GAP_Y <= y1 or y1 + b.height + GAP_Y <= y0
        assert beside or below
    for link in layout.links:
        assert 0 <= min(link.x0, link.x1) <= max(link.x0, link.x1) <= layout.width
        assert link.y0 <= link.bend0 < link.bend1 <= link.y1
        assert not any(touches(link, *corner, size) for corner, size in placed)


@given(graphs())
def test_lines_lead_from_each_source_to_its_target(graph: tuple[list[Size], Edges]) -> None:
    sizes, edges = graph
    layout = layered(sizes, edges)
    assert sorted(followed(layout, sizes)) == sorted(edges)


def followed(layout: Layout, sizes: list[Size]) -> Edges:
    """The edges that someone sees who follows the lines."""
    edges = []
    for source, (x, y) in enumerate(layout.corners):
        mine = [link for link in layout.links if link.source == source]
        at = {(x + sizes[source].leave, y + sizes[source].height)}
        for link in mine:  # from above to below
            # Where lines part below the box's layer, the first has passed the layer for all.
            assert (link.x0, link.y0) in at
            at |= {(link.x1, link.y1), (link.x0, link.bend0)}
            if link.target is not None:
                corner, size = layout.corners[link.target], sizes[link.target]
                assert (link.x1, link.y1) == (corner[0] + size.entry, corner[1])
                edges.append((source, link.target))
    return edges


def test_a_chain_is_straight_and_a_skip_passes_on_its_right() -> None:
    sizes = [Size.centred(width, 30) for width in (40, 100, 60, 80)]
    layout = layered(sizes, [(0, 1), (1, 2), (0, 2), (2, 3)])
    middles = {x + size.width / 2 for (x, _), size in zip(layout.corners, sizes, strict=True)}
    assert len(middles) == 1
    skip = [link for link in layout.links if link.x0 != link.x1]
    assert [link.target for link in skip] == [None, 2]
    assert skip[0].x1 == skip[1].x0 > layout.corners[1][0] + 100


def test_the_spine_is_in_the_middle_of_three() -> None:
    layout = layered([Size.centred(40, 20)] * 6, [(0, 1), (0, 2), (0, 3), (1, 4), (2, 5), (4, 5)])
    by_place = sorted((1, 2, 3), key=lambda node: layout.corners[node][0])
    assert by_place[1] == 1


def test_lines_of_a_tree_do_not_cross() -> None:
    # 0 -> 1, 2; 1 -> 5, 6; 2 -> 3, 4: the order of numbers would cross.
    layout = layered([Size.centred(20, 20)] * 7, [(0, 1), (0, 2), (2, 3), (2, 4), (1, 5), (1, 6)])
    place = [x for x, _ in layout.corners]
    assert (place[1] < place[2]) == (max(place[5], place[6]) < min(place[3], place[4]))
    assert (place[1] > place[2]) == (min(place[5], place[6]) > max(place[3], place[4]))


def test_crossings_that_an_order_avoids_are_avoided() -> None:
    # Two chains whose nodes are listed crosswise.
    edges = [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 6)]
    place = [x for x, _ in layered([Size.centred(20, 20)] * 7, edges).corners]
    assert (place[1] < place[2]) == (place[4] < place[3]) == (place[6] < place[5])


def test_nothing() -> None:
    assert layered([], []) == Layout(0, 0, (), ())
