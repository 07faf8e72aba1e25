"""What the trials of a study say of its evolution, read bit by bit.

A finished trial never changes, so it is read once. Of those that are still open only the states
are looked at again once they have said what they evaluate, which never changes either. The cost of
a refresh therefore grows with what others have begun and finished, not with the trials.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING
from typing import Any

from optuna.logging import get_logger
from optuna.trial import TrialState

from optuna_codeepneat import _optuna
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._generations._lineages import Lineages
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import TOOK
from optuna_codeepneat.sampler._generations._records import WAITED
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import from_pieces


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.sampler._genetics import NetworkGenome
    from optuna_codeepneat.sampler._genetics import TrialNumber

_logger = get_logger(f"optuna.{__name__}")


class Ledger:
    """The records, the assignments and the states of all trials, as far as they are known.

    Only records of lineages that belong to the study, and to one sampler, are among them: of the
    one that began it, if none is given. Trials of others are trials like those of any sampler.
    Records that are damaged, and what descends from them, are passed over as well: `passed_over`
    says why.

    Attributes:
        trials: All trials, the one numbered n at index n; not to be changed.
        records: The records by the number of the trial that carries them.
        passed_over: For trials whose record is damaged, or descends from one that is: what is
            wrong, in a sentence.
        others: Other samplers of this package that took their turns in the study.
        open: Numbers of the trials that run or wait, with what they are to evaluate; None where
            that is not known yet.
        longest: How many seconds the longest finished trial took once it had its place, 0 if there
            is none.
    """

    def __init__(self, study: Study, sampler: str | None = None) -> None:
        self._study = study
        self._sampler = sampler
        self.lineages = Lineages(study)
        self.trials: Sequence[FrozenTrial] = ()
        self.records: dict[int, Record] = {}
        self.passed_over: dict[int, str] = {}
        self.others: set[str] = set()
        self.open: dict[int, Assignment | None] = {}
        # For each generation and place: trials, and those that carry what they were bred from.
        self._claims: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self.longest = 0.0
        self._candidates: dict[int, list[Record]] = {}
        self._claimed: set[int] = set()
        # The last generation's record, and by generation those that it descends from.
        self._newest: Record | None = None
        self._lineage: dict[int, Record] = {}
        # Trials that carry a record; those that are not looked at yet; those of other lineages.
        self._published: set[int] = set()
        self._waiting: dict[int, Record] = {}
        self._foreign: set[int] = set()
        self._first_seen: dict[int, float] = {}
        self._dead: set[int] = set()
        self._n_read = 0

    def refresh(self) -> None:
        """Reads what is new.

        StoredStateError if a record is of a newer version of the package.
        """
        self.trials = _optuna.all_trials(self._study)
        for number in [*self.open, *range(self._n_read, len(self.trials))]:
            if not self._has_said_all(number):
                self._read(self.trials[number])
        self._n_read = len(self.trials)
        if self._waiting:
            self._accept()

    def lead(self, generation: int) -> Record | None:
        """The record of a generation that goes on, if there is one yet.

        The one that later generations descend from; in the last generation the one on the lowest
        trial number among those that trials were bred from, or else among all. A record that
        comes late, from a worker that was held up, therefore changes nothing.
        """
        last = self.last_generation
        if last is None:
            return None
        newest = self._first_of(last)
        if newest is not self._newest:
            self._follow(newest)
        return self._lineage.get(generation) or self._first_of(generation)

    @property
    def last_generation(self) -> int | None:
        """The last generation that has a record."""
        return max(self._candidates, default=None)

    def leads(self) -> list[Record]:
        """The records of all generations that go on, in their order."""
        leads = (self.lead(generation) for generation in sorted(self._candidates))
        return [record for record in leads if record is not None]

    def newest_before(self, generation: int) -> Record | None:
        """The record of the last generation before another that has one."""
        earlier = [known for known in self._candidates if known < generation]
        return self.lead(max(earlier)) if earlier else None

    def add(self, record: Record) -> None:
        """Adds a record that this process has just stored."""
        self._published.add(record.number)
        self.records[record.number] = record
        self._candidates.setdefault(record.generation, []).append(record)

    def has_published(self, number: int) -> bool:
        """Whether a trial has a record of its own, which never changes, or can have none."""
        return number in self._published or number < self.lineages.first_trial

    def is_elsewhere(self, number: int) -> bool:
        """Whether a trial carries a record of another lineage, or one that is passed over."""
        passed_over = number in self.passed_over or number < self.lineages.first_trial
        return number in self._foreign or passed_over

    def roots(self) -> list[Record]:
        """The first records of all lineages."""
        return [record for record in self.records.values() if record.root is not None]

    def has_ended(self, number: int) -> bool:
        """Whether a trial had finished when it was read last."""
        return number < self._n_read and number not in self.open

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

    def _first_of(self, generation: int) -> Record | None:
        """A generation's record, as long as no later one tells."""
        return min(
            self._candidates.get(generation, ()),
            key=lambda record: (record.number not in self._claimed, record.number),
            default=None,
        )

    def _follow(self, newest: Record | None) -> None:
        """Takes note of whom the newest record descends from."""
        self._newest, at = newest, newest
        while at is not None and self._lineage.get(at.generation) is not at:
            parent = None if at.parent is None else self.records[at.parent]
            begin = 0 if parent is None else parent.generation + 1
            for skipped in range(begin, at.generation):
                self._lineage.pop(skipped, None)
            self._lineage[at.generation] = at
            at = parent

    def _read_record(self, trial: FrozenTrial) -> None:
        """Takes note of a trial's record, which `_accept` looks at."""
        number = trial.number
        if number in self._published or number < self.lineages.first_trial:
            return
        try:
            text = from_pieces(RECORD, trial.system_attrs)
            record = Record.unpack(text, number, len(self.trials))
        except DamagedStateError as error:
            self._pass_over(number, str(error))
            return
        self.passed_over.pop(number, None)
        if record.number == number:  # else a retried trial's copy of an old one, or from elsewhere
            self._published.add(number)
            self._waiting[number] = record

    def _accept(self) -> None:
        """Adds the records whose lineages belong here, each after the one before it."""
        for record in sorted(self._waiting.values(), key=lambda own: (own.generation, own.number)):
            number, parent = record.number, record.parent
            if parent is None:
                accepted = self._is_own(record)
            elif parent in self.records:
                accepted = self.records[parent].generation < record.generation
            elif parent in self._foreign:
                accepted = False
            else:  # it may yet turn up
                self._pass_over(
                    number,
                    f"the generation record on trial {number} descends from that of trial "
                    f"{parent}, which is not there or damaged.",
                )
                continue
            del self._waiting[number]
            self.passed_over.pop(number, None)
            if accepted:
                self.add(record)
            else:
                self._foreign.add(number)

    def _is_own(self, root: Record) -> bool:
        if not self.lineages.has(root):
            return False
        self._sampler = self._sampler or root.sampler
        if root.sampler != self._sampler:
            self.others.add(root.sampler)
        return root.sampler == self._sampler

    def _pass_over(self, number: int, why: str) -> None:
        if number not in self.passed_over:
            _logger.warning(f"{why[0].upper()}{why[1:]} It is passed over.")
        self.passed_over[number] = why

    def _has_said_all(self, number: int) -> bool:
        """Whether an open trial has nothing to say any more before it ends, and has not ended.

        One that waits may begin, and one that was begun again may publish a record.
        """
        assignment, state = self.open.get(number), self.trials[number].state
        if state == TrialState.WAITING:
            return number in self.open
        is_own = assignment is not None and assignment.number == number
        return is_own and not state.is_finished()

    def _read(self, trial: FrozenTrial) -> None:
        number, attrs = trial.number, trial.system_attrs
        if RECORD in attrs:
            self._read_record(trial)
        known = self.open.get(number)
        assignment = known or assignment_of(trial)
        if assignment is not None and known is None and is_own(trial, assignment):
            self._claimed.add(assignment.record)
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
        self.longest = max(self.longest, _seconds_taken(trial))


def _seconds_taken(trial: FrozenTrial) -> float:
    """How long a finished trial took once it had its place.

    Its times of the day are only asked if it was ended by another process than the one that began
    it: clocks are set, by hours in summer.
    """
    took = _seconds(trial.system_attrs.get(TOOK))
    if took is None and trial.duration is not None:
        waited = _seconds(trial.system_attrs.get(WAITED))
        took = trial.duration.total_seconds() - (waited or 0.0)
    return took or 0.0


def _seconds(text: Any) -> float | None:
    try:
        seconds = float(text)
    except (TypeError, ValueError):  # not there, or damaged
        return None
    return seconds if isfinite(seconds) else None


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


def is_own(trial: FrozenTrial, assignment: Assignment) -> bool:
    """Whether a trial was assigned this in its study, if only before Optuna retried it.

    One that was added to the study carries what it was assigned elsewhere.
    """
    if assignment.number == trial.number:
        return True
    return assignment.number in _optuna.retried(trial)


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
