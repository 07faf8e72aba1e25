"""How fast networks finish, and how long the rest will take."""

from __future__ import annotations

from collections import deque


_LEAST_NETWORKS = 3
_LAST_NETWORKS = 20
_LAST_ROUNDS = 4


class Rate:
    """How fast networks finish, by those that finished last.

    Networks grow as an evolution goes on, and the first of a process has data to load; so older
    ones say little of what is to come. Nothing is said before each process had the time for a
    network of its own, as the first of several would make the others look slow.

    Args:
        done:
            Networks that were finished before.
    """

    def __init__(self, done: int) -> None:
        self._before = done
        self._points: deque[tuple[float, int]] = deque()

    def begin(self, now: float) -> None:
        """The first network begins; later calls change nothing."""
        if not self._points:
            self._points.append((now, self._before))

    def count(self, done: int, now: float, *, n_workers: int) -> None:
        """So many networks are finished now."""
        if not self._points or done == self._points[-1][1]:
            return
        self._points.append((now, done))
        enough = max(_LAST_NETWORKS, _LAST_ROUNDS * n_workers)
        while done - self._points[1][1] >= enough:
            self._points.popleft()

    def rate(self, now: float, *, n_workers: int) -> float | None:
        """Networks per second, None where too few have finished."""
        if not self._points:
            return None
        since, before = self._points[0]
        done = self._points[-1][1]
        if done - self._before < max(_LEAST_NETWORKS, n_workers) or now <= since:
            return None
        return (done - before) / (now - since)
