"""Hand-made networks that several commands had a search begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat._attributes import HAND_MADE


if TYPE_CHECKING:
    import optuna


def earlier_trial(study: optuna.Study, trial: optuna.Trial) -> int | None:
    """The number of an earlier trial of the same hand-made network; None if there is none.

    Commands that begin a search at the same time all find it without trials. The number of a trial
    is the one order that every storage gives, so exactly one of each network is trained.
    """
    name = trial.user_attrs.get(HAND_MADE)
    if name is None:
        return None
    for other in study.get_trials(deepcopy=False)[: trial.number]:
        if other.user_attrs.get(HAND_MADE) == name and other.state != TrialState.FAIL:
            return other.number
    return None
