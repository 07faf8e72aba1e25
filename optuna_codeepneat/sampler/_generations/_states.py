"""The states behind records: a pure function of the seed, the records and the finished trials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import TypeVar

from optuna.logging import get_logger

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._attributes import Inherited
from optuna_codeepneat._ranking import score_of
from optuna_codeepneat._recent import Recent
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._algorithm import without_own_modules
from optuna_codeepneat.sampler._generations import _evidence
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._soundness import check_state
from optuna_codeepneat.sampler._genetics import Heritage
from optuna_codeepneat.sampler._genetics import Key
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import TrialNumber


if TYPE_CHECKING:
    from optuna.study import Study

_logger = get_logger(f"optuna.{__name__}")

_Value = TypeVar("_Value")

REPAIR = "begin anew from all finished trials with `optuna-codeepneat verify --repair`"
"""What to do where nothing else helps."""

_KEPT = 4
_KEPT_RESULTS = 2000


class StateStore:
    """The states that the records of a study stand for.

    A record carries its state, so a worker reads it instead of breeding the generation anew;
    where it is damaged, it is bred again from the record before.
    """

    def __init__(self, study: Study, algorithm: Algorithm, ledger: Ledger) -> None:
        self._study = study
        self._algorithm = algorithm
        self._space = algorithm.space
        self._ledger = ledger
        self._roots: dict[int, Record] = {}
        self._algorithms: dict[int, Algorithm] = {}
        self._states: Recent[int, State] = Recent(_KEPT)
        self._counted: Recent[int, tuple[TrialNumber, ...]] = Recent(_KEPT)
        self._evaluated: Recent[int, frozenset[Key]] = Recent(_KEPT)
        self._results: Recent[tuple[int, int], Result] = Recent(_KEPT_RESULTS)
        self._keys: dict[int, Key | None] = {}
        self._proposals: Recent[int, Proposal | None] = Recent(_KEPT_RESULTS)

    def parent_of(self, record: Record) -> Record | None:
        """The record of the generation before."""
        return None if record.parent is None else self._ledger.records[record.parent]

    def root_of(self, record: Record) -> Record:
        """The first record of a lineage.

        Workers who begin a study at the same moment may found two lineages, each with a seed of
        its own; the later records go on with one of them.
        """
        path = [record]
        while path[-1].number not in self._roots and (parent := self.parent_of(path[-1])):
            path.append(parent)
        root = self._roots.get(path[-1].number, path[-1])
        self._roots.update((passed.number, root) for passed in path)
        return root

    def seed_of(self, record: Record) -> int:
        """The seed of a record's lineage."""
        root = self.root_of(record).root
        assert root is not None
        return int(root["seed"])

    def algorithm_of(self, record: Record) -> Algorithm:
        """The algorithm of a record's lineage, as it was when that began."""
        root = self.root_of(record)
        if root.number not in self._algorithms:
            begun = without_own_modules((root.root or {}).get("settings"))
            own = self._algorithm.as_begun(begun if isinstance(begun, dict) else {})
            self._algorithms[root.number] = own
        return self._algorithms[root.number]

    def counted(self, record: Record | None) -> tuple[TrialNumber, ...]:
        """Numbers of all trials that a record and its ancestors count, in that order."""
        if record is None:
            return ()
        if record.number not in self._counted:
            before, added = self._unknown(self._counted, record)
            newer = (TrialNumber(n) for later in added for n in later.evidence)
            value = (*(before or ()), *newer)
            self._counted[record.number] = value
        return self._counted[record.number]

    def evaluated(self, record: Record) -> frozenset[Key]:
        """Keys of the networks that they evaluated."""
        if record.number not in self._evaluated:
            before, added = self._unknown(self._evaluated, record)
            keys = (self.key(n) for later in added for n in later.evidence)
            value = (before or frozenset()).union(key for key in keys if key is not None)
            self._evaluated[record.number] = value
        return self._evaluated[record.number]

    def key(self, number: int) -> Key | None:
        """The key of what a finished trial evaluated."""
        if number not in self._keys:
            trial = self._ledger.trials[number]
            self._keys[number] = _evidence.evaluated_key(trial, self._space)
        return self._keys[number]

    def state(self, record: Record) -> State:
        """The state behind a record: remembered, read, or bred again where it is damaged."""
        if record.number not in self._states:
            state, again = self._nearest(record)
            for later in again:
                state = self.breed(later, state)
                if state.digest != later.digest:
                    raise StoredStateError(
                        f"the state of generation {later.generation} of the study "
                        f"{self._study.study_name!r} is damaged, and comes out differently when "
                        "it is bred again; run the versions of optuna-codeepneat and numpy that "
                        f"it was made with, or {REPAIR}."
                    )
            assert state is not None
            self.keep(record, state)
        return self._states[record.number]

    def _nearest(self, record: Record) -> tuple[State | None, list[Record]]:
        """The nearest state that is known or can be read, and the records to breed from it."""
        again: list[Record] = []
        at: Record | None = record
        while at is not None:
            state = self._states[at.number] if at.number in self._states else self._read(at)
            if state is not None:
                return state, again[::-1]
            again.append(at)
            at = self.parent_of(at)
        return None, again[::-1]

    def keep(self, record: Record, state: State) -> None:
        """Remembers a state for a while."""
        self._states[record.number] = state

    def breed(self, record: Record, before: State | None = None) -> State:
        """The state that a record's evidence leads to, whatever state it carries itself.

        The record needs no digest yet; `before` is the state behind its parent, if it is known.
        """
        parent = self.parent_of(record)
        trials = [self._ledger.trials[number] for number in record.evidence]
        genes = _evidence.global_genes_of(trials, self._space)
        seed = self.seed_of(record)
        algorithm, args = self.algorithm_of(record), (seed, record.generation, genes)
        n_before = len(self.counted(parent))
        if before is None:
            before = algorithm.genesis(*args) if parent is None else self.state(parent)
        results = [self.result(n, Position(n_before + i)) for i, n in enumerate(record.evidence)]
        return algorithm.advance(before, results, *args)

    def _read(self, record: Record) -> State | None:
        """The state that a record carries, None if it is damaged."""
        counted = self.counted(record)
        try:
            state = State.from_json(
                record.state,
                lambda position: self.result(counted[position], position),
                self.evaluated(record),
            )
            check_state(state, record.generation, self._space, len(self._study.directions))
        except (DamagedStateError, TypeError, LookupError, ValueError, AttributeError):
            state = None
        if state is None or state.digest != record.digest:
            _logger.warning(
                f"The state stored on trial {record.number} is damaged; generation "
                f"{record.generation} is bred again."
            )
            return None
        return state

    def result(self, number: int, position: Position) -> Result:
        """What a finished trial tells, as the one at a position among all that count."""
        place = (number, position)
        if place not in self._results:
            result = _evidence.result_of(
                self._ledger.trials[number],
                position,
                self._space,
                self._study.directions,
                self.key(number),
                lambda assignment, _: self.proposal(number, assignment),
            )
            if self._algorithm.settings.inheritance is not None:
                inherited = Inherited.of(self._ledger.trials[number])
                donor = None if inherited is None else inherited.donor
                result = replace(
                    result, heritage=self.bequest(donor), bequest=self.bequest(number)
                )
            self._results[place] = result
        return self._results[place]

    def proposal(self, number: int, assignment: Assignment) -> Proposal | None:
        """What a trial was assigned, as `proposal_of` has it: when it runs, and when it ended."""
        if number not in self._proposals:
            self._proposals[number] = _evidence.proposal_of(assignment, self._space)
        return self._proposals[number]

    def bequest(self, number: int | None) -> Heritage | None:
        """What a network begins with that inherits the weights of a finished trial."""
        if number is None or number >= len(self._ledger.trials):
            return None
        trial = self._ledger.trials[number]
        score, size = score_of(trial, self._study.directions), trial.user_attrs.get(NUM_PARAMS)
        if score is None or not isinstance(size, int) or Inherited.of(trial) is None:
            return None
        return Heritage(score, size)

    def _unknown(
        self, known: Mapping[int, _Value], record: Record
    ) -> tuple[_Value | None, list[Record]]:
        """What is known of the nearest ancestor, and the records after it, the first one first."""
        path: list[Record] = []
        at: Record | None = record
        while at is not None and at.number not in known:
            path.append(at)
            at = self.parent_of(at)
        return (None if at is None else known[at.number]), path[::-1]
