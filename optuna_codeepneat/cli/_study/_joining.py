"""Joining a search that was begun elsewhere, with nothing but the storage's URL."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.cli._study._samplers import make_sampler
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._storages import open_storage
from optuna_codeepneat.cli._study._studies import PROBLEM
from optuna_codeepneat.cli._study._studies import find_study
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._study._studies import target_of
from optuna_codeepneat.cli._terminal import clock


if TYPE_CHECKING:
    import optuna
    from optuna.storages import BaseStorage

    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.problems import Problem

_POLL_SECONDS = 1.0
_TICK_SECONDS = 0.2


@dataclass(frozen=True)
class Joined:
    """A study that a search made, and what it remembers of it."""

    study: optuna.Study
    problem_name: str
    problem: Problem
    settings: SearchSettings


def wait_for_search(
    url: str, name: str | None, *, patience: float, stop: StopNote, progress: Progress
) -> Joined:
    """Opens the study of a search, as soon as the search has made it.

    Args:
        url:
            The storage's URL.
        name:
            The study's name, None for the only one there.
        patience:
            Seconds to wait at most.
        stop:
            Whether the command was told to stop.
        progress:
            Where to say that it waits.

    Raises:
        Interrupted: If SIGINT or SIGTERM came.
        CommandError: If there still is no such study, or it can't be worked on here.
    """
    end = time.monotonic() + patience
    storage: BaseStorage | None = None
    noted = False
    while True:
        try:
            storage = storage or open_storage(url)
            return join_search(storage, name)
        except NotYet as error:
            sentence = str(error).rstrip(".")
            if time.monotonic() >= end:
                raise CommandError(f"{sentence}; waited {patience:g} s for a search") from error
            if not noted:
                progress.note(f"Waiting up to {clock(patience)} for a search: {sentence}.")
                noted = True
        again = min(end, time.monotonic() + _POLL_SECONDS)
        while time.monotonic() < again:
            if stop.number is not None:
                raise Interrupted(
                    stop.number, "Stopped before a search began. The same command waits again:"
                )
            time.sleep(_TICK_SECONDS)


def join_search(storage: BaseStorage, name: str | None) -> Joined:
    """Opens the study of a search that was begun elsewhere, to work for it.

    Args:
        storage:
            The study's storage.
        name:
            The study's name, None for the only one there.

    Raises:
        NotYet: If there is no such study, or its search has not begun.
        CommandError: If its problem is not to be had here, or is another here.
    """
    study = find_study(storage, name)
    problem_name, settings = study.user_attrs.get(PROBLEM), SearchSettings.recorded(study)
    if problem_name is None or settings is None or target_of(study) is None:
        raise NotYet(f"the study {study.study_name!r} is of no search")
    problem = load_problem(problem_name)
    if problem.space.fingerprint != settings.space:
        raise CommandError(
            f"the problem {problem_name!r} has another search space here than in the study "
            f"{study.study_name!r}; use the same versions of it and of this package everywhere."
        )
    study.sampler = make_sampler(settings, problem)
    return Joined(study, problem_name, problem, settings)
