"""What the samplers of this package share: Optuna's hooks around the evolution of a study."""

from __future__ import annotations

import operator
import secrets
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

from optuna.exceptions import UpdateFinishedTrialError
from optuna.samplers import BaseSampler
from optuna.trial import TrialState

from optuna_codeepneat import _optuna
from optuna_codeepneat._attributes import VIOLATED
from optuna_codeepneat._recent import Recent
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._generations import ASSIGNMENT
from optuna_codeepneat.sampler._generations import CONFIRMATION
from optuna_codeepneat.sampler._generations import TOOK
from optuna_codeepneat.sampler._generations import Assignment
from optuna_codeepneat.sampler._generations import Coordinator
from optuna_codeepneat.sampler._generations import Task
from optuna_codeepneat.sampler._generations import Verification
from optuna_codeepneat.sampler._generations import assignment_of
from optuna_codeepneat.sampler._generations import confirmation_of
from optuna_codeepneat.sampler._generations import network_assigned
from optuna_codeepneat.sampler._generations import network_of
from optuna_codeepneat.sampler._generations import pack
from optuna_codeepneat.sampler._generations import params_hash
from optuna_codeepneat.sampler._generations import set_text
from optuna_codeepneat.sampler._generations import verify
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import draw
from optuna_codeepneat.sampler._trial_labels import labels
from optuna_codeepneat.sampler._trial_labels import violated
from optuna_codeepneat.search_space import contains
from optuna_codeepneat.search_space import typed


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial


_REMEMBERED_STUDIES = 16


