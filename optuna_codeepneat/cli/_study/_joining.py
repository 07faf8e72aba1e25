"""Joining a search that was begun elsewhere, with nothing but the storage's URL."""

from __future__ import annotations

import time
from collections.abc import Callable
from shlex import quote
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.cli._study._samplers import make_sampler
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._storages import open_storage
from optuna_codeepneat.cli._study._studies import Search
from optuna_codeepneat.cli._study._studies import find_study
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._study._studies import other_problem
from optuna_codeepneat.cli._terminal import clock
from optuna_codeepneat.problems import canonical_name
from optuna_codeepneat.problems import needs_no_trust


if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from optuna_codeepneat.cli._options import WorkerOptions
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._terminal import Progress

_POLL_SECONDS = 1.0
_TICK_SECONDS = 0.2


def wait_for_search(
    options: WorkerOptions,
    *,
    stop: StopNote,
    progress: Progress,
    may_run: Callable[[str], bool] = lambda name: False,
) -> Search:
    """Opens the study of a search, as soon as the search has made it.

    Args:
        options:
            The command line: which storage and study, and how long to wait.
        stop:
            Whether the command was told to stop.
        progress:
            Where to say that it waits.
        may_run:
            Asks whether the code of a problem may be run that the study names and the command
            line doesn't.

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
            return _join(storage, options, may_run)
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


def _join(storage: BaseStorage, options: WorkerOptions, may_run: Callable[[str], bool]) -> Search:
    """Opens the study of a search that was begun elsewhere, to work for it.

    Raises:
        NotYet: If there is no such study, or its search has not begun.
        CommandError: If its problem is not to be had here, or is another here, or its code may
            not be run.
    """
    study = find_study(storage, options.study_name)
    searched, settings = Searched.of(study.user_attrs), SearchSettings.recorded(study)
    problem_name = searched.problem
    if problem_name is None or settings is None or not searched.target:
        raise NotYet(f"the study {study.study_name!r} is of no search")
    given = options.problem and canonical_name(options.problem)
    if given is not None and problem_name != given:
        raise CommandError(f"the study {study.study_name!r} {other_problem(problem_name, given)}.")
    trusted = given is not None or options.trust_problem or needs_no_trust(problem_name)
    if not trusted and not may_run(problem_name):
        raise CommandError(
            f"the study {study.study_name!r} names the problem {problem_name!r}, whose code would "
            f"be run here; name it too, `worker {quote(problem_name)} --storage ...`, or add "
            "`--trust-problem`."
        )
    problem = settings.applied_to(load_problem(problem_name, settings.space))
    if problem.space.fingerprint != settings.space:
        raise CommandError(
            f"the problem {problem_name!r} has another search space here than in the study "
            f"{study.study_name!r}; use the same versions of it and of this package everywhere."
        )
    study.sampler = make_sampler(settings, problem)
    return Search(study, options.storage, problem_name, problem, settings)
