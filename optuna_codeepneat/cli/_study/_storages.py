"""Storages of studies as the command names them."""

from __future__ import annotations

from optuna.storages import BaseStorage

from optuna_codeepneat import storages
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import outage


_HEARTBEAT = 60  # seconds


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
