"""Layered layout of a small acyclic graph (Sugiyama et al. 1981): top-down, nothing overlaps.

NOTE: Graphviz would be a program to install and a process for every drawing, and `grandalf` has not
been kept since 2023; neither would pay for graphs of at most some dozens of nodes, drawn once for
every trial of a search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


GAP_X = 22
"""Between boxes side by side."""
GAP_LINE = 12
"""Between a line and what is beside it."""
GAP_Y = 20
"""Between layers, at least."""
_SWEEPS = 4
_ROUNDS = 6


@dataclass(frozen=True)
class Size:
    """A node's box: lines enter it at `entry` and leave it at `leave`, measured from its left."""

    width: int
    height: int
    entry: int
    leave: int

    @classmethod
    def centred(cls, width: int, height: int) -> Size:
        """A box with lines in its middle; its width must be even."""
        return cls(width, height, width // 2, width // 2)


@dataclass(frozen=True)
class Link:
    """A piece of line from one layer to the next.

    It goes straight down from `(x0, y0)` to `(x0, bend0)`, bends to `(x1, bend1)` between the
    layers, and goes straight down to `(x1, y1)`.

    Args:
        source:
            The node whose output it carries.
        target:
            The node that it ends at, None where further links go on from here.
    """

    source: int
    target: int | None
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
    net = _Net(sizes, edges)
    _order(net)
    xs = _Columns(net).positions()
    return _drawn(net, xs)


class _Net:
    """The graph with a *bend*, a node without a box, in each layer that a line passes.

    Nodes from `n_boxes` on are bends; `links` holds pairs of nodes in adjacent layers.
    """

    def __init__(self, sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> None:
        self.sizes = list(sizes)
        self.n_boxes = len(sizes)
        self.layer_of = [0] * len(sizes)
        for source, target in sorted(edges, key=lambda edge: edge[1]):
            self.layer_of[target] = max(self.layer_of[target], self.layer_of[source] + 1)
        self.source_of = list(range(len(sizes)))
        self.links: list[tuple[int, int]] = []
        bends: dict[tuple[int, int], int] = {}
        for source, target in edges:
            above = source
            for layer in range(self.layer_of[source] + 1, self.layer_of[target]):
                bend = bends.get((source, layer))
                if bend is None:
                    bend = bends[source, layer] = len(self.sizes)
                    self.sizes.append(Size(0, 0, 0, 0))
                    self.layer_of.append(layer)
                    self.source_of.append(source)
                    self.links.append((above, bend))
                above = bend
            self.links.append((above, target))
        self.below: list[list[int]] = [[] for _ in self.sizes]
        self.above: list[list[int]] = [[] for _ in self.sizes]
        for source, target in self.links:
            self.below[source].append(target)
            self.above[target].append(source)
        self.layers: list[list[int]] = [[] for _ in range(max(self.layer_of, default=-1) + 1)]
        for node in self._depth_first():
            self.layers[self.layer_of[node]].append(node)

    def is_bend(self, node: int) -> bool:
        return node >= self.n_boxes

    def _depth_first(self) -> list[int]:
        """All nodes; of those below a node, boxes come before bends, so that the latter pass
        on the right."""
        seen: dict[int, None] = {}
        stack = [node for node in reversed(range(self.n_boxes)) if not self.above[node]]
        while stack:
            node = stack.pop()
            if node not in seen:
                seen[node] = None
                stack += sorted(self.below[node], reverse=True)
        return list(seen)

    def spine(self) -> set[tuple[int, int]]:
        """The links of one longest path through boxes alone: it shall be straight."""
        links: set[tuple[int, int]] = set()
        if not self.layers:
            return links
        node = min(self.layers[-1])
        while self.layer_of[node]:
            above = min(source for source in self.above[node] if not self.is_bend(source))
            links.add((above, node))
            node = above
        return links


def _order(net: _Net) -> None:
    """Orders each layer so that few lines cross: barycentres, up and down (Sugiyama et al.)."""
    best, fewest = [list(layer) for layer in net.layers], _crossings(net)
    place = [0] * len(net.sizes)
    for layer in net.layers:
        for i, node in enumerate(layer):
            place[node] = i
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        neighbours = net.above if down else net.below
        for layer in net.layers if down else reversed(net.layers):
            weights = {
                node: sum(place[other] for other in neighbours[node]) / len(neighbours[node])
                if neighbours[node]
                else place[node]
                for node in layer
            }
            layer.sort(key=lambda node: (weights[node], place[node]))
            for i, node in enumerate(layer):
                place[node] = i
        crossings = _crossings(net)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in net.layers], crossings
    net.layers = best


def _crossings(net: _Net) -> int:
    place = {node: i for layer in net.layers for i, node in enumerate(layer)}
    by_layer: list[list[tuple[int, int]]] = [[] for _ in net.layers]
    for source, target in net.links:
        by_layer[net.layer_of[source]].append((place[source], place[target]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for links in by_layer
        if len(links) > 1
        for i, a in enumerate(links)
        for b in links[:i]
    )


class _Columns:
    """Horizontal places: nodes are lined up in columns, columns then moved to what they link.

    As in Brandes and Koepf (2001) a column is a path of nodes in adjacent layers, and columns do
    not cross, so that "left of" is acyclic among them. Ours: long lines and the spine are lined
    up first, and columns are placed by averaging and relaxation instead of four compactions.
    """

    def __init__(self, net: _Net) -> None:
        self.net = net
        n = len(net.sizes)
        self.column = list(range(n))  # the first node of the node's column
        self.offset = [0] * n  # of the node's left edge, from the column's
        self._line_up()
        self.members: dict[int, list[int]] = {}
        for node in range(n):
            self.members.setdefault(self.column[node], []).append(node)
        self.right_of: dict[int, dict[int, int]] = {column: {} for column in self.members}
        self.left_of: dict[int, dict[int, int]] = {column: {} for column in self.members}
        for layer in net.layers:
            for left, right in zip(layer, layer[1:], strict=False):
                self._keep_apart(left, right)

    def _line_up(self) -> None:
        net = self.net
        spine = net.spine()
        place = {node: i for layer in net.layers for i, node in enumerate(layer)}

        def priority(link: tuple[int, int]) -> tuple[int, int, int]:
            n_bends = net.is_bend(link[0]) + net.is_bend(link[1])
            rank = 0 if link in spine else {2: 1, 0: 2, 1: 3}[n_bends]
            return rank, *link

        lined: list[list[tuple[int, int]]] = [[] for _ in net.layers]
        has_below, has_above = set(), set()
        next_below: dict[int, int] = {}
        for source, target in sorted(net.links, key=priority):
            if source in has_below or target in has_above:
                continue
            at, to = place[source], place[target]
            links = lined[net.layer_of[source]]
            if any((at - a) * (to - b) < 0 for a, b in links):
                continue
            links.append((at, to))
            has_below.add(source)
            has_above.add(target)
            next_below[source] = target
        for layer in net.layers:
            for node in layer:
                below = next_below.get(node)
                if below is not None:
                    self.column[below] = self.column[node]
                    leave, entry = net.sizes[node].leave, net.sizes[below].entry
                    self.offset[below] = self.offset[node] + leave - entry

    def _keep_apart(self, left: int, right: int) -> None:
        net = self.net
        gap = GAP_LINE if net.is_bend(left) or net.is_bend(right) else GAP_X
        distance = self.offset[left] + net.sizes[left].width + gap - self.offset[right]
        a, b = self.column[left], self.column[right]
        if distance > self.right_of[a].get(b, distance - 1):
            self.right_of[a][b] = self.left_of[b][a] = distance

    def positions(self) -> list[int]:
        """The left edge of each node."""
        columns = self._from_left_to_right()
        low: dict[int, float] = {}
        for c in columns:
            low[c] = max([low[a] + gap for a, gap in self.left_of[c].items()], default=0.0)
        # Columns that nothing is left of may begin left of 0: their boxes have offsets.
        ends = [low[c] for c in columns]
        high: dict[int, float] = {}
        for c in reversed(columns):
            high[c] = min(
                [high[b] - gap for b, gap in self.right_of[c].items()], default=max(ends)
            )
        x = {c: (low[c] + high[c]) / 2 for c in columns}
        pulls = {c: self._pulls(c) for c in columns}
        for step in range(_ROUNDS):
            for c in columns if step % 2 else reversed(columns):
                if not pulls[c]:
                    continue
                wanted = sum(w * (x[o] + d) for o, d, w in pulls[c]) / sum(
                    w for _, _, w in pulls[c]
                )
                lowest = max([x[a] + gap for a, gap in self.left_of[c].items()], default=wanted)
                highest = min([x[b] - gap for b, gap in self.right_of[c].items()], default=wanted)
                x[c] = min(max(wanted, lowest), highest)
        whole = {}
        for c in columns:
            left = [whole[a] + gap for a, gap in self.left_of[c].items()]
            whole[c] = max([round(x[c]), *left])
        lefts = [whole[self.column[v]] + self.offset[v] for v in range(len(self.offset))]
        first = min(lefts, default=0)
        return [left - first for left in lefts]

    def _pulls(self, column: int) -> list[tuple[int, int, int]]:
        """Other columns, at what distance from them this one would have straight lines, and how
        much that matters: a line follows boxes, not they it."""
        net, pulls = self.net, []
        for node in self.members[column]:
            ends = [(other, True) for other in net.above[node]]
            ends += [(other, False) for other in net.below[node]]
            for other, is_above in ends:
                if self.column[other] == column:
                    continue
                upper, lower = (other, node) if is_above else (node, other)
                leave = self.offset[upper] + net.sizes[upper].leave
                entry = self.offset[lower] + net.sizes[lower].entry
                distance = leave - entry if is_above else entry - leave
                follows = net.is_bend(other) and not net.is_bend(node)
                pulls.append((self.column[other], distance, 1 if follows else 8))
        return pulls

    def _from_left_to_right(self) -> list[int]:
        waiting = {c: len(self.left_of[c]) for c in self.members}
        ready = [c for c, n in waiting.items() if not n]
        for column in ready:  # grows while it is read
            for right in self.right_of[column]:
                waiting[right] -= 1
                if not waiting[right]:
                    ready.append(right)
        return ready


def _drawn(net: _Net, lefts: Sequence[int]) -> Layout:
    """Vertical places: each layer is as high as its highest box, which the others are centred
    to; the wider the lines between two layers swing, the more room they get."""
    swings = [0] * len(net.layers)
    for source, target in net.links:
        x0, x1 = lefts[source] + net.sizes[source].leave, lefts[target] + net.sizes[target].entry
        layer = net.layer_of[source]
        swings[layer] = max(swings[layer], abs(x1 - x0))
    tops, bottoms, y = [], [], 0
    for layer, swing in zip(net.layers, swings, strict=True):
        tops.append(y)
        y += max(net.sizes[node].height for node in layer)
        bottoms.append(y)
        y += GAP_Y + min(swing // 12, 2 * GAP_Y)
    upper, lower = [0] * len(lefts), [0] * len(lefts)
    for node, layer_index in enumerate(net.layer_of):
        top, bottom, height = tops[layer_index], bottoms[layer_index], net.sizes[node].height
        upper[node] = top if net.is_bend(node) else top + (bottom - top - height) // 2
        lower[node] = bottom if net.is_bend(node) else upper[node] + height
    links = []
    for source, target in net.links:
        x0, x1 = lefts[source] + net.sizes[source].leave, lefts[target] + net.sizes[target].entry
        layer_index = net.layer_of[source]
        links.append(
            Link(
                source=net.source_of[source],
                target=None if net.is_bend(target) else target,
                x0=x0,
                y0=lower[source] if not net.is_bend(source) else upper[source],
                bend0=bottoms[layer_index],
                bend1=tops[layer_index + 1],
                x1=x1,
                y1=upper[target],
            )
        )
    width = max((lefts[v] + net.sizes[v].width for v in range(len(lefts))), default=0)
    corners = tuple((lefts[v], upper[v]) for v in range(net.n_boxes))
    return Layout(width, bottoms[-1] if bottoms else 0, corners, tuple(links))
