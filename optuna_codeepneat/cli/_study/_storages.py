"""Storages of studies as the command names them."""

from __future__ import annotations

import re

from optuna.storages import BaseStorage

from optuna_codeepneat import storages
from optuna_codeepneat._urls import without_password
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import outage


_HEARTBEAT = 60  # seconds


def default_storage(problem: str) -> str:
    """The storage of a problem's searches: a SQLite file in the current folder.

    CommandError if that is no problem but the URL of a storage.
    """
    if "://" in problem:
        shown = without_password(problem)
        raise CommandError(f"{shown!r} is no problem; name a storage by `--storage`.")
    return f"sqlite:///{file_name(problem)}.db"


def file_name(problem: str) -> str:
    """A problem's name as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", problem)


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
