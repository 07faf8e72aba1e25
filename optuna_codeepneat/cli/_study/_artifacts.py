"""Where the networks of a search keep their weights for those that descend from them."""

from __future__ import annotations

import inspect
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from typing import BinaryIO

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study._names import file_name
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import absolute_place
from optuna_codeepneat.storages import open_artifacts


if TYPE_CHECKING:
    from collections.abc import Callable

    from optuna_codeepneat._attributes import FinalNetwork
    from optuna_codeepneat._optuna import ArtifactStore
    from optuna_codeepneat.cli._study._settings import SearchSettings
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.visualization import Diagrams


_MARKER = ".codeepneat"
_MARK = "Searches of optuna-codeepneat keep weights and diagrams in this folder.\n"


def default_artifacts(problem: str) -> str:
    """The place of what the networks of a problem of this name leave: a folder in this one."""
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
    parameters = inspect.signature(problem.own_objective or problem.objective).parameters
    if not any(p.name == "checkpoints" or p.kind == p.VAR_KEYWORD for p in parameters.values()):
        raise CommandError(
            f"networks of the problem {name!r} can't inherit weights, as its `objective` takes no "
            "`checkpoints`; use `--inherit off`."
        )


def is_usable(place: str | None) -> bool:
    """Whether artifacts can be kept in a place."""
    try:
        if place is not None:
            open_artifacts(place)
    except StorageError:
        return False
    return True


def open_weights(settings: SearchSettings) -> ArtifactStore | None:
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


def open_checkpoints(settings: SearchSettings) -> Checkpoints | None:
    """What lets the networks of a process inherit; None where they don't.

    Raises:
        CommandError: If the place of the weights can't be opened.
    """
    store = open_weights(settings)
    if store is None:
        return None
    from optuna_codeepneat.morphism import Checkpoints  # loads torch

    return Checkpoints(store)


def mark_folder(place: str | None) -> None:
    """Marks a folder that a user chose, so that workers which find it in the study may use it.

    Whoever may write to a database can name any folder in it, also one that is full of other
    things.
    """
    if place is None or not is_folder(place):
        return
    with suppress(OSError):  # a folder that can't be written to has said so already
        Path(place).mkdir(parents=True, exist_ok=True)
        Path(place, _MARKER).write_text(_MARK, encoding="utf-8")


def is_ours(place: str | None) -> bool:
    """Whether a place that only the study names may be used here.

    That is a bucket, or a folder with the mark of a search, or with weights in it: version 0.1.0
    left no mark.
    """
    if place is None or not is_folder(place):
        return True
    folder = Path(place)
    return (folder / _MARKER).is_file() or any(folder.glob("weights-*.safetensors"))


def is_folder(place: str) -> bool:
    """Whether a place is a folder, and no bucket."""
    return "://" not in place


def settings_here(
    settings: SearchSettings, place: str | None, progress: Progress
) -> SearchSettings:
    """The settings of a search on a machine that joins it.

    Args:
        settings:
            What the study remembers.
        place:
            Where artifacts lie for this machine, None for where the search said.
        progress:
            Where to say that the folder can't be used here.

    Returns:
        The settings, without a place where the study's folder is not here or not a search's.

    Raises:
        CommandError: If the place of the weights can't be opened.
    """
    if place is not None:
        settings = replace(settings, artifacts=absolute_artifacts(place))
    elif settings.inherits and (why := _unusable(settings.artifacts)) is not None:
        progress.note(
            f"The search keeps its weights in {settings.artifacts}, {why}: networks of this "
            "machine begin afresh and leave none unless `--artifacts` names that folder."
        )
        settings = replace(settings, artifacts=None)
    open_weights(settings)
    return settings


def _unusable(place: str | None) -> str | None:
    """Why a worker leaves a place alone that only the study names; None if it doesn't."""
    if not is_here(place):
        return "which is not here"
    return None if is_ours(place) else "which is here, but not marked as the folder of a search"


