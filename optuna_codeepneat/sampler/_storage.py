"""All that touches Optuna's private API: reading all trials, system attributes, failing a trial.

Checked against Optuna 5.0. Every sampler of Optuna and of OptunaHub uses `study._storage` so;
there is no public way for a sampler to store what a trial is made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from optuna.trial import TrialState


if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.study import Study
    from optuna.trial import FrozenTrial


def identity(study: Study) -> tuple[BaseStorage, int]:
    """What tells a study from others, also from one of the same name elsewhere."""
    return study._storage, study._study_id


def all_trials(study: Study) -> list[FrozenTrial]:
    """All trials, so that the one numbered n is at index n; not to be changed.

    `study.get_trials` would hide trials under a Hyperband pruner, and copy.
    """
    trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
    if trials and trials[-1].number != len(trials) - 1:
        trials = sorted(trials, key=lambda trial: trial.number)
    return trials


def trial_id(trial: FrozenTrial) -> int:
    """The key of a trial within its storage."""
    return trial._trial_id


def system_attrs(study: Study, trial: FrozenTrial) -> dict[str, Any]:
    """The trial's system attributes as they are in the storage."""
    return study._storage.get_trial_system_attrs(trial._trial_id)


def set_system_attr(study: Study, trial: FrozenTrial, key: str, value: str) -> None:
    """Stores a system attribute: invisible to users, below 65,536 characters for MySQL."""
    study._storage.set_trial_system_attr(trial._trial_id, key, value)


def set_user_attr(study: Study, trial: FrozenTrial, key: str, value: Any) -> None:
    """Stores a user attribute, which Optuna Dashboard shows."""
    study._storage.set_trial_user_attr(trial._trial_id, key, value)


def fixed_params(attrs: dict[str, Any]) -> dict[str, Any]:
    """What `study.enqueue_trial` fixed, of a trial's system attributes."""
    return dict(attrs.get("fixed_params", {}))


def fail(study: Study, trial: FrozenTrial) -> None:
    """Ends a trial that could not start; Optuna would leave it running for ever."""
    study._storage.set_trial_state_values(trial._trial_id, state=TrialState.FAIL)
