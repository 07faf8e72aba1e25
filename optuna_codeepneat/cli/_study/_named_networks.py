"""Networks of a study as a command line names them: by their trials, `best` or `knee`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from optuna.trial import TrialState

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import knee
from optuna_codeepneat._ranking import score_of
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._terminal import decoded


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import SearchSpace

BEST, KNEE = "best", "knee"
"""What a network may be called that has no number yet."""


@dataclass(frozen=True)
class _Completed:
    """A network that may be the best; larger values are better."""

    number: int
    values: tuple[float, ...]
    num_params: int


def is_name_of_network(word: str) -> bool:
    """Whether a word of a command line names a network of a study."""
    return word.isdecimal() or word in (BEST, KNEE)


def named_networks(
    study: optuna.Study,
    names: Sequence[str],
    space: SearchSpace,
    max_params: int | None = None,
) -> list[int]:
    """The numbers of the trials that a command line names, each once.

    Args:
        study:
            The study.
        names:
            Numbers of trials, ``best`` (by the first objective) or ``knee`` (of the front, the
            one farthest from the line between its extremes).
        space:
            The study's search space.
        max_params:
            The most parameters of ``best`` and ``knee``, None for any.

    Raises:
        CommandError: If there is no such network.
    """
    trials = study.get_trials(deepcopy=False)
    chosen: dict[int, None] = {}
    for name in names:
        if name.isdecimal():
            number = int(name)
            _check_holds_network(study, trials, number, space)
        else:
            completed = _completed(study, trials, space, max_params)
            number = _knee(study, completed) if name == KNEE else _best(completed)
        chosen[number] = None
    return list(chosen)


def _check_holds_network(
    study: optuna.Study, trials: Sequence[FrozenTrial], number: int, space: SearchSpace
) -> None:
    if number >= len(trials):
        known = f"has the trials 0 to {len(trials) - 1}" if trials else "has no trials"
        raise CommandError(f"there is no trial {number}; the study {study.study_name!r} {known}.")
    trial = trials[number]
    if trial.state != TrialState.COMPLETE:
        why = trial.user_attrs.get(FAILURE, trial.state.name.lower())
        raise CommandError(f"trial {number} was not completed ({why}).")
    if decoded(trial, space) is None:
        raise CommandError(f"trial {number} holds no network of the study's search space.")


def _completed(
    study: optuna.Study,
    trials: Sequence[FrozenTrial],
    space: SearchSpace,
    max_params: int | None,
) -> list[_Completed]:
    """The networks that meet the constraints, and are not too large."""
    found = []
    for trial in trials:
        score, architecture = score_of(trial, study.directions), decoded(trial, space)
        if score is None or not score.feasible or architecture is None:
            continue
        if max_params is None or architecture.num_params <= max_params:
            found.append(_Completed(trial.number, score.values, architecture.num_params))
    if not found:
        limit = "" if max_params is None else f" with at most {max_params:,} parameters"
        raise CommandError(
            f"the study {study.study_name!r} has no network{limit} that meets its constraints."
        )
    return found


def _best(completed: Sequence[_Completed]) -> int:
    """The best by the first objective; of equal ones the smaller, then the earlier."""
    return min(completed, key=lambda each: (-each.values[0], each.num_params, each.number)).number


def _knee(study: optuna.Study, completed: Sequence[_Completed]) -> int:
    """The knee of the front, the earliest of equal ones."""
    if len(study.directions) < 2:
        raise CommandError(
            f"the study {study.study_name!r} has one objective, and so no `knee`; name `best`.", 2
        )
    values = np.array([each.values for each in completed])
    members: list[int] = front(values).tolist()
    return completed[members[knee(values[members])]].number
