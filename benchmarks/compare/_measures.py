"""What a set of networks is worth, and how samplers compare by it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import TYPE_CHECKING
from typing import Any

import numpy as np


if TYPE_CHECKING:
    from benchmarks.compare._problems._benchmark import Benchmark

CHECKPOINTS = (25, 50, 75, 100, 150, 200, 300, 500, 1000)
"""After how many networks samplers are compared."""


def hypervolume(points: Any, reference: Sequence[float]) -> float:
    """The volume between points, all to be minimised, and the reference."""
    import moocore

    points = np.asarray(points, dtype=float).reshape(-1, len(reference))
    return float(moocore.hypervolume(points, ref=reference)) if len(points) else 0.0


def curve(benchmark: Benchmark, values: Sequence[Sequence[float]]) -> np.ndarray:
    """The measure after each network: the normalised hypervolume, or the best value so far."""
    if not values:
        return np.empty(0)
    table = np.asarray(values, dtype=float)
    if not benchmark.reference:
        best = np.maximum if benchmark.more_is_better else np.minimum
        return np.asarray(best.accumulate(table[:, 0]))
    front = np.empty((0, len(benchmark.reference)))
    volumes, volume = [], 0.0
    for point in benchmark.points(table):
        # What is no better than the front adds nothing.
        if not (front <= point).all(axis=1).any():
            front = np.vstack([front[~(point <= front).all(axis=1)], point])
            volume = hypervolume(front, benchmark.reference) / benchmark.whole
        volumes.append(volume)
    return np.array(volumes)


def first_at(curve: np.ndarray, value: float, *, more_is_better: bool) -> float:
    """The number of networks after which a curve has reached a value, infinite if it never has."""
    reached = curve >= value if more_is_better else curve <= value
    return float(np.argmax(reached)) + 1.0 if reached.any() else float("inf")


def ahead(ours: Sequence[float], theirs: Sequence[float], *, more_is_better: bool) -> float:
    """The share of all pairs of runs in which ours is better, half of the ties included."""
    sign = 1.0 if more_is_better else -1.0
    return mean((sign * a > sign * b) + 0.5 * (a == b) for a in ours for b in theirs)


def with_steps(curve: np.ndarray, steps: Sequence[int], total: float) -> float:
    """What a curve had reached with so many training steps in sum; nothing is 0.

    Args:
        curve:
            The measure after each network.
        steps:
            The steps of all trainings so far, after each network.
        total:
            The steps to spend.
    """
    n = int(np.searchsorted(steps, total, side="right"))
    return float(curve[n - 1]) if n else 0.0


def spread(scores_and_sizes: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """How the sizes of a front lie, in decades.

    Returns:
        From end to end; the standard deviation of the gaps (Schott 1995); the largest gap.
    """
    front: list[float] = []
    best = -np.inf
    for size, score in sorted((size, -score) for score, size in scores_and_sizes):
        if -score > best:
            front, best = [*front, float(np.log10(size))], -score
    gaps = np.diff(front) if len(front) > 1 else np.zeros(1)
    return float(front[-1] - front[0]), float(gaps.std()), float(gaps.max())
