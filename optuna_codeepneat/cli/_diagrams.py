"""Where a search keeps the diagrams of its networks, which it can do without."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import BinaryIO

from optuna_codeepneat.cli._weights import absolute_artifacts
from optuna_codeepneat.cli._weights import is_here
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_artifacts


if TYPE_CHECKING:
    from optuna.artifacts._protocol import ArtifactStore

    from optuna_codeepneat.cli._progress import Progress
    from optuna_codeepneat.cli._settings import Settings
    from optuna_codeepneat.visualization import Diagrams


def diagrams_place(
    settings: Settings, progress: Progress, *, joins: bool = False, place: str | None = None
) -> str | None:
    """Where the processes of a command keep diagrams; None where they draw none.

    Args:
        settings:
            The settings of the search.
        progress:
            Where to say why there is no place.
        joins:
            Whether the command joins a search: it then makes no folder that it isn't told.
        place:
            The place for this machine, None for where the search said.

    Raises:
        CommandError: If `place` can't be one.
    """
    if place is not None:
        place = absolute_artifacts(place)
    elif joins and not is_here(settings.artifacts):
        if not settings.inherits:  # else more has been said of it
            progress.note(
                f"The search keeps its diagrams in {settings.artifacts}, which is not here: "
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
