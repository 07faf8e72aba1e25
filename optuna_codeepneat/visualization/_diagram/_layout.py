"""Layered layout of a small acyclic graph (Sugiyama et al. 1981): top-down, nothing overlaps.

NOTE: Graphviz would be a program to install and a process for every drawing; `grandalf` has not
been kept since 2023, and knows no boxes within boxes. Here a group is laid out by itself, and is
then one node of the graph around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from optuna_codeepneat.visualization._diagram._columns import positions
from optuna_codeepneat.visualization._diagram._layers import Net
from optuna_codeepneat.visualization._diagram._layers import Size
from optuna_codeepneat.visualization._diagram._layers import order_layers


GAP_Y = 20
"""Between layers, at least."""


class Link(NamedTuple):
    """A piece of line from one layer to the next.

    It goes straight down from `(x0, y0)` to `(x0, bend0)`, bends to `(x1, bend1)` between the
    layers, and goes straight down to `(x1, y1)`.
    """

    source: int  # the node whose output it carries
    target: int | None  # None where further links go on from here
    x0: int
    y0: int
    bend0: int
    bend1: int
    x1: int
    y1: int


@dataclass(frozen=True)
class Layout:
    """Where the boxes are, by their upper left corners, and the lines between them."""

    width: int
    height: int
    corners: tuple[tuple[int, int], ...]
    links: tuple[Link, ...]


def layered(sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> Layout:
    """Places the nodes of a graph in layers.

    A line that passes layers has a place of its own in each of them, so that it never runs
    through a box; lines from one node share it, since they carry the same.

    Args:
        sizes:
            The boxes, in topological order.
        edges:
            Pairs of indices, each source before its target.
    """
    net = Net(sizes, edges)
    order_layers(net)
    return _drawn(net, positions(net))


def _drawn(net: Net, lefts: Sequence[int]) -> Layout:
    """The layout with vertical places, given the left edges.

    Each layer is as high as its highest box, to which the others are centred unless that would
    put them far below. The wider the lines swing between two layers, the more room they get.
    """
    ends = [
        (lefts[source] + net.sizes[source].leave, lefts[target] + net.sizes[target].entry)
        for source, target in net.links
    ]
    swings = [0] * len(net.layers)
    for (source, _), (x0, x1) in zip(net.links, ends, strict=True):
        layer = net.layer_of[source]
        swings[layer] = max(swings[layer], abs(x1 - x0))
    tops, bottoms, y = [], [], 0
    for nodes, swing in zip(net.layers, swings, strict=True):
        tops.append(y)
        y += max(net.sizes[node].height for node in nodes)
        bottoms.append(y)
        y += GAP_Y + min(swing // 12, 2 * GAP_Y)
    upper, lower = [0] * len(lefts), [0] * len(lefts)
    for node, layer in enumerate(net.layer_of):
        top, bottom, height = tops[layer], bottoms[layer], net.sizes[node].height
        upper[node] = top
        lower[node] = bottom
        if not net.is_bend(node):
            upper[node] += min((bottom - top - height) // 2, GAP_Y)
            lower[node] = upper[node] + height
    links, is_passed = [], [False] * len(lefts)
    for (source, target), (x0, x1) in zip(net.links, ends, strict=True):
        layer = net.layer_of[source]
        # Of the lines that part in a layer, one passes it for all.
        y0 = upper[source] if net.is_bend(source) and not is_passed[source] else lower[source]
        is_passed[source] = True
        links.append(
            Link(
                source=net.source_of[source],
                target=None if net.is_bend(target) else target,
                x0=x0,
                y0=y0,
                bend0=bottoms[layer],
                bend1=tops[layer + 1],
                x1=x1,
                y1=upper[target],
            )
        )
    width = max((lefts[v] + net.sizes[v].width for v in range(len(lefts))), default=0)
    corners = tuple((lefts[v], upper[v]) for v in range(net.n_boxes))
    return Layout(width, bottoms[-1] if bottoms else 0, corners, tuple(links))