def is_here(place: str | None) -> bool:
    """Whether a place can be reached from this machine: a bucket, or a folder that exists."""
    return place is None or not is_folder(place) or Path(place).exists()


def diagrams_place(
    settings: SearchSettings, progress: Progress, *, joins: bool = False, place: str | None = None
) -> str | None:
    """Where the processes of a command keep diagrams; None where they draw none.

    Args:
        settings:
            The settings of the search.
        progress:
            Where to say why there is no place.
        joins:
            Whether the command joins a search: it then uses no folder that only the study names,
            unless a search has marked it.
        place:
            The place for this machine, None for where the search said.

    Raises:
        CommandError: If `place` can't be one.
    """
    if place is not None:
        place = absolute_artifacts(place)
    elif joins and (why := _unusable(settings.artifacts)) is not None:
        if not settings.inherits:  # else more has been said of it
            progress.note(
                f"The search keeps its diagrams in {settings.artifacts}, {why}: "
                "networks of this machine get none unless `--artifacts` names that folder."
            )
        return None
    else:
        place = settings.artifacts
    if place is not None and not place.startswith(("s3://", "gs://")):
        try:
            open_artifacts(place)
        except StorageError as error:
            progress.note(f"Networks get no diagrams, as `--artifacts` can't be used: {error}")
            return None
    return place


def finals_place(
    settings: SearchSettings, problem: Problem, given: str | None, note: Callable[[str], None]
) -> str:
    """Where the weights of finally trained networks go, once it can be written to.

    Args:
        settings:
            The settings of the search.
        problem:
            Its problem.
        given:
            What the command line says, None for the place of the search.
        note:
            Where to say that this place can't be used.

    Raises:
        CommandError: If nothing can be kept there.
    """
    place = default_artifacts(problem.name) if given is None else absolute_artifacts(given)
    mark = True
    if given is None and settings.artifacts not in (None, place):
        assert settings.artifacts is not None
        why = _unusable(settings.artifacts)
        if why is None:
            place, mark = settings.artifacts, False
        else:
            note(f"The search keeps its artifacts in {settings.artifacts}, {why}: {place} it is.")
    try:
        open_artifacts(place)
    except StorageError as error:
        raise CommandError(f"`--artifacts`: {error}") from error
    if mark:
        mark_folder(place)
    return place


def weights_place(settings: SearchSettings) -> str | None:
    """Where the weights of a search may be read; None where it keeps none, or not for us."""
    place = settings.artifacts
    if not settings.inherits or place is None or _unusable(place) is not None:
        return None
    return place if is_usable(place) else None


def open_finals(network: FinalNetwork, given: str | None, trial: int) -> ArtifactStore:
    """The place of the weights of a finally trained network, to read them.

    Args:
        network:
            What the study says of it.
        given:
            What the command line says, None for where the study says.
        trial:
            The number of its trial.

    Raises:
        CommandError: If it is not to be had here.
    """
    place = network.place if given is None else absolute_artifacts(given)
    if given is None and (why := _unusable(place)) is not None:
        raise CommandError(
            f"the weights of trial {trial} lie in {place}, {why}; name the place where they are "
            "here by `--artifacts`."
        )
    try:
        return open_artifacts(place)
    except StorageError as error:
        raise CommandError(f"`--artifacts`: {error}") from error


def open_diagrams(place: str | None) -> Diagrams | None:
    """What attaches diagrams to the trials of a process; None without a place."""
    if place is None:
        return None
    from optuna_codeepneat.visualization import Diagrams

    return Diagrams(_OpenedLater(place))


class _OpenedLater:
    """A place that is opened when something is first stored, so that nobody waits for a bucket."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._store: ArtifactStore | None = None

    def _opened(self) -> ArtifactStore:
        if self._store is None:
            self._store = open_artifacts(self._place)
        return self._store

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._opened().write(artifact_id, content_body)

    def open_reader(self, artifact_id: str) -> BinaryIO:
        return self._opened().open_reader(artifact_id)

    def remove(self, artifact_id: str) -> None:
        self._opened().remove(artifact_id)
