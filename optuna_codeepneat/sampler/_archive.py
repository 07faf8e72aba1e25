"""The best networks of all time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_codeepneat.sampler._population import Result
from optuna_codeepneat.sampler._ranking import fronts
from optuna_codeepneat.sampler._ranking import ranking


def best_of(results: Sequence[Result], most: int, front_order: str) -> tuple[Result, ...]:
    """The best networks, the best first: for several objectives the non-dominated ones.

    Args:
        results:
            Results with a score.
        most:
            How many are kept at most.
        front_order:
            In which order, as `ranking` has it.
    """
    order = ranking([result.score for result in results], front_order=front_order)
    best = [results[i] for i in order]
    first = best[0].score
    if first is not None and first.feasible and len(first.values) > 1:
        feasible = [r for r in best if r.score is not None and r.score.feasible]
        front = fronts(np.array([r.score.values for r in feasible if r.score is not None]))
        best = [result for result, rank in zip(feasible, front, strict=True) if rank == 0]
    return tuple(best[:most])
