"""What a trial says of the weights that its network began with, for everyone who shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeGuard


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial


INHERITANCE = "inheritance"
"""The user attribute that holds it."""


@dataclass(frozen=True)
class Inherited:
    """What a network inherited, and how long it was trained.

    Args:
        donor:
            The trial whose weights it has, None for random ones.
        share:
            The share of its parameters that came from there, from 0 to 1.
        steps:
            For how many steps it was trained itself.
        line_steps:
            For how many together with all whose weights are in it.
    """

    donor: int | None
    share: float
    steps: int
    line_steps: int

    def to_json(self) -> dict[str, Any]:
        """The value of the user attribute; `from_json` is its inverse but for rounding."""
        share = round(self.share, 4)
        counts = {"steps": self.steps, "line_steps": self.line_steps}
        return {"from": self.donor, "share": share, **counts}

    @classmethod
    def from_json(cls, value: Any) -> Inherited | None:
        """What `to_json` wrote; None if it is something else of this name."""
        if not isinstance(value, dict):
            return None
        donor, share = value.get("from"), value.get("share")
        steps, line_steps = value.get("steps"), value.get("line_steps")
        if not (donor is None or _is_count(donor)) or not isinstance(share, int | float):
            return None
        if not _is_count(steps) or not _is_count(line_steps):
            return None
        return cls(donor, float(share), steps, line_steps)

    @classmethod
    def of(cls, trial: FrozenTrial) -> Inherited | None:
        """What a trial says; None if it says nothing."""
        return cls.from_json(trial.user_attrs.get(INHERITANCE))


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


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
