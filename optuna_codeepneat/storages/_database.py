"""SQL databases: connections that suit many workers, and trials that are created once."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from copy import deepcopy
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING
from typing import Any

from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage


if TYPE_CHECKING:
    from optuna.storages._rdb.models import TrialModel
    from optuna.trial import FrozenTrial
    from sqlalchemy.engine import URL
    from sqlalchemy.engine import Connection
    from sqlalchemy.orm import Session

# A call waits that long for what another process has locked, and a fourth of its patience at most;
# then it says so and tries again. Many processes write to one SQLite file in turn.
_LOCK_SECONDS = 10.0
_SQLITE_LOCK_SECONDS = 60.0

# A process that is silent within a transaction for so long is frozen, and what it locked is freed.
_IDLE_SECONDS = 15

# The drivers that the package's extras install, and what stands for them in a URL. Optuna knows
# faster statements for MySQL than for what SQLAlchemy calls MariaDB, which takes them too.
_DIALECTS = {
    "mariadb": ("mysql", "pymysql"),
    "mysql": ("mysql", "pymysql"),
    "postgres": ("postgresql", "psycopg"),
    "postgresql": ("postgresql", "psycopg"),
}
_OTHER_DRIVERS = {"psycopg": "psycopg2", "pymysql": "MySQLdb"}

# Without these a network that swallows packets would hold a call for hours: 20 seconds for what
# was sent, about a minute for an answer. InnoDB itself waits up to 50 seconds for a lock.
_LIBPQ_ARGUMENTS = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_MYSQL_ARGUMENTS = {"connect_timeout": 10, "read_timeout": 75, "write_timeout": 30}
_CONNECT_ARGUMENTS = {
    "MySQLdb": _MYSQL_ARGUMENTS,
    "mysqldb": _MYSQL_ARGUMENTS,
    "psycopg": _LIBPQ_ARGUMENTS,
    "psycopg2": _LIBPQ_ARGUMENTS,
    "pymysql": _MYSQL_ARGUMENTS,
}


class WriteAheadConnection(sqlite3.Connection):
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


def with_driver(url: URL) -> URL:
    """The URL, with the driver of the package's extras if it names none.

    That is also where MariaDB becomes MySQL, in URLs that name a driver too.
    """
    dialect, _, named = url.drivername.partition("+")
    if dialect not in _DIALECTS:
        return url
    dialect, driver = _DIALECTS[dialect]
    if not named and find_spec(driver) is None and find_spec(_OTHER_DRIVERS[driver]) is not None:
        driver = _OTHER_DRIVERS[driver].lower()
    return url.set(drivername=f"{dialect}+{named or driver}")


def engine_arguments(url: URL, *, create: bool, patience: float) -> dict[str, Any]:
    """How to connect: what `sqlalchemy.create_engine` takes."""
    if url.get_backend_name() == "sqlite":
        arguments: dict[str, Any] = {"timeout": _share_of(patience, _SQLITE_LOCK_SECONDS)}
        if create:
            arguments["factory"] = WriteAheadConnection
        return {"connect_args": arguments}
    known = _CONNECT_ARGUMENTS.get(url.drivername.partition("+")[2], {})
    return {
        # What the URL says goes first.
        "connect_args": {key: value for key, value in known.items() if key not in url.query},
        # A worker holds one connection, and more for a moment: the server of many has few.
        "pool_size": 1,
        "max_overflow": -1,
        "pool_recycle": 1800,  # before a firewall or the server drops it
        # To ask before each call whether a connection is alive costs as much time on the network
        # as the call; a call on a dead one is repeated at once.
        "pool_pre_ping": False,
        "pool_events": [
            (partial(_set_limits, _limits(url, _share_of(patience, _LOCK_SECONDS))), "connect")
        ],
    }


def _share_of(patience: float, most: float) -> float:
    return max(1.0, min(most, patience / 4))


def _limits(url: URL, lock_seconds: float) -> list[str]:
    """Statements that limit a session's waits, of which the first that a server knows counts."""
    kind = url.get_backend_name()
    if kind == "postgresql" and "options" not in url.query:  # what the URL says goes first
        lock = f"set_config('lock_timeout', '{lock_seconds * 1000:.0f}ms', false)"
        idle = f"set_config('idle_in_transaction_session_timeout', '{_IDLE_SECONDS}s', false)"
        return [f"SELECT {lock}, {idle}", f"SELECT {lock}"]
    if kind == "mysql":  # MariaDB alone knows the other
        lock = f"SET SESSION innodb_lock_wait_timeout = {lock_seconds:.0f}"
        return [f"{lock}, idle_transaction_timeout = {_IDLE_SECONDS}", lock]
    return []


