"""All that touches Optuna's private API: trials and their system attributes, artifact stores.

Checked against Optuna 5.0. Every sampler of Optuna and of OptunaHub uses `study._storage` so;
there is no public way for a sampler to store what a trial is made of. Where `storages` subclasses
a storage of Optuna's it overrides private methods too; `tests/test_optuna.py` names them all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
from stat import S_ISREG
from typing import TYPE_CHECKING
from typing import Any
from typing import BinaryIO

import optuna
from optuna.logging import get_logger
from optuna.study import Study
from optuna.study import StudyDirection
from optuna.trial import TrialState


if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore as ArtifactStore
    from optuna.storages import BaseStorage
    from optuna.storages import GrpcStorageProxy
    from optuna.storages import JournalStorage
    from optuna.storages.journal import BaseJournalBackend
    from optuna.storages.journal import JournalFileBackend
    from optuna.study._frozen import FrozenStudy as FrozenStudy
    from optuna.trial import FrozenTrial
    from optuna.trial import Trial


def identity(study: Study) -> tuple[BaseStorage, int]:
    """What tells a study from others, also from one of the same name elsewhere."""
    return study._storage, study._study_id


def scratch_study(directions: Sequence[StudyDirection] | None = None) -> Study:
    """An empty study in memory, about which nothing is logged."""
    logger = get_logger(optuna.storages.InMemoryStorage.__module__)
    is_silent, logger.disabled = logger.disabled, True
    try:
        return optuna.create_study(
            directions=directions, storage=optuna.storages.InMemoryStorage()
        )
    finally:
        logger.disabled = is_silent


def study_id(study: FrozenStudy) -> int:
    """The key of a study within its storage."""
    return study._study_id


def all_trials(study: Study) -> list[FrozenTrial]:
    """All trials, so that the one numbered n is at index n; not to be changed.

    `study.get_trials` would hide trials under a Hyperband pruner, and copy.
    """
    trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
    if trials and trials[-1].number != len(trials) - 1:
        trials = sorted(trials, key=lambda trial: trial.number)
    return trials


def frozen(trial: Trial) -> FrozenTrial:
    """A running trial as its storage has it; not to be changed."""
    return trial.storage.get_trial(trial._trial_id)


def begun_with(trial: Trial) -> Mapping[str, Any]:
    """The system attributes that a running trial had when it began, without a look at storage."""
    attrs: Mapping[str, Any] = trial._cached_frozen_trial.system_attrs
    return attrs


def cached(trial: Trial) -> FrozenTrial:
    """A running trial as this process knows it, without a look at storage; not to be changed."""
    return trial._cached_frozen_trial


def numbered(study: Study, number: int) -> FrozenTrial | None:
    """The trial with a number as the storage has it, None if there is none; not to be changed."""
    try:
        id = study._storage.get_trial_id_from_study_id_trial_number(study._study_id, number)
    except KeyError:
        return None
    return study._storage.get_trial(id)


def trial_id(trial: FrozenTrial) -> int:
    """The key of a trial within its storage."""
    return trial._trial_id


def set_system_attr(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    """Stores a system attribute, invisible to users."""
    study._storage.set_trial_system_attr(trial._trial_id, key, value)


def set_user_attr(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    """Stores a user attribute, which Optuna Dashboard shows."""
    study._storage.set_trial_user_attr(trial._trial_id, key, value)


def study_system_attrs(study: Study) -> dict[str, Any]:
    """The system attributes of a study, asked of the storage at each call."""
    return study._storage.get_study_system_attrs(study._study_id)


def set_study_system_attr(study: Study, key: str, value: Any) -> None:
    """Stores a system attribute of a study, invisible to users."""
    study._storage.set_study_system_attr(study._study_id, key, value)


def fixed_params(trial: FrozenTrial) -> dict[str, Any]:
    """What `study.enqueue_trial` fixed."""
    return dict(trial.system_attrs.get("fixed_params", {}))


def retried(trial: FrozenTrial) -> list[int]:
    """Numbers of the failed trials that Optuna repeats by this one."""
    history = trial.system_attrs.get("retry_history", [])
    return history if isinstance(history, list) else []


def fail_stale_trials(study: Study) -> None:
    """Fails the trials of dead workers, where the storage has a heartbeat."""
    if isinstance(study, Study):  # under a Hyperband pruner it is part of one
        optuna.storages.fail_stale_trials(study)


def fail(study: Study, trial: FrozenTrial) -> None:
    """Ends a trial that could not start; Optuna would leave it running for ever."""
    study._storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)


def innermost(storage: BaseStorage) -> BaseStorage:
    """What storages lie around: those that cache, retry, or hold back."""
    inner = getattr(storage, "_storage", None) or getattr(storage, "_backend", None)
    while isinstance(inner, optuna.storages.BaseStorage):
        storage = inner
        inner = getattr(storage, "_storage", None) or getattr(storage, "_backend", None)
    return storage


def journal_backend(storage: JournalStorage) -> BaseJournalBackend:
    """What a journal is written to."""
    return storage._backend


def journal_file(backend: JournalFileBackend) -> str:
    """The path of a journal."""
    return backend._file_path


def redis_place(backend: BaseJournalBackend) -> list[str]:
    """Host, port and number of the database of a journal in Redis, and the prefix of its keys."""
    options = backend._redis.connection_pool.connection_kwargs  # type: ignore[attr-defined]
    names = ("host", "port", "path", "db")
    return [*(str(options.get(name)) for name in names), str(getattr(backend, "_prefix", ""))]


def proxy_place(storage: GrpcStorageProxy) -> list[str]:
    """Host and port of Optuna's gRPC proxy."""
    return [str(storage._host), str(storage._port)]


def without_backoff(store: ArtifactStore) -> ArtifactStore:
    """The artifact store that a `Backoff` repeats the calls of.

    `Backoff.remove` goes on after it succeeded: on S3, where removing what is not there is no
    error, a single call takes 80 seconds.
    """
    from optuna.artifacts import Backoff  # here: it loads boto3 where that is installed

    while isinstance(store, Backoff):
        store = store._backend
    return store


def open_artifact(store: ArtifactStore, artifact: str) -> BinaryIO:
    """An artifact for reading.

    OSError where a folder has something of that name that is no file: a pipe would never open.
    """
    from optuna.artifacts import FileSystemArtifactStore  # here, as above

    folder = without_backoff(store)
    if isinstance(folder, FileSystemArtifactStore):
        with suppress(FileNotFoundError):  # which the store has its own word for
            if not S_ISREG(os.stat(folder._get_filepath(artifact)).st_mode):
                raise OSError(f"{artifact} is no regular file")
    return store.open_reader(artifact)
