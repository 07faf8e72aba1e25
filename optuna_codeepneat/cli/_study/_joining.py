"""Joining a search that was begun elsewhere, with nothing but the storage's URL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import TARGET
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.cli._study._samplers import make_sampler
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._storages import open_storage
from optuna_codeepneat.cli._study._studies import Search
from optuna_codeepneat.cli._study._studies import find_study
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._terminal import clock


if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from optuna_codeepneat.cli._options import WorkerOptions
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._terminal import Progress

_POLL_SECONDS = 1.0
_TICK_SECONDS = 0.2


def wait_for_search(options: WorkerOptions, *, stop: StopNote, progress: Progress) -> Search:
    """Opens the study of a search, as soon as the search has made it.

    Args:
        options:
            The command line: which storage and study, and how long to wait.
        stop:
            Whether the command was told to stop.
        progress:
            Where to say that it waits.

    Raises:
        Interrupted: If SIGINT or SIGTERM came.
        CommandError: If there still is no such study, or it can't be worked on here.
    """
    end = time.monotonic() + options.wait
    storage: BaseStorage | None = None
    noted = False
    while True:
        try:
            storage = storage or open_storage(options.storage)
            return _join(storage, options)
        except NotYet as error:
            sentence = str(error).rstrip(".")
            if time.monotonic() >= end:
                raise CommandError(
                    f"{sentence}; waited {options.wait:g} s for a search"
                ) from error
            if not noted:
                progress.note(f"Waiting up to {clock(options.wait)} for a search: {sentence}.")
                noted = True
        again = min(end, time.monotonic() + _POLL_SECONDS)
        while time.monotonic() < again:
            if stop.number is not None:
                raise Interrupted(
                    stop.number, "Stopped before a search began. The same command waits again:"
                )
            time.sleep(_TICK_SECONDS)


def _join(storage: BaseStorage, options: WorkerOptions) -> Search:
    """Opens the study of a search that was begun elsewhere, to work for it.

    Raises:
        NotYet: If there is no such study, or its search has not begun.
        CommandError: If its problem is not to be had here, or is another here.
    """
    study = find_study(storage, options.study_name)
    problem_name, settings = study.user_attrs.get(PROBLEM), SearchSettings.recorded(study)
    if problem_name is None or settings is None or TARGET not in study.user_attrs:
        raise NotYet(f"the study {study.study_name!r} is of no search")
    problem = load_problem(problem_name)
    if problem.space.fingerprint != settings.space:
        raise CommandError(
            f"the problem {problem_name!r} has another search space here than in the study "
            f"{study.study_name!r}; use the same versions of it and of this package everywhere."
        )
    problem = settings.applied_to(problem)
    study.sampler = make_sampler(settings, problem)
    return Search(study, options.storage, problem_name, problem, settings)