def _set_limits(statements: list[str], connection: Any, record: Any) -> None:
    """Limits the waits of a new session, where the server can."""
    transactional = getattr(connection, "autocommit", None) is False
    if transactional:  # so that it takes one round trip, not three
        connection.autocommit = True
    for statement in statements:
        with closing(connection.cursor()) as cursor, suppress(Exception):
            cursor.execute(statement)
            break
    if transactional:
        connection.autocommit = False


_attempts = threading.local()


class Database(RDBStorage):
    """Optuna's storage, which creates no trial twice when the answer to a commit is lost.

    `RetryingStorage` tries again with the same template. The key that the database gave to a trial
    in a failed attempt tells whether it was committed after all. Checked against Optuna 5.0.
    """

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading, which begins and commits nothing where that saves time."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self.engine.connect() as connection:
                if self.engine.name != "mysql":  # there it would take longer to say so
                    connection = connection.execution_options(isolation_level="AUTOCOMMIT")
                yield connection
        except SQLAlchemyError as error:  # as Optuna has it
            raise StorageInternalError(f"Trials can't be read: {error}") from error

    def _create_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None = None
    ) -> FrozenTrial:
        """Creates a trial in one attempt; Optuna makes five, and says nothing meanwhile."""
        from optuna.storages._rdb import models
        from optuna.storages._rdb.storage import _create_scoped_session

        with _create_scoped_session(self.scoped_session) as session:
            models.StudyModel.find_or_raise_by_id(study_id, session, for_update=True)
            trial = self._get_prepared_new_trial(study_id, template_trial, session)
            if template_trial is None:
                return self._build_frozen_trial_from_trial_model(trial)
            frozen = deepcopy(template_trial)
            frozen.number, frozen._trial_id = int(trial.number), int(trial.trial_id)
            frozen.datetime_start = trial.datetime_start
            return frozen

    def _get_prepared_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None, session: Session
    ) -> TrialModel:
        if template_trial is None or getattr(_attempts, "template", None) is not template_trial:
            _attempts.template, _attempts.trial_ids = template_trial, []
        from optuna.storages._rdb.models import TrialModel

        for trial_id in _attempts.trial_ids:  # the study is locked: nothing can come between
            trial = session.get(TrialModel, trial_id)
            if trial is not None and trial.study_id == study_id and template_trial is not None:
                if self._is_from(template_trial, trial):
                    return trial
        trial = super()._get_prepared_new_trial(study_id, template_trial, session)
        _attempts.trial_ids.append(trial.trial_id)
        return trial

    def _is_from(self, template: FrozenTrial, trial: TrialModel) -> bool:
        """Whether a trial is ours; a database may give a key that was not committed again."""
        frozen = self._build_frozen_trial_from_trial_model(trial)
        begin = template.datetime_start
        if begin is not None and begin.tzinfo is None:  # else a database gives back another time
            # MySQL keeps whole seconds, and gives a key again only after a restart.
            tolerance = timedelta(seconds=1 if self.engine.name == "mysql" else 0)
            started = frozen.datetime_start
            return started is not None and abs(started - begin) <= tolerance
        return all(
            name in held and held[name] == value
            for wanted, held in (
                (template.params, frozen.params),
                (template.user_attrs, frozen.user_attrs),
                (template.system_attrs, frozen.system_attrs),
            )
            for name, value in wanted.items()
        )
