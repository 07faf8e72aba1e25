"""The Pareto front while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna.study import StudyDirection
from optuna.trial import TrialState


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_SINGLE_OBJECTIVE_SIZE = 10


class Front:
    """The best trials of a study, kept up to date one trial at a time.

    With several objectives these are the trials of `optuna.study.Study.best_trials`, without
    reading the whole study for each; with one objective the ten best. Trials that violate a
    constraint are left out.

    Args:
        directions:
            The directions of the study.
    """

    def __init__(self, directions: Sequence[StudyDirection]) -> None:
        self._signs = [1.0 if d == StudyDirection.MAXIMIZE else -1.0 for d in directions]
        self._members: list[tuple[tuple[float, ...], FrozenTrial]] = []
        self.best: FrozenTrial | None = None
        """The best trial by the first objective."""

    @property
    def trials(self) -> list[FrozenTrial]:
        """The members, best first by the first objective."""
        ranked = sorted(self._members, key=lambda member: (-member[0][0], member[1].number))
        return [trial for _, trial in ranked]

    def __len__(self) -> int:
        return len(self._members)

    def add(self, trial: FrozenTrial) -> None:
        """Takes a finished trial into account; each may be added once."""
        if trial.state != TrialState.COMPLETE:
            return
        if any(violation > 0 for violation in trial.constraints.values()):
            return
        values = self.gains(trial)
        if self.best is None or values[0] > self.gains(self.best)[0]:
            self.best = trial
        if len(self._signs) == 1:
            self._members.append((values, trial))
            self._members.sort(key=lambda member: (-member[0][0], member[1].number))
            del self._members[_SINGLE_OBJECTIVE_SIZE:]
        elif not any(_dominates(member, values) for member, _ in self._members):
            self._members = [m for m in self._members if not _dominates(values, m[0])]
            self._members.append((values, trial))

    def gains(self, trial: FrozenTrial) -> tuple[float, ...]:
        """The values of a trial, turned so that larger is better."""
        return tuple(s * value for s, value in zip(self._signs, trial.values, strict=True))


def _dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(x >= y for x, y in zip(a, b, strict=True)) and any(
        x > y for x, y in zip(a, b, strict=True)
    )
