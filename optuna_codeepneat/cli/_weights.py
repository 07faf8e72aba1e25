"""Where the networks of a search keep their weights for those that descend from them."""

from __future__ import annotations

import inspect
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._storages import file_name
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_artifacts
from optuna_codeepneat.storages._artifacts import absolute_place


if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore

    from optuna_codeepneat.cli._progress import Progress
    from optuna_codeepneat.cli._settings import Settings
    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.problems import Problem


def default_artifacts(problem: str) -> str:
    """The place of what the networks of a problem's searches leave: a folder in this one."""
    return absolute_place(f"{file_name(problem)}-artifacts")


def absolute_artifacts(place: str) -> str:
    """A place of artifacts as other processes can be told of it.

    Raises:
        CommandError: If it can't be one.
    """
    try:
        return absolute_place(place)
    except StorageError as error:
        raise CommandError(f"`--artifacts`: {error}") from error


def check_passes_on_weights(problem: Problem, name: str) -> None:
    """Raises `CommandError` if a problem of the user's own trains networks without their weights.

    Args:
        problem:
            The problem.
        name:
            Its name.
    """
    parameters = inspect.signature(problem.objective).parameters
    if not any(p.name == "checkpoints" or p.kind == p.VAR_KEYWORD for p in parameters.values()):
        raise CommandError(
            f"networks of the problem {name!r} can't inherit weights, as its `objective` takes no "
            "`checkpoints`; use `--inherit off`."
        )


def open_weights(settings: Settings) -> ArtifactStore | None:
    """The place of a search's weights; None where its networks inherit none.

    Raises:
        CommandError: If it can't be opened.
    """
    if not settings.inherits or settings.artifacts is None:
        return None
    try:
        return open_artifacts(settings.artifacts)
    except StorageError as error:
        raise CommandError(f"`--artifacts`: {error}") from error


def open_checkpoints(settings: Settings) -> Checkpoints | None:
    """What lets the networks of a process inherit; None where they don't.

    Raises:
        CommandError: If the place of the weights can't be opened.
    """
    store = open_weights(settings)
    if store is None:
        return None
    from optuna_codeepneat.morphism import Checkpoints  # loads torch

    return Checkpoints(store)


def settings_here(settings: Settings, place: str | None, progress: Progress) -> Settings:
    """The settings of a search on a machine that joins it.

    Args:
        settings:
            What the study remembers.
        place:
            Where artifacts lie for this machine, None for where the search said.
        progress:
            Where to say that the folder isn't here.

    Raises:
        CommandError: If the place of the weights can't be opened.
    """
    if place is not None:
        settings = replace(settings, artifacts=absolute_artifacts(place))
    elif settings.inherits and not is_here(settings.artifacts):
        progress.note(
            f"The search keeps its weights in {settings.artifacts}, which is not here: networks "
            "begin afresh unless all machines share that folder, or `--artifacts` names it."
        )
    open_weights(settings)
    return settings


def is_here(place: str | None) -> bool:
    """Whether a place can be reached from this machine: a bucket, or a folder that exists."""
    return place is None or "://" in place or Path(place).exists()
