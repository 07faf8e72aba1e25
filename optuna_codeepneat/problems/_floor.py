"""The score below which a network is on no front."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from math import ceil
from math import floor as whole_below
from math import isfinite
from math import isnan
from math import log10
from numbers import Real
from typing import TYPE_CHECKING

from optuna_codeepneat._objectives import MIN_SCORE


if TYPE_CHECKING:
    from optuna.trial import BaseTrial

_SHARE = 0.9
"""Of what hand-made networks gain over guessing (ours): a front of less is rarely looked at."""


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
    if not isinstance(first, Real) or isnan(first):  # Optuna says what is wrong
        return
    if MIN_SCORE in trial.constraints:
        return
    score = float(first)
    trial.set_constraint(MIN_SCORE, floor - score if maximize else score - floor)


def floor_by_hand(
    scores: Iterable[float], *, chance: float | None, maximize: bool
) -> float | None:
    """Nine tenths of the way from guessing to the best of hand-made networks.

    Args:
        scores:
            Of the hand-made networks.
        chance:
            The score of guessing, None where that is not known.
        maximize:
            Whether larger scores are better.

    Returns:
        The score, rounded towards guessing to two digits of that way; None if no hand-made network
        is better than a guess.

    Example:
        >>> from optuna_codeepneat.problems._floor import floor_by_hand
        >>> floor_by_hand([0.8, 0.868], chance=0.12, maximize=True)
        0.79
    """
    sign = 1.0 if maximize else -1.0
    best = max((sign * score for score in scores if isfinite(score)), default=None)
    if best is None or chance is None or best <= sign * chance:
        return None
    gain = best - sign * chance
    digits = 1 - whole_below(log10(gain))
    scaled = round((chance + sign * _SHARE * gain) * 10.0**digits, 6)
    return round((whole_below if maximize else ceil)(scaled) / 10.0**digits, max(0, digits))
