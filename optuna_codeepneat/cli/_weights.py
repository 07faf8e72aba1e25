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
    """The place of the weights of a problem's searches: a folder in the current one."""
    return absolute_place(f"{file_name(problem)}-weights")


def absolute_artifacts(place: str) -> str:
    """A place of weights as other processes can be told of it.

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
            Where the weights lie for this machine, None for where the search said.
        progress:
            Where to say that the folder isn't here.

    Raises:
        CommandError: If the place of the weights can't be opened.
    """
    recorded = settings.artifacts
    if not settings.inherits or recorded is None:
        return settings
    if place is not None:
        settings = replace(settings, artifacts=absolute_artifacts(place))
    elif "://" not in recorded and not Path(recorded).exists():
        progress.note(
            f"The search keeps its weights in {recorded}, which is not here: networks begin "
            "afresh unless all machines share that folder, or `--artifacts` names it."
        )
    open_weights(settings)
    return settings
