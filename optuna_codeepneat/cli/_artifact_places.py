"""Where the command `dashboard` reads the artifacts of studies."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import BinaryIO

import optuna
from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts.exceptions import ArtifactNotFound

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._settings import Settings
from optuna_codeepneat.cli._weights import absolute_artifacts
from optuna_codeepneat.cli._weights import is_here
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_artifacts


if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore


def open_places(studies: Sequence[optuna.Study], place: str | None) -> ArtifactStore | None:
    """Where the artifacts of studies are read; None where there is nothing to read.

    Args:
        studies:
            The studies, each of which remembers where its search put them.
        place:
            What the command line says instead.

    Raises:
        CommandError: If that can't be opened.
    """
    places = [place] if place is not None else [_recorded(study) for study in studies]
    stores: list[ArtifactStore] = []
    for each in dict.fromkeys(places):
        if each is None:
            continue
        try:
            stores.append(_open_place(absolute_artifacts(each)))
        except CommandError as error:
            if place is not None:
                raise
            print(f"No diagrams: {error}", file=sys.stderr)
    return _Places(stores) if stores else None


def _recorded(study: optuna.Study) -> str | None:
    try:
        settings = Settings.recorded(study)
    except CommandError:  # a newer version's
        return None
    return None if settings is None else settings.artifacts


def _open_place(place: str) -> ArtifactStore:
    if not is_here(place):
        raise CommandError(f"`--artifacts`: the folder {place} is not here.")
    if Path(place).is_dir():  # which need not be one that this user may write to
        return FileSystemArtifactStore(place)
    try:
        return open_artifacts(place)
    except StorageError as error:
        raise CommandError(f"`--artifacts`: {error}") from error


class _Places:
    """Places that are read as one: an artifact is where it is found first."""

    def __init__(self, stores: Sequence[ArtifactStore]) -> None:
        self._stores = stores

    def open_reader(self, artifact_id: str) -> BinaryIO:
        for store in self._stores:
            try:
                return store.open_reader(artifact_id)
            except ArtifactNotFound:
                continue
        from bottle import HTTPError

        # Raised within a request: a worker was killed before it had stored its last diagram.
        raise HTTPError(404, "This file is not stored.")

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._stores[0].write(artifact_id, content_body)

    def remove(self, artifact_id: str) -> None:
        for store in self._stores:
            try:
                return store.remove(artifact_id)
            except ArtifactNotFound:
                continue
        raise ArtifactNotFound(artifact_id)
