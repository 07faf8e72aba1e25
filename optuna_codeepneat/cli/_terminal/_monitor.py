"""What is in a study, read again and again at little cost."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._attributes import StoppedEarly
from optuna_codeepneat.cli._terminal._front import Front
from optuna_codeepneat.cli._terminal._tables import num_params_of


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.search_space import SearchSpace

_READINGS = 10
# Running trials cost nothing more: every storage reads unfinished trials anew anyway.
_SHOWN = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class Monitor:
    """What is in a study, read again at little cost.

    Args:
        study:
            The study; others may write to it at the same time.
    """

    def __init__(self, study: optuna.Study) -> None:
        self._study = study
        self._seen: set[int] = set()
        self._told: set[int] = set()
        self._last = 0.0
        # What ran before may have been left behind by a process that was killed.
        self._left_behind: set[int] | None = None
        self._running: deque[set[int]] = deque(maxlen=_READINGS)
        self.n_pruned = 0
        """Trials that were pruned, but for those that were stopped early."""
        self.n_stopped = 0
        """Trials that were stopped early."""
        self.n_steps = 0
        """Training steps of all networks, as far as trials say how many."""
        self.front = Front(study.directions)
        self.refresh()

    @property
    def n_finished(self) -> int:
        """Trials that are complete or pruned."""
        return len(self._seen | self._told)

    def tell(self, number: int) -> None:
        """Counts a trial as finished before it is seen in the storage."""
        self._told.add(number)

    def n_elsewhere(self, own: set[int]) -> int:
        """How many networks others train at once, as far as they began since the first reading.

        Args:
            own:
                Trials that this command began.
        """
        # Of a trial in the last reading this command may hear only in a moment that it is its own.
        before = list(self._running)[:-1]
        # Between two networks a process has none; so it is the most of the last readings.
        return max((len(running - own) for running in before), default=0)

    def refresh(self, seconds: float = 0.0) -> bool:
        """Reads what is new, unless it was read in the last so many seconds; says if it did."""
        if time.monotonic() - self._last < seconds:
            return False
        running = set()
        for trial in self._study.get_trials(deepcopy=False, states=_SHOWN):
            if trial.state == TrialState.RUNNING:
                running.add(trial.number)
            elif trial.number not in self._seen:
                self._seen.add(trial.number)
                self.front.add(trial)
                if StoppedEarly.of(trial) is not None:
                    self.n_stopped += 1
                elif trial.state == TrialState.PRUNED:
                    self.n_pruned += 1
                said = Inherited.of(trial)
                self.n_steps += 0 if said is None else said.steps
        self._told -= self._seen
        if self._left_behind is None:
            self._left_behind = running
        self._running.append(running - self._left_behind)
        self._last = time.monotonic()
        return True


def front_of(
    study: optuna.Study,
    metric_names: Sequence[str],
    space: SearchSpace | None,
    max_params: int | None = None,
) -> Front:
    """The front of a study.

    Args:
        study:
            The study.
        metric_names:
            Names of its objectives.
        space:
            Its search space, None where it is unknown.
        max_params:
            The most parameters of a network in it, None for any.
    """
    if max_params is None:
        return Monitor(study).front
    found = Front(study.directions)
    for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
        size = num_params_of(trial, metric_names, space)
        if size is not None and size <= max_params:
            found.add(trial)
    return found
