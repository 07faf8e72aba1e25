"""The nodes of a graph in layers, ordered so that few lines cross (Sugiyama et al. 1981)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple


_SWEEPS = 4


class Size(NamedTuple):
    """A node's box: lines enter it at `entry` and leave it at `leave`, measured from its left."""

    width: int
    height: int
    entry: int
    leave: int

    @classmethod
    def centred(cls, width: int, height: int) -> Size:
        """A box with lines in its middle; its width must be even."""
        return cls(width, height, width // 2, width // 2)


class Net:
    """A graph in layers, with a *bend*, a node without a box, in each layer that a line passes.

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
        n_layers = max(self.layer_of, default=-1) + 1
        self.spine = self._spine(n_layers)
        self.layers: list[list[int]] = [[] for _ in range(n_layers)]
        for node in self._depth_first():
            self.layers[self.layer_of[node]].append(node)

    def places(self) -> dict[int, int]:
        """The place of each node within its layer, from the left."""
        return {node: i for layer in self.layers for i, node in enumerate(layer)}

    def is_bend(self, node: int) -> bool:
        return node >= self.n_boxes

    def _spine(self, n_layers: int) -> set[tuple[int, int]]:
        """The links of one longest path: it shall be straight."""
        if not n_layers:
            return set()
        links: set[tuple[int, int]] = set()
        node = self.layer_of.index(n_layers - 1)
        while self.layer_of[node]:
            above = min(source for source in self.above[node] if not self.is_bend(source))
            links.add((above, node))
            node = above
        return links

    def _depth_first(self) -> list[int]:
        """All nodes, those below a node in the order in which they shall stand.

        Bends come after boxes, so that long lines pass on the right, and the spine is in the
        middle of three boxes or more.
        """
        seen: dict[int, None] = {}
        stack = [node for node in reversed(range(self.n_boxes)) if not self.above[node]]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen[node] = None
            below = sorted(self.below[node])
            boxes = [other for other in below if not self.is_bend(other)]
            straight = [other for other in boxes if (node, other) in self.spine]
            if straight and len(boxes) > 2:
                below.remove(straight[0])
                below.insert((len(boxes) - 1) // 2, straight[0])
            stack += reversed(below)
        return list(seen)


def order_layers(net: Net) -> None:
    """Orders each layer so that few lines cross: barycentres, up and down (Sugiyama et al.)."""
    best, fewest, place = [list(layer) for layer in net.layers], _crossings(net), net.places()
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
            place |= {node: i for i, node in enumerate(layer)}
        crossings = _crossings(net)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in net.layers], crossings
    net.layers = best


def _crossings(net: Net) -> int:
    place = net.places()
    by_layer: list[list[tuple[int, int]]] = [[] for _ in net.layers]
    for source, target in net.links:
        by_layer[net.layer_of[source]].append((place[source], place[target]))
    n_crossings = 0
    for links in by_layer:
        ends: list[int] = []  # of the links further left, in order
        for _, end in sorted(links) if len(links) > 1 else ():
            at = bisect_right(ends, end)
            n_crossings += len(ends) - at
            ends.insert(at, end)
    return n_crossings
