"""Where the nodes of ordered layers stand from left to right."""

from __future__ import annotations

from optuna_codeepneat.visualization._diagram._layers import Net


GAP_X = 22
"""Between boxes side by side."""
GAP_LINE = 12
"""Between a line and what is beside it."""

_ROUNDS = 6


class Columns:
    """Horizontal places: nodes are lined up in columns, columns then moved to what they link.

    As in Brandes and Koepf (2001) a column is a path of nodes in adjacent layers, and columns do
    not cross, so that "left of" is acyclic among them. Ours: long lines and the spine are lined
    up first, and columns are placed by averaging and relaxation instead of four compactions.
    """

    def __init__(self, net: Net) -> None:
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
        net, place = self.net, self.net.places()

        def priority(link: tuple[int, int]) -> tuple[int, int, int]:
            n_bends = net.is_bend(link[0]) + net.is_bend(link[1])
            rank = 0 if link in net.spine else {2: 1, 0: 2, 1: 3}[n_bends]
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

    def lefts(self) -> list[int]:
        """The left edge of each node; the leftmost is 0."""
        columns = self._from_left_to_right()
        low: dict[int, float] = {}
        for c in columns:
            low[c] = max([low[a] + gap for a, gap in self.left_of[c].items()], default=0.0)
        rightmost = max(low.values(), default=0.0)
        high: dict[int, float] = {}
        for c in reversed(columns):
            high[c] = min(
                [high[b] - gap for b, gap in self.right_of[c].items()], default=rightmost
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
        whole: dict[int, int] = {}
        for c in columns:
            left = [whole[a] + gap for a, gap in self.left_of[c].items()]
            whole[c] = max([round(x[c]), *left])
        lefts = [whole[self.column[v]] + self.offset[v] for v in range(len(self.offset))]
        first = min(lefts, default=0)
        return [left - first for left in lefts]

    def _pulls(self, column: int) -> list[tuple[int, int, int]]:
        """Other columns, the distance from them at which lines are straight, and its weight.

        A line follows boxes, not they it.
        """
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
