"""Where a study lives: what the study and its copies, wherever they lie, do not have in common.

A copy of a database is equal to the original to the last byte. What tells them apart is outside
of it: the file that it is in, or the server.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING
from typing import Any
from weakref import WeakKeyDictionary

from optuna.storages import GrpcStorageProxy
from optuna.storages import JournalStorage
from optuna.storages import RDBStorage
from optuna.storages.journal import JournalFileBackend

from optuna_codeepneat import _optuna
from optuna_codeepneat._hashing import content_hash


if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.study import Study

_SERVERS = {
    "postgresql": (
        "SELECT CAST(system_identifier AS VARCHAR) FROM pg_control_system()",
        "SELECT CAST(oid AS VARCHAR) FROM pg_database WHERE datname = current_database()",
    ),
    "mysql": ("SELECT @@server_uuid",),
}
"""What a server and its database say of themselves, by the dialect."""

_known: WeakKeyDictionary[BaseStorage, list[str]] = WeakKeyDictionary()


def home_of(study: Study) -> str:
    """What tells a study from its copies.

    Args:
        study:
            The study.

    Returns:
        12 hexadecimal digits: the same in every process that opens the study in its storage,
        others in a copy of it, also in a copy of the whole database. A database that was moved
        has others as well.
    """
    storage, study_id = _optuna.identity(study)
    if storage not in _known:
        _known[storage] = _place_of(_optuna.innermost(storage))
    return content_hash([_known[storage], study_id, study.study_name])[:12]


def _place_of(storage: BaseStorage) -> list[str]:
    if isinstance(storage, RDBStorage):
        url = storage.engine.url
        if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
            return _file(str(url.database))
        if url.get_backend_name() != "sqlite":
            return [*_server(storage), str(url.database)]
    elif isinstance(storage, JournalStorage):
        backend = _optuna.journal_backend(storage)
        if isinstance(backend, JournalFileBackend):
            return _file(_optuna.journal_file(backend))
        return ["redis", *_optuna.redis_place(backend)]
    elif isinstance(storage, GrpcStorageProxy):
        return ["grpc", *_optuna.proxy_place(storage)]
    return ["memory", secrets.token_hex(8)]


def _file(path: str) -> list[str]:
    """A file by its name and its number on its disk.

    Not by its folder: the same one may be mounted elsewhere on another machine.
    """
    try:
        return ["file", os.path.basename(path), str(os.stat(path).st_ino)]
    except OSError:  # it was removed
        return ["file", os.path.realpath(path)]


def _server(storage: RDBStorage) -> list[str]:
    """A server by what it says of itself; by its address if it does not say, or may not."""
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    url = storage.engine.url
    said: list[Any] = []
    try:
        with storage.engine.connect() as connection:
            for query in _SERVERS.get(url.get_backend_name(), ()):
                said.append(connection.execute(text(query)).scalar())
    except SQLAlchemyError:
        said = []
    return [str(value) for value in said] or [str(url.host), str(url.port)]
