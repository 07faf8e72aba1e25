"""Credit: what a module or a blueprint is worth, from the networks that contained it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import TypeAlias

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import mean_score
from optuna_codeepneat._ranking import ranking


Credit: TypeAlias = Callable[[Sequence[Score]], Score]
"""``(scores of the networks that contained the component) -> its score``; at least one score."""


def mean(scores: Sequence[Score]) -> Score:
    """The mean of each objective over the networks (LEAF, section 3.1)."""
    return mean_score(scores)


def best(scores: Sequence[Score]) -> Score:
    """The score of the best network, the first of the first front (ours).

    With the mean, one bad partner hides a good component.
    """
    return scores[ranking(scores)[0]]


CREDITS: dict[str, Credit] = {"mean": mean, "best": best}
