"""What an error of a storage means: is it away, and may it come back?"""

from __future__ import annotations

import errno
import sqlite3
import sys

from optuna.exceptions import StorageInternalError

from optuna_codeepneat.exceptions import StorageError


_FULL = ("full", "no space left", "misconf", "oom command", "disk quota")

# Besides those for which Python has a class. Without those that a wrong path gives.
_ERRNOS = {
    errno.EDQUOT,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.EIO,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENOLCK,
    errno.ENOSPC,
    errno.ENOTCONN,
    errno.ESTALE,
}

_SQLITE = (
    "database is locked",
    "database or disk is full",
    "database table is locked",
    "disk i/o error",
)

# PostgreSQL, appendix A: lost connections, lacking resources; deadlocks and conflicts, after which
# a transaction may be tried again; sessions that were ended, servers that start or stop.
_SQLSTATE_CLASSES = ("08", "53")
_SQLSTATES = {"25P03", "40001", "40P01", "55P03", "57P01", "57P02", "57P03", "57P05", "58030"}
# PostgreSQL's client has no SQLSTATE for what happens while it connects.
_POSTGRESQL_REFUSALS = (
    "authentication",
    "does not exist",
    "pg_hba.conf",
    "permission",
    "password",
)

# MySQL and MariaDB, error reference. 0 is PyMySQL's for a connection that is gone.
_MYSQL_CODES = {
    *(0, 2002, 2003, 2005, 2006, 2013, 2014, 2055),  # lost connections
    *(1040, 1203),  # too many of them
    *(1053, 1077, 1079, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 4031),  # ended by the server
    *(1020, 1205, 1213),  # conflicts, after which a transaction may be tried again
    *(1021, 1041, 1114),  # disk or memory full
}
_MYSQL_TEXT_CODES = {3, 1026, 1030}  # failed writes: waiting helps if it is for lack of space


def outage(error: BaseException) -> str | None:
    """Why a storage can't be used now, if waiting may help; None for all other errors.

    Wrong statements, refused passwords, unknown databases and studies are such others.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, StorageError):
        reason = _os(cause) or _sql(cause) or _grpc(cause) or _redis(cause)
        if reason is not None:
            reason = " ".join(reason.split()).rstrip(".")
            full = any(word in reason.lower() for word in _FULL)
            return f"its disk is full ({reason})" if full else reason
        cause = cause.__cause__
    return None


def database_reason(error: Exception) -> str | None:
    """What a database says is wrong, without a final stop; None for any other error."""
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(error, StorageInternalError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    if not isinstance(error, SQLAlchemyError | StorageInternalError):
        return None
    reason = str(error.orig if isinstance(error, DBAPIError) else error)
    return " ".join(reason.split()).rstrip(".")


def _os(error: BaseException) -> str | None:
    if not isinstance(error, OSError):
        return None
    if isinstance(error, ConnectionError | TimeoutError) or error.errno in _ERRNOS:
        return str(error) or type(error).__name__
    return None


def _sql(error: BaseException) -> str | None:
    if "sqlalchemy" not in sys.modules:
        return None
    from sqlalchemy import exc

    if isinstance(error, exc.TimeoutError):  # all connections of the pool are in use
        return str(error)
    if isinstance(error, exc.PendingRollbackError):
        # Optuna goes on after an error of a reading that it takes for a limit of the database.
        return "the connection was lost"
    if not isinstance(error, exc.DBAPIError):
        return None
    driver_error = error.orig
    text = str(driver_error)
    if isinstance(driver_error, sqlite3.Error):
        return text if text.lower().startswith(_SQLITE) else None
    code, *rest = getattr(driver_error, "args", None) or (None,)
    if isinstance(code, int):
        says = str(rest[0]) if rest and rest[0] else "the connection was lost"
        full = code in _MYSQL_TEXT_CODES and any(word in text.lower() for word in _FULL)
        return says if code in _MYSQL_CODES or full else None
    # After those of MySQL, whose drivers know a state too, one that tells less than the code.
    state = getattr(driver_error, "sqlstate", None) or getattr(driver_error, "pgcode", None)
    if isinstance(state, str):
        return text if state in _SQLSTATES or state.startswith(_SQLSTATE_CLASSES) else None
    if type(driver_error).__module__.startswith("psycopg"):
        lost = isinstance(error, exc.OperationalError)
        refused = any(word in text for word in _POSTGRESQL_REFUSALS)
        return text if lost and not refused else None
    return text if error.connection_invalidated else None


def _grpc(error: BaseException) -> str | None:
    if "grpc" not in sys.modules:
        return None
    import grpc

    if not isinstance(error, grpc.RpcError) or not isinstance(error, grpc.Call):
        return None
    # A server that stops cancels the calls that it has not answered.
    away = error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    return str(error.details()) if away else None


def _redis(error: BaseException) -> str | None:
    if "redis" not in sys.modules:
        return None
    from redis import exceptions

    full = isinstance(error, exceptions.ResponseError) and str(error).startswith(
        ("OOM", "MISCONF")
    )
    away = isinstance(error, exceptions.ConnectionError | exceptions.TimeoutError)
    refused = isinstance(error, exceptions.AuthenticationError | exceptions.AuthorizationError)
    return str(error) if (away and not refused) or full else None
