"""Scores and their order: directions, constraints and Pareto fronts in one place.

Inside, larger is better; what is infeasible ranks below all that is feasible, and what was stopped
early below all that is finished and feasible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

import numpy as np


if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from numpy.typing import NDArray
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial

_HUGE = 1e300


@dataclass(frozen=True)
class Score:
    """What a network, a module or a blueprint is worth.

    Args:
        values:
            One for each objective, larger is better, finite.
        violation:
            Sum of the violated constraints, 0 if feasible.
        stopped:
            Whether the training was stopped early: the values are those of the last report.
    """

    values: tuple[float, ...]
    violation: float = 0.0
    stopped: bool = False

    @property
    def feasible(self) -> bool:
        """Whether no constraint is violated."""
        return self.violation <= 0.0


def score_of(trial: FrozenTrial, directions: Sequence[StudyDirection]) -> Score | None:
    """The score of a trial, None if it has no values or was not completed."""
    from optuna.trial import TrialState

    values = trial.values if trial.state == TrialState.COMPLETE else None
    if values is None or len(values) != len(directions) or any(map(isnan, values)):
        return None
    return partial_score(trial, values, directions)


def partial_score(
    trial: FrozenTrial,
    values: Sequence[float],
    directions: Sequence[StudyDirection],
    *,
    stopped: bool = False,
) -> Score:
    """The score of a trial as if it had ended with these values, none of them NaN."""
    from optuna.study import StudyDirection

    turned = gains(values, [direction == StudyDirection.MAXIMIZE for direction in directions])
    # Infinite values are legal in Optuna; differences of them are not numbers.
    return Score(tuple(turned.clip(-_HUGE, _HUGE).tolist()), _violation(trial), stopped)


def gains(values: ArrayLike, maximize: Sequence[bool]) -> NDArray[np.float64]:
    """Values turned so that larger is better; turned twice they are what they were.

    Args:
        values:
            ``(..., objectives)``; of any shape for one objective.
        maximize:
            Whether larger values are better, for each objective.
    """
    return np.asarray(values, dtype=float) * [1.0 if larger else -1.0 for larger in maximize]


def is_feasible(trial: FrozenTrial) -> bool:
    """Whether a trial violates no constraint."""
    return _violation(trial) <= 0.0


def _violation(trial: FrozenTrial) -> float:
    return sum(max(0.0, violation) for violation in trial.constraints.values())


def mean_score(scores: Sequence[Score]) -> Score:
    """The mean of the feasible ones, or of all if none is.

    Those that were stopped early count with what they had come to: they would be worth little, and
    a mean over the others alone would not tell.
    """
    chosen = [score for score in scores if score.feasible] or list(scores)
    values = np.mean([score.values for score in chosen], axis=0)
    violation = float(np.mean([score.violation for score in chosen]))
    stopped = all(score.stopped for score in chosen)
    return Score(tuple(map(float, values)), violation, stopped)


def fronts(values: np.ndarray) -> np.ndarray:
    """The number of each row's successive Pareto front, the best 0 (LEAF, algorithms 2 and 3).

    Equal rows share a front: none dominates the other.

    Args:
        values:
            ``(n, objectives)``, larger is better.
    """
    import moocore  # here: it takes longer to import than the rest of the package

    if values.shape[1] == 1:
        return np.unique(-values[:, 0], return_inverse=True)[1]
    return np.asarray(moocore.pareto_rank(values, maximise=True))


def front(values: np.ndarray, *, twins: bool = True) -> np.ndarray:
    """Indices of the rows that no other dominates, ascending: the first of `fronts`.

    Args:
        values:
            ``(n, objectives)``, larger is better.
        twins:
            Whether of equal rows all are in it, not only the first.
    """
    import moocore

    # NOTE: with four objectives or more moocore 0.3 takes rows of infinite values for a front.
    finite = np.clip(values, -_HUGE, _HUGE)
    return np.flatnonzero(moocore.is_nondominated(finite, maximise=True, keep_weakly=twins))


def knee(values: np.ndarray) -> int:
    """The index of the member of a front that is farthest from what connects its extremes.

    Each objective goes from 0 to 1 along the front. Its extremes are then 1 in one objective and
    0 in the others, and the distance from the line (the plane) through them grows with the sum
    (Das 1999, on characterizing the knee of a Pareto curve). Of equal ones it is the first.

    Args:
        values:
            ``(n, objectives)`` of the members, larger is better.
    """
    spread = np.ptp(values, axis=0)
    along = (values - values.min(axis=0)) / np.where(spread > 0, spread, 1.0)
    return int(along.sum(axis=1).argmax())


def ranking(scores: Sequence[Score | None], *, front_order: str = "primary") -> list[int]:
    """Indices from best to worst.

    Feasible scores come first, by successive Pareto fronts; then those that were stopped early, by
    fronts of their own, so that none is above a finished one that it trails; then infeasible ones,
    the least violation first; then what was never evaluated.

    Args:
        scores:
            The scores.
        front_order:
            ``"primary"`` or ``"secondary"``: the objective by which a front is sorted (LEAF,
            algorithm 3, and its option). ``"spread"`` (ours) interleaves: the extremes, then
            whatever is farthest from those before, so that truncation keeps a front's shape.

    Returns:
        A permutation of the indices; ties are broken by the remaining objectives, then by index.
    """
    known = [(i, score) for i, score in enumerate(scores) if score is not None]
    order: list[int] = []
    for stopped in (False, True):
        own = [(i, s) for i, s in known if s.feasible and s.stopped == stopped]
        if not own:
            continue
        values = np.array([score.values for _, score in own])
        rank = fronts(values)
        for front in range(int(rank.max()) + 1):
            members = np.flatnonzero(rank == front)
            order += [own[i][0] for i in members[_within(values[members], front_order)]]
    infeasible = [(i, score) for i, score in known if not score.feasible]
    order += [i for i, score in sorted(infeasible, key=lambda pair: pair[1].violation)]
    return order + [i for i, score in enumerate(scores) if score is None]


def _within(values: np.ndarray, front_order: str) -> np.ndarray:
    """Order inside one front."""
    n, m = values.shape
    columns = list(range(m))
    if front_order == "secondary" and m > 1:
        columns = [1, 0, *columns[2:]]
    # lexsort takes its last key first and is stable, so that the index breaks the last ties.
    by_objective = np.lexsort([-values[:, c] for c in reversed(columns)])
    if front_order != "spread" or m == 1 or n <= 2:
        return by_objective
    # Objectives of different kinds are made comparable by their ranks within the front.
    ranks = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0) / (n - 1)
    chosen = [int(by_objective[0])]
    gaps = np.abs(ranks - ranks[chosen[0]]).max(axis=1)
    while len(chosen) < n:
        gaps[chosen] = -1.0
        farthest = int(np.argmax(gaps))
        chosen.append(farthest)
        gaps = np.minimum(gaps, np.abs(ranks - ranks[farthest]).max(axis=1))
    return np.array(chosen)
