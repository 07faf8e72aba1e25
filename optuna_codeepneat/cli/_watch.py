"""What is in a study, read again and again at little cost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat.cli._front import Front
from optuna_codeepneat.cli._inheritance import steps_of


if TYPE_CHECKING:
    import optuna

# Running trials cost nothing more: every storage reads unfinished trials anew anyway.
_SHOWN = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class Watch:
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
        self._running: set[int] | None = None
        self._left_behind: set[int] = set()
        self.under_way: set[int] = set()
        """Trials that began since the first reading and were running in the last two.

        Those that ran before may have been left behind by a process that was killed, and one
        that is seen for the first time may be this command's own, of which it hears in a moment.
        """
        self.n_pruned = 0
        """Trials that were pruned."""
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
                self.n_pruned += trial.state == TrialState.PRUNED
                self.n_steps += steps_of(trial) or 0
        self._told -= self._seen
        if self._running is None:
            self._left_behind = running
        else:
            self.under_way = (running & self._running) - self._left_behind
        self._running = running
        self._last = time.monotonic()
        return True
