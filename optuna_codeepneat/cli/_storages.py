"""Storages of studies, and what goes wrong with them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import NotYet


# Many processes write to one SQLite file in turn; the default of 5 seconds is soon over.
_SQLITE_PATIENCE = 60.0


def default_storage(problem: str) -> str:
    """The storage of a problem's searches: a SQLite file in the current folder."""
    return f"sqlite:///{re.sub(r'[^A-Za-z0-9_.-]+', '-', problem)}.db"


class _WriteAheadConnection(sqlite3.Connection):
    """A SQLite connection that appends to a log: writes are five times as fast.

    A process may be killed at any time as before; should the machine lose its power, the last
    seconds may be lost and nothing else. Where a file system can't do this, SQLite goes on as
    usual.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        try:
            self.execute("PRAGMA journal_mode=WAL")
            self.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.OperationalError:  # a file that can be read only
            pass


def open_storage(url: str, *, create: bool = False) -> BaseStorage:
    """Opens the storage of a study.

    Args:
        url:
            ``sqlite:///file.db``, or another database's URL.
        create:
            Whether to write much, and to make the file and the tables that aren't there.

    Raises:
        NotYet: If it can't be opened, or there are no tables in it.
        CommandError: If it never can be opened.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise CommandError(
            f"`--storage` must be a database URL such as sqlite:///study.db, got {url!r}."
        ) from error
    kwargs: dict[str, Any] = {}
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise CommandError(f"worker processes can't share the storage {url!r}; name a file.")
        if not create and not Path(str(parsed.database)).exists():
            raise NotYet(
                f"there is no study database {parsed.database!r} here; "
                "`optuna-codeepneat search` makes one."
            )
        arguments: dict[str, Any] = {"timeout": _SQLITE_PATIENCE}
        if create:
            arguments["factory"] = _WriteAheadConnection
        kwargs["engine_kwargs"] = {"connect_args": arguments}
    with _explained(parsed.render_as_string(hide_password=True)):
        # Two processes that make the tables at once hinder each other: only searches do.
        return optuna.storages.RDBStorage(url, skip_table_creation=not create, **kwargs)


def database_reason(error: Exception) -> str | None:
    """What a database says is wrong, without a final stop; None for any other error."""
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(error, StorageInternalError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if not isinstance(error, SQLAlchemyError | StorageInternalError):
        return None
    reason = str(error.orig if isinstance(error, DBAPIError) else error)
    first, *_ = reason.strip().splitlines() or [type(error).__name__]
    return " ".join(first.split()).rstrip(".")


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns what opening a database raises into one sentence."""
    from sqlalchemy.exc import NoSuchModuleError

    try:
        yield
    except ImportError as error:
        driver = getattr(error.__cause__, "name", None)
        needs = f"needs the Python package {driver!r}" if driver else f"has no driver: {error}"
        raise CommandError(f"the storage {url} {needs}") from error
    except NoSuchModuleError as error:
        raise CommandError(f"the storage {url} names an unknown kind of database") from error
    except RuntimeError as error:  # how Optuna says that a schema is of another version
        text = " ".join(str(error).split())
        raise CommandError(f"the storage {url} can't be used: {text}") from error
    except Exception as error:
        reason = database_reason(error)
        if reason is None:
            raise
        raise NotYet(f"the storage {url} can't be opened: {reason}") from error
