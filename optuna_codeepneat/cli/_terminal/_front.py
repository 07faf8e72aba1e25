"""The Pareto front while it grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._objectives import MIN_SCORE
from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import knee
from optuna_codeepneat._ranking import score_of
from optuna_codeepneat.search_space import network_key


if TYPE_CHECKING:
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial

_SINGLE_OBJECTIVE_SIZE = 10


class Front:
    """The best trials of a study, kept up to date one trial at a time.

    With several objectives these are the trials of `optuna.study.Study.best_trials`, without
    reading the whole study for each; with one objective the ten best. Trials that violate a
    constraint are left out. Of *twins*, trials with the same network and equal values, the first
    is a member.

    Args:
        directions:
            The directions of the study.
    """

    def __init__(self, directions: Sequence[StudyDirection]) -> None:
        self._directions = directions
        self.members: list[tuple[Score, FrozenTrial]] = []
        """The members with their scores, best first by the first objective."""
        self.best: FrozenTrial | None = None
        """The best trial by the first objective."""
        self._best_gain = 0.0
        self._twins: dict[int, list[int]] = {}
        self._first_lost = ""
        self._n_infeasible = 0
        self._nearest: tuple[float, FrozenTrial] | None = None

    @property
    def trials(self) -> list[FrozenTrial]:
        """The members, best first by the first objective."""
        return [trial for _, trial in self.members]

    @property
    def knee(self) -> FrozenTrial:
        """The member that is farthest from what connects the extremes, see `_ranking.knee`."""
        return self.trials[knee(np.array([score.values for score, _ in self.members]))]

    def twins(self, number: int) -> list[int]:
        """The numbers of the twins of a member."""
        return sorted(self._twins.get(number, []))

    def __len__(self) -> int:
        return len(self.members)

    @property
    def why_empty(self) -> str:
        """Why there are no members, as far as there are none."""
        if self._nearest is None:
            return f"no network has been completed yet{self._first_lost}"
        _, trial = self._nearest
        violated = " and ".join(
            f"{name} by {value:.3g}" for name, value in trial.constraints.items() if value > 0
        )
        remedy = "; `search --min-score` sets another floor" if MIN_SCORE in violated else ""
        return (
            f"no network (of {self._n_infeasible:,} completed) meets the constraints: trial "
            f"{trial.number}, the nearest, violates {violated}{remedy}"
        )

    def add(self, trial: FrozenTrial) -> None:
        """Takes a finished trial into account; each may be added once."""
        score = score_of(trial, self._directions)
        if score is None:
            if not self._first_lost and (reason := trial.user_attrs.get(FAILURE)):
                self._first_lost = f"; trial {trial.number} was pruned: {reason}"
            return
        if not score.feasible:
            self._n_infeasible += 1
            if self._nearest is None or score.violation < self._nearest[0]:
                self._nearest = score.violation, trial
            return
        if self.best is None or score.values[0] > self._best_gain:
            self.best, self._best_gain = trial, score.values[0]
        twin = self._twin_of(score, trial)
        if twin is not None:
            trial = self._joined(trial, twin)
            self.members.remove((score, twin))
        self.members.append((score, trial))
        self.members.sort(key=lambda member: (-member[0].values[0], member[1].number))
        if len(self._directions) == 1:
            del self.members[_SINGLE_OBJECTIVE_SIZE:]
        else:
            kept = front(np.array([score.values for score, _ in self.members]))
            self.members = [self.members[i] for i in kept]

    def _twin_of(self, score: Score, trial: FrozenTrial) -> FrozenTrial | None:
        """The member with the network and the values of a trial, if there is one."""
        key = network_key(trial.params)
        if key is None:
            return None
        return next(
            (m for s, m in self.members if s == score and network_key(m.params) == key), None
        )

    def _joined(self, trial: FrozenTrial, twin: FrozenTrial) -> FrozenTrial:
        """The first of a trial and a member that is its twin, which from now on has the other."""
        first, second = sorted((trial, twin), key=lambda each: each.number)
        self._twins[first.number] = [*self._twins.pop(twin.number, []), second.number]
        return first
