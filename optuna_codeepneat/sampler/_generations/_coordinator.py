"""The evolution of one study, computed from its storage by any process at any time.

A trial takes a place of a generation (`_places`). The first trial of a generation publishes, on
itself, the record of what the generation is bred from; everyone else adopts the record on the
lowest trial number. The state behind a record is a pure function of the seed, the chain of
records and the finished trials that they name, so that anyone can check it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger

from optuna_codeepneat import _optuna
from optuna_codeepneat._recent import Recent
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._generations._donors import Donors
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._ledger import network_assigned
from optuna_codeepneat.sampler._generations._lineages import LINEAGE
from optuna_codeepneat.sampler._generations._lineages import name_of
from optuna_codeepneat.sampler._generations._places import Asynchronous
from optuna_codeepneat.sampler._generations._places import Places
from optuna_codeepneat.sampler._generations._places import Synchronous
from optuna_codeepneat.sampler._generations._places import Turn
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import WAITED
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._records import set_text
from optuna_codeepneat.sampler._generations._root import Root
from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._generations._view import View
from optuna_codeepneat.sampler._generations._waits import Wait
from optuna_codeepneat.sampler._generations._waits import WaitForOthers
from optuna_codeepneat.sampler._generations._waits import WaitForResults
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.sampler._genetics import TrialNumber


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

_logger = get_logger(f"optuna.{__name__}")

_WORTH_NOTING_SECONDS = 0.1
_REMEMBERED_RECORDS = 2


@dataclass(frozen=True)
class Task:
    """What a trial is to evaluate, and where it stands."""

    record: Record  # what its generation is bred from
    place: int
    state: State
    proposal: Proposal
    origin: Origin[TrialNumber]  # with the trials of its ancestors


class Coordinator:
    """Lets trials take their places in the evolution of one study.

    The seed is for a study that begins; one that goes on keeps its own. `sleep` passes the
    seconds between two looks at the storage; what it raises ends the trial.
    """

    def __init__(
        self,
        study: Study,
        algorithm: Algorithm,
        seed: int,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._study = study
        self.identity = _optuna.identity(study)
        self._algorithm = algorithm
        self._settings = algorithm.settings
        self._sleep = sleep
        self._lock = threading.RLock()
        self._is_replaced = False
        self._places: Places = Synchronous() if self._settings.reproducible else Asynchronous()
        self._root = Root(study, algorithm, seed)
        self.ledger = Ledger(study, algorithm.sampler)
        self.states = StateStore(study, algorithm, self.ledger)
        self._donors = Donors(self.ledger, self.states, self._settings.generation_size)
        self._view = View(self.ledger, self.states, algorithm)
        # By the trial that carries the record.
        self._plans: Recent[int, list[Proposal]] = Recent(_REMEMBERED_RECORDS)
        self._proposers: Recent[int, Proposer] = Recent(_REMEMBERED_RECORDS)

    @property
    def seed(self) -> int:
        """The seed of the study."""
        return self._root.seed

    def refresh(self) -> None:
        """Reads what is new, and checks that the study is of this algorithm."""
        with self._lock:
            self.ledger.refresh()
            for root in self.ledger.roots():
                self._root.check(root)

    def donors(self) -> frozenset[int] | None:
        """Numbers of the trials whose weights a network may still ask for, now or later.

        None if another sampler of this package took turns: whom it may ask for is not known.
        """
        with self._lock:
            self.ledger.refresh()
            return None if self.ledger.others else self._donors.numbers()

    # -- what a trial evaluates --------------------------------------------------------------

    def assign(self, trial: FrozenTrial) -> Task:
        """The network for a running trial, and what it is bred from."""
        begin = time.monotonic()
        record, place = self._take_place(trial)
        waited = time.monotonic() - begin
        if self._settings.reproducible and waited > _WORTH_NOTING_SECONDS:
            set_text(self._study, trial, WAITED, f"{waited:.2f}")
        with self._lock:
            state = self.states.state(record)
            order: Sequence[TrialNumber] = self.states.counted(record)
            if not self._settings.reproducible:
                seen, order = self._view.of(record, state, trial.number)
                proposal = self._proposer(record, state).assemble(place, seen)
            elif (again := self._again(record, place)) is not None:
                return Task(record, place, state, *again)
            else:
                proposal = self._planned(record, state, place)
            origin = proposal.origin.by_trial(order)
        return Task(record, place, state, proposal, origin)

    def rejoin(self, trial: FrozenTrial) -> None:
        """Takes note of a running trial that already has its assignment.

        By its number it may be the first of another generation than the one it was assigned in,
        whose record everyone would then wait for.
        """
        if self._settings.reproducible:
            self.refresh()
        else:
            self._take_place(trial)

    def _proposer(self, record: Record, state: State) -> Proposer:
        if record.number not in self._proposers:
            proposer = self.states.algorithm_of(record).proposer(
                state, self.states.seed_of(record)
            )
            self._proposers[record.number] = proposer
        return self._proposers[record.number]

    def _again(self, record: Record, place: int) -> tuple[Proposal, Origin[TrialNumber]] | None:
        """What a lost trial was to evaluate in the same place, such as an enqueued network."""
        for number in self.ledger.claims_of(record, place):
            trial = self.ledger.trials[number]
            assignment, network = assignment_of(trial), network_assigned(trial)
            if assignment is not None and network is not None:
                return Proposal.of(network, self._algorithm.space), assignment.origin
        return None

    def _planned(self, record: Record, state: State, place: int) -> Proposal:
        """The network of a place: each place avoids the networks of the places before it."""
        plan = self._plans.setdefault(record.number, [])
        proposer = self._proposer(record, state)
        while len(plan) <= place:
            plan.append(proposer.assemble(len(plan), self._view.before(record, state, plan)))
        return plan[place]

    def _check_lineage(self, root: Record) -> None:
        """Raises unless a lineage goes on, with these settings; asks the storage."""
        self._root.check(root)
        self.ledger.lineages.forget()
        if not self.ledger.lineages.has(root):
            raise self._replaced()

    # -- places and records ------------------------------------------------------------------

    def _take_place(self, trial: FrozenTrial) -> tuple[Record, int]:
        """The record of a trial's generation, adopted or published, and the trial's place.

        As long as it has none, a trial waits for those that go first, or for results.
        """
        wait: Wait | None = None
        while True:
            with self._lock:
                self._look(trial, begins=wait is None)
                turn = self._turn(trial)
                if turn.record is not None and turn.place is not None:
                    return turn.record, turn.place
                wait = self._wait_for(turn, wait, trial)
                if wait.is_over(len(turn.ahead)):
                    self.ledger.presume_dead(turn.ahead)
                    if turn.record is None:
                        if self.ledger.has_published(trial.number):
                            return self._extra_place(trial)
                        self._publish(trial, turn)
                    continue
            if turn.waits_for_results:
                # Usually done before each trial, none of which may begin for a long time now.
                _optuna.fail_stale_trials(self._study)
            wait.pause(self._sleep)

    def _extra_place(self, trial: FrozenTrial) -> tuple[Record, int]:
        """A place beside those of the last generation, whose result decides nothing.

        For a trial whose worker was held up after it had published the record of a generation:
        meanwhile others filled it, and a record that others may know is never replaced by
        another. The next trial begins the next generation.
        """
        last = self.ledger.last_generation
        record = None if last is None else self.ledger.lead(last)
        if record is None:
            raise self._replaced()
        place = self._settings.generation_size
        while self.ledger.claims_of(record, place):
            place += 1
        return record, place

    def _look(self, trial: FrozenTrial, *, begins: bool) -> None:
        """Reads what is new; raises if the trial has ended.

        One that only begins, and is known to have ended, is of another study: Optuna's storages
        remember finished trials, and what they say from then on is of both.
        """
        self._is_replaced |= begins and self.ledger.has_ended(trial.number)
        self.ledger.refresh()
        has_ended = self.ledger.has_ended(trial.number)
        if self._is_replaced or (begins and has_ended):
            raise self._replaced()
        if has_ended:
            raise UpdateFinishedTrialError(
                f"trial {trial.number} was ended by another process before it began."
            )

    def _replaced(self) -> StoredStateError:
        self._is_replaced = True
        return StoredStateError(
            f"the study {self._study.study_name!r} was repaired, or deleted and made anew, while "
            "this process worked with it; load it again to go on."
        )

    def _turn(self, trial: FrozenTrial) -> Turn:
        """Where a trial stands now."""
        size = self._settings.generation_size
        turn = self._places.turn(trial.number, self.ledger, size, self.states.counted)
        if turn.record is not None:
            self._root.check(self.states.root_of(turn.record))
        return turn

    def _wait_for(self, turn: Turn, wait: Wait | None, trial: FrozenTrial) -> Wait:
        """What a trial waits for: the same as before, or something else from now on."""
        kind = WaitForResults if turn.waits_for_results else WaitForOthers
        last = self.ledger.last_generation
        if isinstance(wait, kind) and wait.last_generation == last:
            return wait
        if turn.waits_for_results:
            _logger.info(
                f"Trial {trial.number} waits for the results of generation {turn.generation}."
            )
        return kind(last)

    def _publish(self, trial: FrozenTrial, turn: Turn) -> None:
        """Breeds a generation and stores its record on the trial."""
        parent = self.ledger.newest_before(turn.generation)
        root: dict[str, Any] | None = None
        if parent is not None:
            self._check_lineage(self.states.root_of(parent))
        else:
            unnamed = any(not name_of(known) for known in self.ledger.roots())
            name = self.ledger.lineages.found(beside_unnamed=unnamed)
            root = {**self._root.to_json(), LINEAGE: name}
        draft = Record(
            trial.number,
            turn.generation,
            None if parent is None else parent.number,
            tuple(turn.evidence()),
            digest="",
            packed="",
            root=root,
        )
        state = self.states.breed(draft)
        record = replace(draft, digest=state.digest, packed=pack(state.to_json()))
        set_text(self._study, trial, RECORD, record.pack())
        self.ledger.add(record)
        self.states.keep(record, state)