class EvolutionarySampler(BaseSampler):
    """A sampler that carries out an `Algorithm` in the trials of a study."""

    def __init__(self, algorithm: Algorithm, seed: int | None) -> None:
        if seed is not None:
            try:
                seed = operator.index(seed)
            except TypeError:
                raise ValueError(f"`seed` must be a whole number or None, got {seed!r}.") from None
        self._algorithm = algorithm
        self._space = algorithm.space
        self._seed = secrets.randbits(32) if seed is None else seed
        self._sleep: Callable[[float], None] = time.sleep
        self._forget()

    def verify(
        self, study: Study, on_progress: Callable[[int, int], None] | None = None
    ) -> Verification:
        """Replays the evolution of a study from its storage and checks every generation.

        Args:
            study:
                A study of this sampler, finished or not; nothing is written to it.
            on_progress:
                Called as ``on_progress(checked, in all)``.

        Returns:
            What was checked, and what is wrong with it.

        Raises:
            StoredStateError: If a record is of a newer version of the package.
            ValueError: If the study was begun with another space or settings, or another sampler
                of this package alone has evolved it.
        """
        coordinator = Coordinator(study, self._algorithm, self._seed)
        coordinator.refresh()
        others = coordinator.ledger.others
        if others and not coordinator.ledger.records:
            raise ValueError(
                f"the study {study.study_name!r} was evolved by {', '.join(sorted(others))}, "
                f"this is {self._algorithm.sampler}."
            )
        return verify(coordinator.ledger, coordinator.states, self._algorithm, on_progress)

    # -- Optuna's hooks ----------------------------------------------------------------------

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Assigns the trial its network; all of the evolution happens here."""
        try:
            self._assign(study, trial)
        except BaseException:  # Ctrl-C as well
            _optuna.fail(study, trial)  # else it would run for ever
            raise

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Nothing: each parameter is answered as it is asked, whatever its range is then."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The assigned values of these parameters."""
        return {
            name: self.sample_independent(study, trial, name, search_space[name])
            for name in search_space
        }

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """The assigned value of a parameter, or a new draw where the genome has none.

        ValueError if the objective gives a name of the search space to something else.
        """
        own = None if self._space is None else self._space.architecture_parameters.get(param_name)
        if own is not None and own != param_distribution:
            raise ValueError(
                f"the parameter {param_name!r} is the search space's, with the range {own}; the "
                f"objective suggests it from {param_distribution}: give it another name."
            )
        pending = self._pending.get(_key(study, trial))
        if pending is None:  # asked for before this sampler took over
            return draw(param_distribution, rng_for(self._seed, "draw", trial.number, param_name))
        value = pending.params.get(param_name)
        if param_name in pending.params and contains(param_distribution, value):
            return typed(param_distribution, value)
        rng = rng_for(pending.seed, "draw", pending.generation, pending.place, param_name)
        return draw(param_distribution, rng)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Forgets what the trial was assigned; says that it did so, and what it violates."""
        pending = self._pending.pop(_key(study, trial), None)
        words = violated(trial)
        with suppress(UpdateFinishedTrialError):  # another process has just ended it
            if words:
                _optuna.set_user_attr(study, trial, VIOLATED, words)
            if state in (TrialState.COMPLETE, TrialState.PRUNED) and self._space is not None:
                confirmation = confirmation_of(trial, self._space)
                if confirmation is not None:
                    set_text(study, trial, CONFIRMATION, confirmation.pack(self._space))
            if pending is not None and self._algorithm.settings.reproducible:
                set_text(study, trial, TOOK, f"{time.monotonic() - pending.begun:.2f}")

    def reseed_rng(self) -> None:
        """Nothing: randomness is keyed by the study's seed and the trial's number."""

    # -- details -----------------------------------------------------------------------------

    def _coordinator_of(self, study: Study) -> Coordinator:
        """What carries this sampler's evolution of a study; a sampler may have several."""
        identity = _optuna.identity(study)
        with self._lock:
            if identity not in self._coordinators:
                own = Coordinator(study, self._algorithm, self._seed, self._sleep)
                self._coordinators[identity] = own
            return self._coordinators[identity]

    def _assign(self, study: Study, trial: FrozenTrial) -> None:
        coordinator = self._coordinator_of(study)
        self._pending[_key(study, trial)] = self._assigned(study, trial, coordinator)
        self._release(coordinator)

    def _release(self, coordinator: Coordinator) -> None:
        """Forgets the trials of a study that another process has ended."""
        trials = coordinator.ledger.trials
        for key, pending in list(self._pending.items()):
            own = key[0] == coordinator.identity and pending.number < len(trials)
            if own and trials[pending.number].state.is_finished():
                self._pending.pop(key, None)

    def _assigned(self, study: Study, trial: FrozenTrial, coordinator: Coordinator) -> _Pending:
        assignment, network = assignment_of(trial), network_assigned(trial)
        if assignment is not None and network is not None:
            # Retried by Optuna after its worker died, or opened again by another process.
            params = self._params(Proposal.of(network, self._space))
            coordinator.rejoin(trial)
        else:
            assignment, params = self._begin(study, trial, coordinator.assign(trial))
        return _Pending(
            trial.number,
            params,
            coordinator.seed,
            assignment.generation,
            assignment.place,
            time.monotonic(),
        )

    def _begin(
        self, study: Study, trial: FrozenTrial, task: Task
    ) -> tuple[Assignment, dict[str, Any]]:
        """Stores what a trial is to evaluate: its task, or what the user enqueued instead."""
        proposal, origin = task.proposal, task.origin
        params, fixed = self._params(proposal), _optuna.fixed_params(trial)
        if fixed:
            params |= fixed
            enqueued = network_of(params, self._space)
            if enqueued is not None:
                proposal, origin = Proposal.of(enqueued, self._space), Origin("enqueued")
                params |= self._params(proposal)  # 8 where 8.0 was enqueued, as trials have it
        assignment = Assignment(
            trial.number,
            task.record.generation,
            task.place,
            task.record.number,
            proposal.signature,
            proposal.key.digest,
            params_hash(params, self._space),
            pack({**proposal.network.to_json(), **origin.to_json()}),
        )
        set_text(study, trial, ASSIGNMENT, assignment.pack())
        for name, value in labels(task, proposal, origin).items():
            _optuna.set_user_attr(study, trial, name, value)
        return assignment, params

    def _params(self, proposal: Proposal) -> dict[str, Any]:
        """The parameters that a network stands for, as far as its genes are known."""
        params = dict(proposal.genes)
        if self._space is not None and proposal.architecture is not None:
            params |= self._space.encode(proposal.architecture)
        return params

    def _forget(self) -> None:
        """Knows of no study; what it needs it reads from the storage."""
        self._lock = threading.Lock()
        self._coordinators: Recent[_StudyKey, Coordinator] = Recent(_REMEMBERED_STUDIES)
        self._pending: dict[tuple[_StudyKey, int], _Pending] = {}

    def __getstate__(self) -> dict[str, Any]:
        own = ("_lock", "_coordinators", "_pending")
        return {name: value for name, value in self.__dict__.items() if name not in own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()


_StudyKey: TypeAlias = "tuple[BaseStorage, int]"


@dataclass(frozen=True)
class _Pending:
    """What a running trial of this process was assigned, and what new draws are keyed by."""

    number: int
    params: Mapping[str, Any]
    seed: int
    generation: int
    place: int
    begun: float  # in seconds, by a clock that nobody sets


def _key(study: Study, trial: FrozenTrial) -> tuple[_StudyKey, int]:
    """What tells a running trial from those of other studies."""
    return _optuna.identity(study), _optuna.trial_id(trial)


def wait_with(sampler: BaseSampler, sleep: Callable[[float], None]) -> None:
    """Lets a sampler, before its first trial, wait for results of others by another `time.sleep`.

    So a process can be interrupted there alone. Only samplers of this package ever wait.
    """
    if isinstance(sampler, EvolutionarySampler):
        sampler._sleep = sleep


def never_inherits(study: Study) -> bool:
    """Whether the study's sampler is of this package and names no donors of weights."""
    sampler = study.sampler
    return (
        isinstance(sampler, EvolutionarySampler)
        and sampler._algorithm.settings.inheritance is None
    )


def donors_of(study: Study) -> frozenset[int] | None:
    """Numbers of the trials whose weights a network may still ask for.

    They are the living, all whose results have not counted yet, and the donors of networks that
    are running now. It costs as much as a look at what is new in the study.

    Args:
        study:
            A study with its sampler.

    Returns:
        The numbers; None if that is not known: the sampler is none of this package, its networks
        do not inherit, another one of this package took turns with it, or what it stored is
        damaged.
    """
    sampler = study.sampler
    if not isinstance(sampler, EvolutionarySampler) or never_inherits(study):
        return None
    try:
        return sampler._coordinator_of(study).donors()
    except StoredStateError:
        return None
