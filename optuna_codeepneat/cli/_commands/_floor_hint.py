"""What to say of a search that spent its networks on poor ones."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from math import floor


_SHARE = 0.9
"""Of what hand-made networks gain over guessing: a front of less is rarely looked at."""

_DIGITS = 100


def floor_hint(
    scores: Sequence[float], by_hand: Iterable[float], *, chance: float | None, name: str
) -> str:
    """Which `--min-score` would have been the better one, a sentence; "" where none would.

    Args:
        scores:
            Of the networks of a search, of a metric that is better the larger it is.
        by_hand:
            Of hand-made networks.
        chance:
            The score to beat; None where there is none.
        name:
            Of the metric.
    """
    best = max(by_hand, default=None)
    if best is None or chance is None or best <= chance:
        return ""
    least = floor(_DIGITS * (chance + _SHARE * (best - chance))) / _DIGITS
    poor = sum(score < least for score in scores)
    if least <= chance or 2 * poor < len(scores):
        return ""
    return (
        f"{poor} of {len(scores)} networks have a lower {name} than {least:g}, which is nine "
        f"tenths of what hand-made ones gain over guessing: a search with `--min-score {least:g}` "
        "spends them on better ones."
    )
