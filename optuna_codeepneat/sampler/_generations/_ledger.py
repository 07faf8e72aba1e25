"""What the trials of a study say of its evolution, read bit by bit.

A finished trial never changes, so it is read once; whatever is still open is read again at every
refresh. The cost of a refresh therefore grows with the workers, not with the trials.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from optuna.trial import TrialState

from optuna_codeepneat import _optuna
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import WAITED
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import from_pieces


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.sampler._genetics import NetworkGenome
    from optuna_codeepneat.sampler._genetics import TrialNumber


class Ledger:
    """The records, the assignments and the states of all trials, as far as they are known.

    Attributes:
        trials: All trials, the one numbered n at index n; not to be changed.
        records: The records by the number of the trial that carries them.
        open: Numbers of the trials that run or wait, with what they are to evaluate; None where
            that is not known yet.
        longest: How many seconds the longest finished trial took once it had its place, 0 if there
            is none.
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self.trials: Sequence[FrozenTrial] = ()
        self.records: dict[int, Record] = {}
        self.open: dict[int, Assignment | None] = {}
        # For each generation and place: trials, and those that carry what they were bred from.
        self._claims: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self.longest = 0.0
        self._leads: dict[int, Record] = {}
        self._first_seen: dict[int, float] = {}
        self._dead: set[int] = set()
        self._n_read = 0

    def refresh(self) -> None:
        """Reads what is new.

        StoredStateError if a record is damaged, or of a newer version of the package.
        """
        self.trials = _optuna.all_trials(self._study)
        for number in [*self.open, *range(self._n_read, len(self.trials))]:
            self._read(self.trials[number])
        self._n_read = len(self.trials)

    def lead(self, generation: int) -> Record | None:
        """The record of a generation: the one on the lowest trial number, if there is one yet."""
        return self._leads.get(generation)

    @property
    def last_generation(self) -> int | None:
        """The last generation that has a record."""
        return max(self._leads, default=None)

    def newest_before(self, generation: int) -> Record | None:
        """The record of the last generation before another that has one."""
        earlier = [known for known in self._leads if known < generation]
        return self._leads[max(earlier)] if earlier else None

    def add(self, record: Record) -> None:
        """Adds a record that this process has just stored."""
        self.records[record.number] = record
        lead = self._leads.get(record.generation)
        if lead is None or record.number < lead.number:
            self._leads[record.generation] = record

    def finished(self) -> list[int]:
        """Numbers of all finished trials."""
        return [trial.number for trial in self.trials if trial.state.is_finished()]

    def claims_of(self, record: Record, place: int) -> list[int]:
        """The trials that took a place, bred from this record or from one of the same outcome.

        Workers who begin a study at once without a seed may found two lineages; one goes on.
        """
        return [
            number
            for number, bred_from in self._claims.get((record.generation, place), ())
            if bred_from in self.records and self.records[bred_from].digest == record.digest
        ]

    def starting(self, first: int, end: int) -> list[int]:
        """Trials from `first` to before `end` that run and are about to say what they evaluate.

        Those that were presumed dead do not count.
        """
        return sorted(
            number
            for number, assignment in self.open.items()
            if first <= number < end
            and assignment is None
            and number not in self._dead
            and self.trials[number].state == TrialState.RUNNING
        )

    def presume_dead(self, numbers: Sequence[int]) -> None:
        """Waits no more for trials that should long have said what they evaluate."""
        self._dead.update(numbers)

    def seconds_seen(self, number: int) -> float:
        """For how long this process has seen an open trial with a place, by its own clock."""
        return time.monotonic() - self._first_seen[number]

    def _read(self, trial: FrozenTrial) -> None:
        number, attrs = trial.number, trial.system_attrs
        if RECORD in attrs and number not in self.records:
            record = Record.unpack(from_pieces(RECORD, attrs), number)
            if record.number == number:  # else a retried trial's copy of an old one
                self.add(record)
        known = self.open.get(number)
        assignment = known or assignment_of(trial)
        if assignment is not None and known is None:
            place = (assignment.generation, assignment.place)
            self._claims.setdefault(place, []).append((number, assignment.record))
        if not trial.state.is_finished():
            self.open[number] = assignment
            if assignment is not None:
                self._first_seen.setdefault(number, time.monotonic())
            return
        self.open.pop(number, None)
        self._first_seen.pop(number, None)
        self._dead.discard(number)
        if trial.duration is not None:
            took = trial.duration.total_seconds() - _seconds(attrs.get(WAITED, 0.0))
            self.longest = max(self.longest, took)


def _seconds(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):  # damaged
        return 0.0


def assignment_of(trial: FrozenTrial) -> Assignment | None:
    """What a trial was assigned; None if nothing, or if it is damaged.

    A damaged assignment costs the innovation ids of one network, whose parameters tell the rest;
    it is no reason to end a study; StoredStateError if it is of a newer version of the package.
    """
    if ASSIGNMENT not in trial.system_attrs:
        return None
    try:
        return Assignment.unpack(from_pieces(ASSIGNMENT, trial.system_attrs), trial.number)
    except DamagedStateError:
        return None


def donor_of(assignment: Assignment) -> TrialNumber | None:
    """The trial whose weights a network is to inherit; None if none, or if it is damaged.

    Whoever it named, nobody can tell then: it starts afresh.
    """
    try:
        return assignment.origin.donor
    except DamagedStateError:
        return None


def network_assigned(trial: FrozenTrial) -> NetworkGenome | None:
    """The network that a trial was assigned; None if none, or if it is damaged."""
    assignment = assignment_of(trial)
    try:
        return None if assignment is None else assignment.network
    except DamagedStateError:
        return None
