"""Replaying a search, to check it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._study import make_evolution
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.exceptions import StoredStateError


if TYPE_CHECKING:
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.sampler import Verification

_NO_EVOLUTION = "the study {!r} holds no evolution yet"


def verify_search(
    problem_name: str | None, storage: str | None, study_name: str | None, progress: Progress
) -> Verification:
    """Replays the study of a search.

    Args:
        problem_name:
            The problem's name, None for a study that is named otherwise.
        storage:
            The storage's URL, None for the problem's default.
        study_name:
            The study's name.
        progress:
            Where to show how far it is.

    Raises:
        CommandError: If there is no such study, or it holds no evolution to replay.
    """
    study, problem = open_study(problem_name, storage, study_name)
    settings = SearchSettings.recorded(study)
    recorded = Searched.of(study.user_attrs).problem
    if problem is None and settings is not None and recorded is not None:
        raise CommandError(
            f"the study {study.study_name!r} names the problem {recorded!r}, whose code would be "
            f"run here; name it too, `verify {recorded} --storage ...`."
        )
    if problem is None or settings is None:
        raise CommandError(
            f"the study {study.study_name!r} was not made by `optuna-codeepneat search`; use "
            "`verify` of its sampler."
        )
    if settings.evolution is None:
        raise CommandError(_NO_EVOLUTION.format(study.study_name))
    sampler = make_evolution(settings, problem)
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
