"""The evolution of one study, computed from its storage by any process at any time.

A generation is a window of trial numbers, ``number // assembled_population_size``. The worker
that owns the first live trial of a window publishes, on that trial, the record of what the
generation is bred from; everyone else adopts the record on the lowest trial number. The state
behind a record is a pure function of the seed, the chain of records and the finished trials that
they name, so it is computed wherever it is needed and checked against the record's digest.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna.logging import get_logger
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import _evidence
from optuna_codeepneat.sampler import _evolution
from optuna_codeepneat.sampler import _storage
from optuna_codeepneat.sampler._assembly import Assembler
from optuna_codeepneat.sampler._assembly import Proposal
from optuna_codeepneat.sampler._population import Key
from optuna_codeepneat.sampler._population import Result
from optuna_codeepneat.sampler._population import State
from optuna_codeepneat.sampler._records import RECORD
from optuna_codeepneat.sampler._records import STATE
from optuna_codeepneat.sampler._records import Record
from optuna_codeepneat.sampler._records import pack_chunks
from optuna_codeepneat.sampler._records import unpack_chunks
from optuna_codeepneat.sampler._settings import Settings
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial

_logger = get_logger(f"optuna.{__name__}")

SNAPSHOT_EVERY = 10
"""A full state is stored every so many generations, so that a new worker replays little."""

TAKEOVER_SECONDS = 10.0
"""How long a window's first trial may take to publish its record before the next one does."""

_POLL_SECONDS = 0.02
_KEPT = 4


