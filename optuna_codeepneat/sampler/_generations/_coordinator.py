"""The evolution of one study, computed from its storage by any process at any time.

A trial takes a place of a generation (`_places`). The first trial of a generation publishes, on
itself, the record of what the generation is bred from; everyone else adopts the record on the
lowest trial number. The state behind a record is a pure function of the seed, the chain of
records and the finished trials that they name, so that anyone can check it.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna.logging import get_logger
from optuna.trial import TrialState

from optuna_codeepneat import _optuna
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._algorithm import without_own_modules
from optuna_codeepneat.sampler._generations import _places
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import network_assigned
from optuna_codeepneat.sampler._generations._places import Asynchronous
from optuna_codeepneat.sampler._generations._places import Places
from optuna_codeepneat.sampler._generations._places import Synchronous
from optuna_codeepneat.sampler._generations._places import Turn
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import WAITED
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._records import set_text
from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._genetics import Key
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import State


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

_logger = get_logger(f"optuna.{__name__}")

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_FOR_RESULTS_SECONDS = 1.0
_WORTH_NOTING_SECONDS = 0.1
_REMEMBERED_WINDOWS = 4

UNNAMED = "CoDeepNEATSampler"
"""The sampler of a root that names none: once there was no other."""


@dataclass(frozen=True)
class Task:
    """What a trial is to evaluate, and where it stands.

    Args:
        record:
            What its generation is bred from.
        place:
            Its place within the generation.
        state:
            The state behind the record.
        proposal:
            The network.
    """

    record: Record
    place: int
    state: State
    proposal: Proposal


class Coordinator:
    """Records, states and assignments of one study.

    Args:
        study:
            The study.
        algorithm:
            What evolves, with the search space and the settings that the study was begun with.
        seed:
            The seed for a study that begins; one that goes on keeps its own.
        sleep:
            Passes the seconds between two looks at the storage; what it raises ends the trial.
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
        self._space = algorithm.space
        self._seed = seed
        self._sleep = sleep
        self._lock = threading.RLock()
        self._places: Places = Synchronous() if algorithm.settings.reproducible else Asynchronous()
        self._plans: OrderedDict[int, list[Proposal]] = OrderedDict()
        self._proposers: OrderedDict[int, Proposer] = OrderedDict()
        self._agreed: set[int] = set()
        # A record, how many trials there were, and those that it does not count.
        self._rest: tuple[int, int, set[int]] | None = None
        self.ledger = Ledger(study)
        self.states = StateStore(study, algorithm, self.ledger)

    @property
    def seed(self) -> int:
        """The seed of the study."""
        return self._seed

    # -- what a trial evaluates --------------------------------------------------------------

    def assign(self, trial: FrozenTrial) -> Task:
        """The network for a running trial, and what it is bred from."""
        begin = time.monotonic()
        record, place = self._take_place(trial)
        waited = time.monotonic() - begin
        if self._algorithm.settings.reproducible and waited > _WORTH_NOTING_SECONDS:
            set_text(self._study, trial, WAITED, f"{waited:.2f}")
        with self._lock:
            state = self.states.state(record)
            if self._algorithm.settings.reproducible:
                proposal = self._again(record, place)
                if proposal is None:
                    proposal = self._traced(self._planned(record, state, place), record)
            else:
                taken, planned = self._in_flight(record, trial.number)
                proposer = self._proposer(record, state)
                proposal = self._traced(proposer.assemble(place, taken, planned), record)
        return Task(record, place, state, proposal)

    def _traced(self, proposal: Proposal, record: Record) -> Proposal:
        """The network with its ancestors' trials, which a state knows by position alone."""
        counted, network = self.states.counted(record), proposal.network
        parent, donor = (
            None if position is None else counted[position]
            for position in (network.parent, network.donor)
        )
        return replace(proposal, network=replace(network, parent=parent, donor=donor))

    def refresh(self) -> None:
        """Reads what is new, and checks that the study is of this algorithm."""
        with self._lock:
            self.ledger.refresh()
            for record in self.ledger.records.values():
                if record.parent is None:
                    self._check_root(record)

    def donors(self) -> frozenset[int]:
        """Numbers of the trials whose weights a network may still ask for, now or later."""
        with self._lock:
            self.ledger.refresh()
            last = self.ledger.last_generation
            newest = None if last is None else self.ledger.lead(last)
            records = [] if newest is None else [newest]
            alive = set(self._uncounted(newest))
            for number, assignment in self.ledger.open.items():
                if assignment is not None:
                    donor = self._donor(assignment)
                    alive |= set() if donor is None else {donor}
                elif self.ledger.trials[number].state == TrialState.RUNNING:
                    # It is about to be assigned a network of its own window, perhaps an old one.
                    window = number // self._algorithm.settings.generation_size
                    own = self.ledger.lead(window) or self.ledger.newest_before(window)
                    if own is not None and own not in records:
                        records.append(own)
            for record in records:
                counted, state = self.states.counted(record), self.states.state(record)
                alive |= {counted[own.position] for own in (*state.archive, *state.recent)}
            return frozenset(alive)

    def _uncounted(self, record: Record | None) -> set[int]:
        """Numbers of the trials that a record and its ancestors do not count."""
        number = -1 if record is None else record.number
        n = len(self.ledger.trials)
        if self._rest is None or self._rest[0] != number:
            rest = set(range(n)) - set(self.states.counted(record))
        else:  # a record counts what finished before it, so what came since is not among it
            rest = self._rest[2] | set(range(self._rest[1], n))
        self._rest = (number, n, rest)
        return rest

    def _donor(self, assignment: Assignment) -> int | None:
        try:
            return assignment.network.donor
        except DamagedStateError:  # whoever it named, nobody can tell: it starts afresh
            return None

    def rejoin(self, trial: FrozenTrial) -> None:
        """Takes note of a running trial that already has its assignment.

        By its number it may be the first of another generation than the one it was assigned in,
        whose record everyone would then wait for.
        """
        if self._algorithm.settings.reproducible:
            self.refresh()
        else:
            self._take_place(trial)

    def _proposer(self, record: Record, state: State) -> Proposer:
        if record.number not in self._proposers:
            proposer = self._algorithm.proposer(state, self.states.seed_of(record))
            self._proposers[record.number] = proposer
            while len(self._proposers) > 2:
                self._proposers.popitem(last=False)
        return self._proposers[record.number]

    def _planned(self, record: Record, state: State, place: int) -> Proposal:
        """The network of a place: each place avoids the networks of the places before it."""
        plan = self._plans.setdefault(record.number, [])
        while len(self._plans) > 2:
            self._plans.popitem(last=False)
        proposer = self._proposer(record, state)
        while len(plan) <= place:
            plan.append(proposer.assemble(len(plan), (), {p.key.digest for p in plan}))
        return plan[place]

    def _again(self, record: Record, place: int) -> Proposal | None:
        """What a lost trial was to evaluate in the same place, such as an enqueued network."""
        for number in self.ledger.claims_of(record, place):
            network = network_assigned(self.ledger.trials[number])
            if network is not None:
                return Proposal.of(network, self._space)
        return None

    def _in_flight(self, record: Record, number: int) -> tuple[Collection[Key], Collection[str]]:
        """What the state does not count yet: keys of finished networks, hashes of running ones.

        Results come back within a few generations; what is older was never told.
        """
        if self._algorithm.settings.allow_duplicates:
            return (), ()
        size = self._algorithm.settings.generation_size
        oldest = max(0, (record.generation - _REMEMBERED_WINDOWS) * size)
        recent = self.ledger.trials[oldest:]
        counted = set(self.states.counted(record)[-(_REMEMBERED_WINDOWS + 1) * size :])
        finished = {
            key
            for trial in recent
            if trial.state.is_finished() and trial.number not in counted
            if (key := self.states.key(trial.number)) is not None
        }
        running = {
            assignment.key
            for other, assignment in self.ledger.open.items()
            if other >= oldest and other != number and assignment is not None
        }
        return finished, running

    # -- places and records ------------------------------------------------------------------

    def _take_place(self, trial: FrozenTrial) -> tuple[Record, int]:
        """The record of a trial's generation, adopted or published, and the trial's place."""
        # Only pauses count: while the storage is away for this trial, so it is for those ahead.
        pause, paused = _FIRST_PAUSE_SECONDS, 0.0
        last_generation: int | None = None
        said = False
        while True:
            with self._lock:
                self.ledger.refresh()
                turn = self._places.turn(
                    trial.number,
                    self.ledger,
                    self._algorithm.settings.generation_size,
                    self.states.counted,
                )
                if turn.record is not None:
                    self._check_root(turn.record)
                    if turn.place is not None:
                        return turn.record, turn.place
                if turn.waits_for_results or self.ledger.last_generation != last_generation:
                    # With a new record others go first, who could not do so before.
                    paused, last_generation = 0.0, self.ledger.last_generation
                # Staggered by rank, so that two rarely go on for a dead one at once.
                patience = len(turn.ahead) * _places.TAKEOVER_SECONDS
                if not turn.waits_for_results and paused >= patience:
                    self.ledger.presume_dead(turn.ahead)
                    if turn.record is None:
                        self._publish(trial, turn)
                    continue
            if turn.waits_for_results and not said:
                _logger.info(
                    f"Trial {trial.number} waits for the results of generation {turn.generation}."
                )
                said = True
            longest = _LONGEST_PAUSE_SECONDS
            if turn.waits_for_results:
                longest = _LONGEST_PAUSE_FOR_RESULTS_SECONDS
                # Usually done before each trial, none of which may begin for a long time now.
                _optuna.fail_stale_trials(self._study)
            self._sleep(pause)
            paused += pause
            pause = min(1.5 * pause, longest)

    def _publish(self, trial: FrozenTrial, turn: Turn) -> None:
        """Breeds a generation and stores its record on the trial."""
        parent = self.ledger.newest_before(turn.generation)
        root: Mapping[str, Any] | None = None
        if parent is None:
            root = {
                "seed": self._seed,
                "settings": self._algorithm.settings.to_json(),
                "space": None if self._space is None else self._space.fingerprint,
            }
            if self._algorithm.sampler != UNNAMED:
                root = {**root, "sampler": self._algorithm.sampler}
        else:
            self._check_root(parent)
        number = None if parent is None else parent.number
        draft = Record(trial.number, turn.generation, number, tuple(turn.evidence()), "", "", root)
        state = self.states.breed(draft)
        record = replace(draft, digest=state.digest, packed=pack(state.to_json()))
        set_text(self._study, trial, RECORD, record.pack())
        self.ledger.add(record)
        self.states.keep(record, state)

    def _check_root(self, record: Record) -> None:
        """Raises unless a study was begun with this sampler, search space and settings."""
        root = self.states.root_of(record)
        if root.number in self._agreed or root.root is None:
            return
        sampler = root.root.get("sampler", UNNAMED)
        if sampler != self._algorithm.sampler:
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with {sampler}, this is "
                f"{self._algorithm.sampler}; open it with the same one, or begin a new study."
            )
        fingerprint = None if self._space is None else self._space.fingerprint
        if root.root["space"] != fingerprint:
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with another search space; "
                "open it with the same one, or begin a new study."
            )
        begun, ours = (
            without_own_modules(root.root["settings"]),
            self._algorithm.settings.to_json(),
        )
        different = sorted(name for name in {*begun, *ours} if begun.get(name) != ours.get(name))
        if different:
            name = different[0]
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with "
                f"`{name}`={begun.get(name)!r}, this sampler has {ours.get(name)!r}; "
                "open it with the same settings, or begin a new study."
            )
        if root.root["seed"] != self._seed:
            _logger.info(
                f"The study goes on with the seed it was begun with: {root.root['seed']}."
            )
            self._seed = root.root["seed"]
        self._agreed.add(root.number)
