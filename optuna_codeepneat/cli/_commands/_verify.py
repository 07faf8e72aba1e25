"""Replaying a search, to check it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._study import make_evolution
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._study import space_of
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler import stored_sampler


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.sampler import EvolutionarySampler
    from optuna_codeepneat.sampler import Verification

_NO_EVOLUTION = "the study {!r} holds no evolution yet"


def verify_search(
    problem_name: str | None,
    storage: str | None,
    study_name: str | None,
    space_name: str | None,
    progress: Progress,
) -> Verification:
    """Replays the study of a search.

    Args:
        problem_name:
            The problem's name, None for a study that is named otherwise.
        storage:
            The storage's URL, None for the problem's default.
        study_name:
            The study's name.
        space_name:
            The search space that the command line names.
        progress:
            Where to show how far it is.

    Raises:
        CommandError: If there is no such study, or it holds no evolution to replay.
    """
    study, problem = open_study(problem_name, storage, study_name)
    sampler = _sampler_of(study, problem, space_name)
    last = 0.0

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > 0.2 or done == total:
            last = time.monotonic()
            snapshot = Snapshot(done=done, total=total, noun="records and trials checked")
            (progress.finish if done == total else progress.update)(snapshot)

    try:
        verification = sampler.verify(study, show)
    except (StoredStateError, ValueError) as error:
        raise CommandError(str(error)) from error
    if not verification.n_records:
        raise CommandError(_NO_EVOLUTION.format(study.study_name))
    return verification


def _sampler_of(
    study: optuna.Study, problem: Problem | None, space_name: str | None
) -> EvolutionarySampler:
    """The sampler that began the evolution of a study.

    Raises:
        CommandError: If there was none, or it can't be made again.
    """
    settings = SearchSettings.recorded(study)
    if settings is not None and problem is not None and space_name is None:
        if settings.evolution is None:
            raise CommandError(_NO_EVOLUTION.format(study.study_name))
        return make_evolution(settings, problem)
    try:
        sampler = stored_sampler(study, space_of(study, None, space_name))
    except StoredStateError as error:
        raise CommandError(str(error)) from error
    if sampler is not None:
        return sampler
    if any(map(ancestry_of, study.get_trials(deepcopy=False))):
        raise CommandError(
            f"the study {study.study_name!r} doesn't hold its search space; name it with "
            "`--space module:attribute`."
        )
    raise CommandError(_NO_EVOLUTION.format(study.study_name))
