"""What a trial says of its score where there is a least one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING

from optuna_codeepneat._objectives import MIN_SCORE


if TYPE_CHECKING:
    from optuna.trial import BaseTrial


def say_shortfall(
    trial: BaseTrial, values: float | Sequence[float], floor: float, *, maximize: bool
) -> None:
    """Says on a trial by how much its score misses the floor; at most once.

    Args:
        trial:
            The running trial.
        values:
            Its score, or the values of all objectives, of which that is the first.
        floor:
            The least score, or the most where less is better.
        maximize:
            Whether larger scores are better.
    """
    first = values[0] if isinstance(values, Sequence) and values else values
    if not isinstance(first, Real) or math.isnan(first):  # Optuna says what is wrong
        return
    if MIN_SCORE in trial.constraints:
        return
    score = float(first)
    trial.set_constraint(MIN_SCORE, floor - score if maximize else score - floor)