class History:
    """Records, states and assignments of one study.

    Args:
        study:
            The study.
        space:
            The search space, None in hyperparameter-only mode.
        settings:
            The settings, which must be those the study was begun with.
        seed:
            The seed for a study that begins; one that goes on keeps its own.
    """

    def __init__(
        self, study: Study, space: SearchSpace | None, settings: Settings, seed: int
    ) -> None:
        self._study = study
        self.identity = _storage.identity(study)
        self._space = space
        self._settings = settings
        self._seed = seed
        self._lock = threading.RLock()
        self._leads: dict[int, int] = {}
        self._records: dict[int, Record] = {}
        self._states: OrderedDict[int, State] = OrderedDict()
        self._consumed: OrderedDict[int, frozenset[int]] = OrderedDict()
        self._plans: OrderedDict[int, list[Proposal]] = OrderedDict()
        self._results: OrderedDict[int, Result] = OrderedDict()
        self._roots: dict[int, Record] = {}

    # -- what a trial evaluates --------------------------------------------------------------

    def assign(self, trial: FrozenTrial) -> tuple[Record, State, Proposal]:
        """The network for a running trial, and what it is bred from."""
        record = self._record_for(trial)
        with self._lock:
            trials = _storage.all_trials(self._study)
            state = self._state(record, trials)
            place = trial.number % self._settings.assembled_population_size
            proposal = self._planned(record, state, place, trials)
            in_flight = self._in_flight(record, trials)
            if proposal.is_one_of(in_flight, {key.names for key in in_flight}):
                # An earlier window still evaluates this network: another one, with it excluded.
                state = replace(state, evaluated=state.evaluated | in_flight)
                taken = {planned.key for planned in self._plans[record.number]}
                assembler = self._assembler(record, state, trials)
                proposal = assembler.assemble(place, trial.number, taken)
        return record, state, proposal

    def lead(self, trial: FrozenTrial) -> None:
        """Makes sure that the generation of a running trial has its record."""
        self._record_for(trial)

    @property
    def seed(self) -> int:
        """The seed of the study."""
        return self._seed

    def _planned(
        self, record: Record, state: State, place: int, trials: Sequence[FrozenTrial]
    ) -> Proposal:
        """The network of a place: each place avoids the networks of the places before it."""
        plan = self._plans.setdefault(record.number, [])
        _trim(self._plans)
        first = record.generation * self._settings.assembled_population_size
        assembler = self._assembler(record, state, trials)
        while len(plan) <= place:
            taken = {planned.key for planned in plan}
            plan.append(assembler.assemble(len(plan), first + len(plan), taken))
        return plan[place]

    def _assembler(self, record: Record, state: State, trials: Sequence[FrozenTrial]) -> Assembler:
        return Assembler(state, self._space, self._settings, self._seed_of(record, trials))

    def _in_flight(self, record: Record, trials: Sequence[FrozenTrial]) -> set[Key]:
        """Keys of earlier windows' networks that the state does not count yet."""
        if self._settings.allow_duplicates:
            return set()
        size = self._settings.assembled_population_size
        consumed = self._consumed_by(record, trials)
        # Results come back within a few generations; what is older was never told.
        oldest = max(0, (record.generation - 4) * size)
        keys = (
            _evidence.evaluated_key(trial, self._space)
            if trial.state.is_finished()
            else _evidence.running_key(trial, self._space)
            for trial in trials[oldest : record.generation * size]
            if trial.number not in consumed and trial.state != TrialState.WAITING
        )
        return {key for key in keys if key is not None}

    # -- records -----------------------------------------------------------------------------

    def _record_for(self, trial: FrozenTrial) -> Record:
        """The record of a trial's window: adopted, or published if the trial leads."""
        generation = trial.number // self._settings.assembled_population_size
        started = time.monotonic()
        while True:
            with self._lock:
                if self._leads.get(generation) in self._roots:
                    return self._records[self._leads[generation]]
                trials = _storage.all_trials(self._study)
                record = self._lead(generation, trials)
                if record is not None:
                    self._root_of(record, trials)
                    return record
                ahead = sum(
                    other.state == TrialState.RUNNING
                    for other in self._window(generation, trials)
                    if other.number < trial.number
                )
                # Staggered by rank, so that two rarely take over from a dead leader at once.
                if time.monotonic() - started >= ahead * TAKEOVER_SECONDS:
                    return self._publish(trial, generation, trials)
            time.sleep(_POLL_SECONDS)

    def _window(self, generation: int, trials: Sequence[FrozenTrial]) -> Sequence[FrozenTrial]:
        size = self._settings.assembled_population_size
        return trials[generation * size : (generation + 1) * size]

    def _lead(self, generation: int, trials: Sequence[FrozenTrial]) -> Record | None:
        """The record on the lowest trial number of a window, if there is one yet."""
        if generation in self._leads:
            return self._records[self._leads[generation]]
        for trial in self._window(generation, trials):
            record = self._read(trial)
            if record is not None:
                self._leads[generation] = record.number
                return record
        return None

    def _read(self, trial: FrozenTrial) -> Record | None:
        """The record that a trial carries; a retried trial's copy of an old one is none."""
        if trial.number in self._records:
            return self._records[trial.number]
        if RECORD not in trial.system_attrs:
            return None
        record = Record.unpack(trial.system_attrs[RECORD], trial.number)
        if record.number != trial.number:
            return None
        self._records[trial.number] = record
        return record

    def _publish(
        self, trial: FrozenTrial, generation: int, trials: Sequence[FrozenTrial]
    ) -> Record:
        parent: Record | None = None
        for earlier in range(generation - 1, -1, -1):
            parent = self._lead(earlier, trials)
            if parent is not None:
                break
        consumed: frozenset[int] = frozenset()
        root: Mapping[str, Any] | None = None
        if parent is not None:
            self._root_of(parent, trials)
            consumed = self._consumed_by(parent, trials)
        else:
            root = {
                "seed": self._seed,
                "settings": self._settings.to_json(),
                "space": None if self._space is None else self._space.fingerprint,
            }
        evidence = tuple(
            t.number for t in trials if t.number not in consumed and t.state.is_finished()
        )
        parent_number = None if parent is None else parent.number
        draft = Record(trial.number, generation, parent_number, evidence, "", root)
        state = self._breed(draft, parent, trials)
        record = Record(trial.number, generation, parent_number, evidence, state.digest, root)
        if parent is not None and generation % SNAPSHOT_EVERY == 0:
            for key, text in pack_chunks(_state_key(record), state.to_json()).items():
                _storage.set_system_attr(self._study, trial, key, text)
        _storage.set_system_attr(self._study, trial, RECORD, record.pack())
        self._records[record.number] = record
        self._leads[generation] = record.number
        self._roots[record.number] = record if parent is None else self._root_of(parent, trials)
        self._keep(record, state, consumed | frozenset(evidence))
        return record

    def _root_of(self, record: Record, trials: Sequence[FrozenTrial]) -> Record:
        """The first record of a lineage, which must be of this search space and settings.

        Workers who begin a study at the same moment may found two lineages, each with a seed of
        its own; the later records go on with one of them.
        """
        if record.number not in self._roots:
            root = self._chain(record, trials)[0]
            if root.number not in self._roots:
                self._check_root(root)
            self._roots[root.number] = self._roots[record.number] = root
        return self._roots[record.number]

    def _seed_of(self, record: Record, trials: Sequence[FrozenTrial]) -> int:
        """The seed of a record's lineage."""
        root = record.root if record.parent is None else self._root_of(record, trials).root
        assert root is not None
        return int(root["seed"])

    def _check_root(self, root: Record) -> None:
        """Raises unless the study was begun with this search space and these settings."""
        assert root.root is not None
        fingerprint = None if self._space is None else self._space.fingerprint
        if root.root["space"] != fingerprint:
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with another search space; "
                "open it with the same one, or begin a new study."
            )
        begun, ours = root.root["settings"], self._settings.to_json()
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

    # -- states ------------------------------------------------------------------------------

    def _chain(self, record: Record, trials: Sequence[FrozenTrial]) -> list[Record]:
        """A record and all its ancestors, the first of the study first."""
        chain = [record]
        while chain[-1].parent is not None:
            parent = self._read(trials[chain[-1].parent])
            if parent is None:
                raise StoredStateError(
                    f"trial {chain[-1].parent} of the study {self._study.study_name!r} has lost "
                    "its generation record."
                )
            chain.append(parent)
        return chain[::-1]

    def _state(self, record: Record, trials: Sequence[FrozenTrial]) -> State:
        """The state behind a record: remembered, read from a snapshot, or bred again."""
        if record.number in self._states:
            self._states.move_to_end(record.number)
            return self._states[record.number]
        pending = [record]
        while pending[-1].parent is not None:
            if pending[-1].number in self._states or self._has_snapshot(pending[-1], trials):
                break
            pending.append(self._chain(pending[-1], trials)[-2])
        parent: Record | None = None
        for later in reversed(pending):
            if later.number in self._states:
                parent = later
                continue
            state = self._snapshot(later, trials)
            if state is None:
                state = self._breed(later, parent, trials)
            if state.digest != later.digest:
                raise StoredStateError(
                    f"generation {later.generation} of the study {self._study.study_name!r} comes "
                    "out differently here than on the worker that bred it; run the same versions "
                    "of optuna-codeepneat and numpy on all workers."
                )
            self._keep(later, state, self._consumed_by(later, trials))
            parent = later
        return self._states[record.number]

    def _breed(
        self, record: Record, parent: Record | None, trials: Sequence[FrozenTrial]
    ) -> State:
        evidence = [trials[number] for number in record.evidence]
        genes = _evidence.global_genes_of(evidence, self._space)
        seed = self._seed_of(record if parent is None else parent, trials)
        args = (self._space, self._settings, seed, record.generation, genes)
        before = _evolution.genesis(*args) if parent is None else self._state(parent, trials)
        results = [self._result(trial) for trial in evidence]
        return _evolution.advance(before, results, *args)

    def _has_snapshot(self, record: Record, trials: Sequence[FrozenTrial]) -> bool:
        return f"{_state_key(record)}:0" in trials[record.number].system_attrs

    def _snapshot(self, record: Record, trials: Sequence[FrozenTrial]) -> State | None:
        attrs = trials[record.number].system_attrs
        where = f"the state stored on trial {record.number}"
        stored = unpack_chunks(_state_key(record), attrs, where)
        if stored is None:
            return None
        keys = (
            _evidence.evaluated_key(trials[number], self._space)
            for number in self._consumed_by(record, trials)
        )
        return State.from_json(
            stored,
            lambda number: self._result(trials[number]),
            frozenset(key for key in keys if key is not None),
        )

    def _consumed_by(self, record: Record, trials: Sequence[FrozenTrial]) -> frozenset[int]:
        """Numbers of all trials that a record and its ancestors count."""
        if record.number not in self._consumed:
            chain = self._chain(record, trials)
            self._consumed[record.number] = frozenset(n for r in chain for n in r.evidence)
            _trim(self._consumed)
        return self._consumed[record.number]

    def _keep(self, record: Record, state: State, consumed: frozenset[int]) -> None:
        self._states[record.number] = state
        self._consumed[record.number] = consumed
        _trim(self._states)
        _trim(self._consumed)

    def _result(self, trial: FrozenTrial) -> Result:
        if trial.number not in self._results:
            self._results[trial.number] = _evidence.result_of(
                trial, self._space, self._study.directions
            )
            _trim(self._results, 1000)
        return self._results[trial.number]


def _state_key(record: Record) -> str:
    """With the trial's number, since a retried trial copies the attributes of the first."""
    return f"{STATE}:{record.number}"


def _trim(memory: OrderedDict[int, Any], most: int = _KEPT) -> None:
    """Forgets the oldest entries."""
    while len(memory) > most:
        memory.popitem(last=False)
