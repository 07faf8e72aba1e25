"""From a URL to a storage; what is wrong with it, in one sentence."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage
from optuna.storages import JournalStorage

from optuna_codeepneat._text import single_spaced
from optuna_codeepneat._urls import with_escaped_password
from optuna_codeepneat._urls import without_password
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._outages import database_reason
from optuna_codeepneat.storages._outages import outage
from optuna_codeepneat.storages._retry import Patience
from optuna_codeepneat.storages._retrying import RetryingStorage


# A server that restarts is back by then, and a wrong address need not be waited for.
_OPENING_PATIENCE = 10.0
_BEATS_MISSED = 10
_EXAMPLES = (
    "sqlite:///study.db, postgresql://user@host/database, mysql://user@host/database, "
    "journal:///study.log, redis://host/0 or grpc://host:13000"
)
_EXTRAS = {
    "google": "grpc",  # protobuf
    "grpc": "grpc",
    "psycopg": "postgresql",
    "pymysql": "mysql",
    "redis": "redis",
}


def open_storage(
    url: str, *, create: bool = True, patience: float = 120.0, heartbeat: int | None = None
) -> BaseStorage:
    """Opens the storage of studies that processes on one machine or many share.

    It waits when the database is away for a while, a full disk included: see `RetryingStorage`.

    Example:
        >>> import optuna, os, tempfile
        >>> from optuna_codeepneat.storages import open_storage
        >>> path = os.path.join(tempfile.mkdtemp(), "study.log")
        >>> storage = open_storage(f"journal:///{path}")
        >>> study = optuna.create_study(storage=storage, study_name="mine", load_if_exists=True)
        >>> study.study_name
        'mine'

    Args:
        url:
            ``sqlite:///file.db``, ``postgresql://user@host/database``, ``mysql://...``,
            ``mariadb://...`` or another URL of SQLAlchemy's; ``journal:///file.log`` for Optuna's
            journal file (four slashes begin an absolute path), ``redis://host:port/0`` for its
            journal in Redis, and ``grpc://host:port`` for its gRPC proxy.
        create:
            Whether to make a file that isn't there.
        patience:
            Seconds that a call waits for a database that is away.
        heartbeat:
            Seconds between two signs of life of a trial that `study.optimize` runs. Trials of
            processes that died are found by the others after ten missing ones, and fail. None for
            none. Only SQL databases keep them: journals and the gRPC proxy don't.

    Returns:
        A storage for `optuna.create_study` and `optuna.load_study`.

    Raises:
        StorageError: If it can't be opened.
        ValueError: If an argument is out of bounds.
    """
    opening = Patience(min(patience, _OPENING_PATIENCE))
    if heartbeat is not None and heartbeat < 1:
        raise ValueError(f"`heartbeat` must be 1 or more seconds, or None, got {heartbeat}.")
    shown, scheme = without_password(url), url.partition(":")[0]
    with _explained(shown):
        url = with_escaped_password(url)
    if scheme == "journal":
        opener = partial(_open_journal, url, create)
    elif scheme in ("redis", "rediss", "grpc"):
        opener = partial(_open_remote, url)
    else:
        # A database that is back after `patience` must not take all trials for dead.
        grace = None if heartbeat is None else max(_BEATS_MISSED * heartbeat, int(2 * patience))
        opener = partial(_open_database, url, create, patience, heartbeat, grace)
    with _explained(shown), warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        storage = opening.call(opener)
    return RetryingStorage(storage, patience=patience)


def _open_database(
    url: str, create: bool, patience: float, heartbeat: int | None, grace: int | None
) -> BaseStorage:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError
    from sqlalchemy.exc import DBAPIError

    from optuna_codeepneat.storages._batches import BatchedDatabase
    from optuna_codeepneat.storages._database import engine_arguments
    from optuna_codeepneat.storages._database import with_driver

    try:
        parsed = with_driver(make_url(url))
    except ArgumentError as error:
        shown = repr(without_password(url))
        raise StorageError(f"{shown} is no URL of a storage, such as {_EXAMPLES}.") from error
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise StorageError(
                f"processes can't share the storage {without_password(url)!r}; name a file."
            )
        if not create:
            _check_exists(str(parsed.database))
    attempts = 5
    while True:
        try:
            return BatchedDatabase(
                parsed.render_as_string(hide_password=False),
                engine_kwargs=engine_arguments(parsed, create=create, patience=patience),
                heartbeat_interval=heartbeat,
                grace_period=grace,
            )
        except DBAPIError as error:
            # Others who begin the same database make its tables at the same moment.
            attempts -= 1
            if not attempts or not re.search("already exists|unique|duplicate", str(error), re.I):
                raise


def _open_journal(url: str, create: bool) -> BaseStorage:
    from optuna_codeepneat.storages._journal import WholeLinesBackend

    path = url.removeprefix("journal:///")
    if path == url or not path:
        shown = repr(without_password(url))
        raise StorageError(f"{shown} is no URL of a journal, such as journal:///study.log.")
    if not create:
        _check_exists(path)
    backend = WholeLinesBackend(path)
    try:
        return JournalStorage(backend)
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError) as error:
        text = f"the storage {url} can't be used: it is no journal of Optuna's, or damaged"
        raise StorageError(text) from error


def _open_remote(url: str) -> BaseStorage:
    from optuna_codeepneat.storages._remote import open_grpc
    from optuna_codeepneat.storages._remote import open_redis

    return open_grpc(url) if url.startswith("grpc:") else open_redis(url)


def _check_exists(path: str) -> None:
    try:
        os.stat(path)
    except FileNotFoundError as error:
        raise StorageError(f"there is no study database {path!r} here.") from error


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turns what opening a storage raises into one sentence."""
    try:
        yield
    except StorageError as error:
        cause = error.__cause__
        reason = outage(cause) if cause is not None else None
        if reason is None:
            raise
        raise StorageError(f"the storage {url} can't be opened: {reason}") from cause
    except ImportError as error:
        package = error.name or getattr(error.__cause__, "name", None)
        if package is None:
            raise StorageError(f"the storage {url} has no driver: {error}") from error
        extra = _EXTRAS.get(package.partition(".")[0])
        how = f"; install it with: pip install optuna-codeepneat[{extra}]" if extra else ""
        raise StorageError(
            f"the storage {url} needs the Python package {package!r}{how}"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StorageError(f"the storage {url} can't be opened: {reason}") from error
    except RuntimeError as error:  # how Optuna says that a schema is of another version
        text = single_spaced(error)
        raise StorageError(f"the storage {url} can't be used: {text}") from error
    except Exception as error:
        from sqlalchemy.exc import NoSuchModuleError

        if isinstance(error, NoSuchModuleError):
            raise StorageError(f"the storage {url} names an unknown kind of database") from error
        reason = database_reason(error)
        if reason is None:
            raise
        raise StorageError(f"the storage {url} can't be opened: {reason}") from error
