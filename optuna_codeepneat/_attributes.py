"""The user attributes of trials and studies, for everyone who writes or shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeGuard


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial


GENERATION = "generation"
"""The generation that the network was bred in."""

COMPONENTS = "components"
"""What the network is made of, in words."""

NUM_PARAMS = "num_params"
"""Its trainable parameters."""

NETWORK = "network"
"""The network in one line."""

INHERITANCE = "inheritance"
"""What the network inherited, and how long it was trained: see `Inherited`."""

VIOLATED = "violated"
"""The violated constraints: Optuna Dashboard 0.21 does not name them."""

FAILURE = "failure"
"""Why the network failed or was pruned."""

PROBLEM = "problem"
"""The name of the problem that is searched."""

SETTINGS = "settings"
"""What the sampler is made from."""

TARGET = "target"
"""Finished networks that the searches of the study asked for."""

_FINAL = "final:"
"""What the number of a trial follows: the test score of its network, finally trained."""


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


def store_test_score(study: optuna.Study, number: int, score: float) -> None:
    """Keeps the test score of a trial's network, so that it is never tested again."""
    study.set_user_attr(f"{_FINAL}{number}", {"score": score})


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
        number = name.removeprefix(_FINAL)
        if name.startswith(_FINAL) and number.isdecimal() and isinstance(record, dict):
            score = record.get("score")
            if isinstance(score, int | float):
                scores[int(number)] = float(score)
    return scores
