"""Storages of studies as the command names them."""

from __future__ import annotations

from pathlib import Path

from optuna.storages import BaseStorage

from optuna_codeepneat import storages
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.cli._study._names import file_name
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import outage


_HEARTBEAT = 60  # seconds


def output_file(url: str, study_name: str, given: str | None) -> Path:
    """The file that keeps what the worker processes of a search print.

    Args:
        url:
            The storage of the study.
        study_name:
            The study's name.
        given:
            What the command line says; by default the file lies beside that of the storage.

    Raises:
        CommandError: If it is the storage's own file, or nothing can be written to it.
    """
    scheme, _, database = url.partition(":///")
    is_file = scheme.startswith(("sqlite", "journal")) and bool(database)
    folder = Path(database).parent if is_file else Path()
    path = Path(given or folder / f"{file_name(study_name)}-output.log")
    if is_file and path.resolve() == Path(database).resolve():
        raise CommandError(f"`--log-file` is the file of the storage itself, {str(path)!r}.", 2)
    if given is not None:
        try:
            path.open("ab").close()
        except OSError as error:
            raise CommandError(
                f"`--log-file`: can't write {given!r}: {error.strerror}."
            ) from error
    return path


def open_storage(url: str, *, create: bool = False) -> BaseStorage:
    """Opens the storage of a study.

    Args:
        url:
            What `optuna_codeepneat.storages.open_storage` takes.
        create:
            Whether to run trials, and to make a file that isn't there.

    Raises:
        NotYet: If it isn't there, or can't be reached.
        CommandError: If it never can be opened.
    """
    try:
        return storages.open_storage(url, create=create, heartbeat=_HEARTBEAT if create else None)
    except StorageError as error:
        cause = error.__cause__
        if isinstance(cause, FileNotFoundError) and not create:
            text = str(error).rstrip(".")
            raise NotYet(f"{text}; `optuna-codeepneat search` makes one.") from error
        if isinstance(cause, Exception) and outage(cause) is not None:
            raise NotYet(f"`--storage`: {error}") from error
        raise CommandError(f"`--storage`: {error}") from error
