"""Test scores of finally trained networks, as a search leaves them in its study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any


if TYPE_CHECKING:
    import optuna

_PREFIX = "final:"


def store_test_score(study: optuna.Study, number: int, score: float) -> None:
    """Keeps the test score of a trial's network, so that it is never tested again."""
    study.set_user_attr(f"{_PREFIX}{number}", {"score": score})


def stored_test_scores(attrs: Mapping[str, Any]) -> dict[int, float]:
    """The test scores that a search left in the study, by the numbers of the trials.

    Args:
        attrs:
            The user attributes of the study.

    Returns:
        All of them, also those that aren't finite: they were tested.
    """
    scores = {}
    for name, record in attrs.items():
        number = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and number.isdecimal() and isinstance(record, dict):
            score = record.get("score")
            if isinstance(score, int | float):
                scores[int(number)] = float(score)
    return scores
