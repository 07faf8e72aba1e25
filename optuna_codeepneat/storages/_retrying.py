"""A storage that waits when its database is away, and does nothing twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from collections.abc import Container
from collections.abc import Sequence
from copy import copy
from datetime import datetime
from functools import partial
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import DuplicatedStudyError
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.storages import RDBStorage
from optuna.storages import _CachedStorage
from optuna.storages._base import DEFAULT_STUDY_NAME_PREFIX
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.study import Study
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._batches import BatchedDatabase
from optuna_codeepneat.storages._known_trials import KnownTrials
from optuna_codeepneat.storages._retry import Patience


class RetryingStorage(BaseStorage, BaseHeartbeat):
    """A storage that waits when its database is away: a server restarts, a network fails.

    Whatever has to do with the connection is tried again, at growing intervals, until it works or
    `patience` is over; so is what failed because a disk is full. Other errors come at once. A
    call whose work was done, but whose answer got lost, is recognised and not done twice.
    `open_storage` returns such a storage.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.storages import RetryingStorage
        >>> storage = RetryingStorage(optuna.storages.InMemoryStorage(), patience=600)
        >>> len(optuna.create_study(storage=storage).trials)
        0

    Args:
        storage:
            Any storage of Optuna's. A `RDBStorage` is given the cache that Optuna gives it.
        patience:
            Seconds that a call waits before it raises `StorageError`.

    Raises:
        ValueError: If `patience` is negative.
    """

    def __init__(self, storage: BaseStorage, *, patience: float = 120.0) -> None:
        self._patience = Patience(patience)
        if isinstance(storage, BatchedDatabase):
            self._storage: BaseStorage = KnownTrials(storage, self._patience.call)
        else:
            self._storage = _CachedStorage(storage) if isinstance(storage, RDBStorage) else storage

    # -- studies -------------------------------------------------------------------------------

    def create_new_study(
        self, directions: Sequence[StudyDirection], study_name: str | None = None
    ) -> int:
        """Creates a study; a name that is taken may be that of an attempt with a lost answer."""
        # Named here, so that it has the same name at the next attempt.
        name = f"{DEFAULT_STUDY_NAME_PREFIX}{uuid.uuid4()}" if study_name is None else study_name
        create = partial(self._storage.create_new_study, directions, name)

        def again() -> int:
            try:
                study_id = self._storage.get_study_id_from_name(name)
            except KeyError:
                return create()
            if self._is_untouched(study_id, directions):
                return study_id
            raise DuplicatedStudyError(f"Another study with name '{name}' already exists.")

        return self._patience.call(create, again)

    def _is_untouched(self, study_id: int, directions: Sequence[StudyDirection]) -> bool:
        return (
            list(self._storage.get_study_directions(study_id)) == list(directions)
            and not self._storage.get_all_trials(study_id, deepcopy=False)
            and not self._storage.get_study_user_attrs(study_id)
            and not self._storage.get_study_system_attrs(study_id)
        )

    def delete_study(self, study_id: int) -> None:
        """Deletes a study, which may be gone when that is tried again."""
        delete = partial(self._storage.delete_study, study_id)

        def again() -> None:
            if any(study._study_id == study_id for study in self._storage.get_all_studies()):
                delete()

        self._patience.call(delete, again)

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:
        """Sets an attribute."""
        self._patience.call(partial(self._storage.set_study_user_attr, study_id, key, value))

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:
        """Sets an attribute."""
        self._patience.call(partial(self._storage.set_study_system_attr, study_id, key, value))

    def get_study_id_from_name(self, study_name: str) -> int:
        """Reads a study's key."""
        return self._patience.call(partial(self._storage.get_study_id_from_name, study_name))

    def get_study_name_from_id(self, study_id: int) -> str:
        """Reads a study's name."""
        return self._patience.call(partial(self._storage.get_study_name_from_id, study_id))

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:
        """Reads a study's directions."""
        return self._patience.call(partial(self._storage.get_study_directions, study_id))

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """Reads a study's attributes."""
        return self._patience.call(partial(self._storage.get_study_user_attrs, study_id))

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:
        """Reads a study's attributes."""
        return self._patience.call(partial(self._storage.get_study_system_attrs, study_id))

    def get_all_studies(self) -> list[FrozenStudy]:
        """Reads all studies."""
        return self._patience.call(self._storage.get_all_studies)

    # -- trials: writing -----------------------------------------------------------------------

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Creates a trial.

        What a trial without a template is known by, should the answer get lost, is the
        microsecond when it started: no two processes that lose an answer share one.

        NOTE: Behind Redis or the gRPC proxy a trial with a template may then be there twice, and
        one without stay RUNNING if its lost attempt is done later than the next. `Database` has
        neither, since a study is locked while a trial is created.
        """
        started = None if template_trial is not None else datetime.now()
        # Its own object: how `Database` tells attempts of one call from other calls.
        template = _running_since(started) if template_trial is None else copy(template_trial)
        create = partial(self._storage.create_new_trial, study_id, template)

        def again() -> int:
            if started is not None:
                states = (TrialState.RUNNING,)
                for trial in self._storage.get_all_trials(study_id, deepcopy=False, states=states):
                    if trial.datetime_start == started and not trial.params:
                        return trial._trial_id
            return create()

        return self._patience.call(create, again)

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """Sets a parameter."""
        args = (trial_id, param_name, param_value_internal, distribution)
        self._patience.call(partial(self._storage.set_trial_param, *args))

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Sets the state; a trial that is finished may be so by an attempt with a lost answer.

        NOTE: Whether it was this process that started a waiting trial can't be told later. The
        answer then is False: nobody trains that network twice, but the trial stays RUNNING.
        """
        write = partial(self._storage.set_trial_state_values, trial_id, state, values)

        def again() -> bool:
            try:
                return self._is_told(trial_id, state, values) or write()
            except UpdateFinishedTrialError:  # the lost attempt was still on its way
                if self._is_told(trial_id, state, values):
                    return True
                raise

        return self._patience.call(write, again)

    def _is_told(self, trial_id: int, state: TrialState, values: Sequence[float] | None) -> bool:
        trial = self._storage.get_trial(trial_id)
        same = trial.state == state and (values is None or trial.values == list(values))
        return same and state.is_finished()

    def set_trial_intermediate_value(
        self, trial_id: int, step: int, intermediate_value: float
    ) -> None:
        """Sets an intermediate value."""
        args = (trial_id, step, intermediate_value)
        self._patience.call(partial(self._storage.set_trial_intermediate_value, *args))

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Sets an attribute."""
        self._patience.call(partial(self._storage.set_trial_user_attr, trial_id, key, value))

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Sets an attribute."""
        self._patience.call(partial(self._storage.set_trial_system_attr, trial_id, key, value))

    # -- trials: reading -----------------------------------------------------------------------
    # Also what the base class would derive: storages have shorter ways.

    def get_trial(self, trial_id: int) -> FrozenTrial:
        """Reads a trial."""
        return self._patience.call(partial(self._storage.get_trial, trial_id))

    def get_all_trials(
        self,
        study_id: int,
        deepcopy: bool = True,
        states: Container[TrialState] | None = None,
    ) -> list[FrozenTrial]:
        """Reads all trials."""
        return self._patience.call(
            partial(self._storage.get_all_trials, study_id, deepcopy=deepcopy, states=states)
        )

    def get_n_trials(
        self, study_id: int, state: tuple[TrialState, ...] | TrialState | None = None
    ) -> int:
        """Counts trials."""
        return self._patience.call(partial(self._storage.get_n_trials, study_id, state))

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Reads the best trial."""
        return self._patience.call(partial(self._storage.get_best_trial, study_id))

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:
        """Reads a trial's key."""
        read = self._storage.get_trial_id_from_study_id_trial_number
        return self._patience.call(partial(read, study_id, trial_number))

    def get_trial_number_from_id(self, trial_id: int) -> int:
        """Reads a trial's number."""
        return self._patience.call(partial(self._storage.get_trial_number_from_id, trial_id))

    def get_trial_param(self, trial_id: int, param_name: str) -> float:
        """Reads a parameter."""
        return self._patience.call(partial(self._storage.get_trial_param, trial_id, param_name))

    def get_trial_params(self, trial_id: int) -> dict[str, Any]:
        """Reads all parameters."""
        return self._patience.call(partial(self._storage.get_trial_params, trial_id))

    def get_trial_user_attrs(self, trial_id: int) -> dict[str, Any]:
        """Reads a trial's attributes."""
        return self._patience.call(partial(self._storage.get_trial_user_attrs, trial_id))

    def get_trial_system_attrs(self, trial_id: int) -> dict[str, Any]:
        """Reads a trial's attributes."""
        return self._patience.call(partial(self._storage.get_trial_system_attrs, trial_id))

    def check_trial_is_updatable(self, trial_id: int, trial_state: TrialState) -> None:
        """Raises an error if a trial is finished."""
        check = self._storage.check_trial_is_updatable
        self._patience.call(partial(check, trial_id, trial_state))

    def remove_session(self) -> None:
        """Gives this thread's connection back."""
        self._storage.remove_session()

    # -- heartbeat -----------------------------------------------------------------------------

    @property
    def _heartbeat(self) -> BaseHeartbeat | None:
        return self._storage if isinstance(self._storage, BaseHeartbeat) else None

    def record_heartbeat(self, trial_id: int) -> None:
        """Says that a trial is alive; an error would end the thread that says so."""
        if self._heartbeat is None:
            return
        try:
            self._patience.call(partial(self._heartbeat.record_heartbeat, trial_id))
        except StorageError:  # the trial's own thread will come to know it
            pass

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        if self._heartbeat is None:
            return []
        return self._patience.call(partial(self._heartbeat._get_stale_trial_ids, study_id))

    def get_heartbeat_interval(self) -> int | None:
        """Seconds between two heartbeats; None without."""
        return None if self._heartbeat is None else self._heartbeat.get_heartbeat_interval()

    def get_heartbeat_stale_trial_callback(self) -> Callable[[Study, FrozenTrial], None] | None:
        """What is called with trials that were found dead."""
        heartbeat = self._heartbeat
        return None if heartbeat is None else heartbeat.get_heartbeat_stale_trial_callback()


def _running_since(start: datetime | None) -> FrozenTrial:
    """What every storage creates when it has no template."""
    return FrozenTrial(
        number=-1,
        trial_id=-1,
        state=TrialState.RUNNING,
        value=None,
        datetime_start=start,
        datetime_complete=None,
        params={},
        distributions={},
        user_attrs={},
        system_attrs={},
        intermediate_values={},
    )
