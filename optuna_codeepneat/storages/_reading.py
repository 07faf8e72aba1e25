"""Trials of a SQL database, read column by column: first their states, the rest in parts.

No object is made for a row, and what is the same in many trials is there once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timezone
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.distributions import json_to_distribution
from optuna.trial import TrialState


if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy import Select

_KEYS = 500
"""Databases limit how many values a statement may list."""


@lru_cache(maxsize=4096)
def range_of(text: str) -> BaseDistribution:
    """The range that a JSON text says, which is the same in most trials."""
    return json_to_distribution(text)


@dataclass(slots=True)
class Head:
    """What a trial is, without what it consists of."""

    key: int  # in the database
    number: int
    state: TrialState
    start: datetime | None
    end: datetime | None
    values: list[float] | None = None  # of a finished one


def read_changes(
    connection: Connection, study_id: int, open: Iterable[Head], after: int
) -> list[Head]:
    """The trials of a study that have another state than before, or are new; by their keys.

    Args:
        connection:
            A connection, in a transaction or without.
        study_id:
            The study's key.
        open:
            The trials that were waiting or running when they were read last.
        after:
            All trials that were read have keys up to this one.

    Raises:
        KeyError: If there is no such study.
    """
    rows = list(connection.execute(_new_ones(), {"study": study_id, "after": after}))
    if not rows:
        raise KeyError(f"there is no study with the key {study_id} in the database.")
    heads = _heads_of(connection, (row for row in rows if row[0] is not None))
    for state in (TrialState.RUNNING, TrialState.WAITING):
        keys = [head.key for head in open if head.state == state]
        for some in (keys[i : i + _KEYS] for i in range(0, len(keys), _KEYS)):
            changed = connection.execute(_changed_ones(), {"keys": some, "state": state})
            heads += _heads_of(connection, changed)
    return sorted(heads, key=lambda head: head.key)


def read_head(connection: Connection, key: int) -> Head:
    """The trial with a key in the database; KeyError if it is not there."""
    heads = _heads_of(connection, connection.execute(_one(), {"key": key}))
    if not heads:
        raise KeyError(f"there is no trial with the key {key} in the database.")
    return heads[0]


def _heads_of(connection: Connection, rows: Iterable[Any]) -> list[Head]:
    from optuna.storages._rdb.models import TrialValueModel

    heads = {
        key: Head(key, number, state, _local(start), _local(end))
        for key, number, state, start, end in rows
    }
    # What a finished trial consists of was written before its state.
    finished = [key for key, head in heads.items() if head.state.is_finished()]
    for keys in (finished[i : i + _KEYS] for i in range(0, len(finished), _KEYS)):
        values: dict[int, dict[int, float]] = {}
        for key, objective, value, kind in connection.execute(_values(), {"keys": keys}):
            read = TrialValueModel.stored_repr_to_value(value, kind)
            values.setdefault(key, {})[objective] = read
        for key, own in values.items():
            heads[key].values = [own[i] for i in range(len(own))]
    return list(heads.values())


def _local(time: datetime | None) -> datetime | None:
    """As Optuna reads a time of its database, where it is UTC."""
    return time and time.replace(tzinfo=timezone.utc).astimezone().replace(tzinfo=None)


# -- the parts of a trial --------------------------------------------------------------------
# Of rows that begin with the trial's key; one with nothing else is of a trial that has no others.


def _params(rows: Iterable[Any]) -> dict[int, dict[str, tuple[float, BaseDistribution]]]:
    """Parameters as they were suggested: in the database's form, and their ranges."""
    found: dict[int, list[tuple[int, str, float, str]]] = {}
    for key, place, name, value, text in rows:
        own = found.setdefault(key, [])
        if place is not None:
            own.append((place, intern(name), value, text))
    return {
        key: {name: (value, range_of(text)) for _, name, value, text in sorted(own)}
        for key, own in found.items()
    }


def _attrs(rows: Iterable[Any]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for key, name, text in rows:
        own = found.setdefault(key, {})
        if name is not None:
            own[intern(name)] = json.loads(text)
    return found


def _intermediate_values(rows: Iterable[Any]) -> dict[int, dict[int, float]]:
    from optuna.storages._rdb.models import TrialIntermediateValueModel

    read = TrialIntermediateValueModel.stored_repr_to_intermediate_value
    found: dict[int, dict[int, float]] = {}
    for key, step, value, kind in rows:
        own = found.setdefault(key, {})
        if step is not None:
            own[step] = read(value, kind)
    return found


_PARTS: dict[str, tuple[str, tuple[str, ...], Callable[[Iterable[Any]], dict[int, Any]]]] = {
    "params": (
        "TrialParamModel",
        ("param_id", "param_name", "param_value", "distribution_json"),
        _params,
    ),
    "user_attrs": ("TrialUserAttributeModel", ("key", "value_json"), _attrs),
    "system_attrs": ("TrialSystemAttributeModel", ("key", "value_json"), _attrs),
    "intermediate_values": (
        "TrialIntermediateValueModel",
        ("step", "intermediate_value", "intermediate_value_type"),
        _intermediate_values,
    ),
}

PARTS = tuple(_PARTS)
"""What a trial consists of."""


def read_part(connection: Connection, part: str, keys: Sequence[int]) -> dict[int, Any]:
    """A part of some trials by their keys: parameters, attributes, or intermediate values.

    Each trial is at least as complete as its state says that was read before, whatever others
    write meanwhile. A trial that is not there any more is missing.
    """
    make = _PARTS[part][2]
    parts: dict[int, Any] = {}
    for some in (keys[i : i + _KEYS] for i in range(0, len(keys), _KEYS)):
        parts |= make(connection.execute(_of_part(part), {"keys": some}))
    return parts


# -- statements, which are made once ---------------------------------------------------------


def _heads() -> Select[Any]:
    from optuna.storages._rdb.models import TrialModel
    from sqlalchemy import select

    table = TrialModel.__table__
    columns = ("trial_id", "number", "state", "datetime_start", "datetime_complete")
    return select(*(table.c[name] for name in columns))


@lru_cache(maxsize=1)
def _new_ones() -> Select[Any]:
    """Those of a study that is there; one row with nothing if it has none."""
    from optuna.storages._rdb import models
    from sqlalchemy import bindparam

    studies, trials = models.StudyModel.__table__, models.TrialModel.__table__
    newer = (trials.c.study_id == studies.c.study_id) & (trials.c.trial_id > bindparam("after"))
    both = studies.outerjoin(trials, newer)
    return _heads().select_from(both).where(studies.c.study_id == bindparam("study"))


@lru_cache(maxsize=1)
def _changed_ones() -> Select[Any]:
    from optuna.storages._rdb.models import TrialModel
    from sqlalchemy import bindparam

    table = TrialModel.__table__
    listed = table.c.trial_id.in_(bindparam("keys", expanding=True))
    return _heads().where(listed, table.c.state != bindparam("state"))


@lru_cache(maxsize=1)
def _one() -> Select[Any]:
    from optuna.storages._rdb.models import TrialModel
    from sqlalchemy import bindparam

    return _heads().where(TrialModel.__table__.c.trial_id == bindparam("key"))


@lru_cache(maxsize=1)
def _values() -> Select[Any]:
    from optuna.storages._rdb.models import TrialValueModel
    from sqlalchemy import bindparam
    from sqlalchemy import select

    table = TrialValueModel.__table__
    columns = ("trial_id", "objective", "value", "value_type")
    listed = table.c.trial_id.in_(bindparam("keys", expanding=True))
    return select(*(table.c[name] for name in columns)).where(listed)


@lru_cache(maxsize=len(_PARTS))
def _of_part(part: str) -> Select[Any]:
    """All rows of a part, and one with nothing for a trial that has none."""
    from optuna.storages._rdb import models
    from sqlalchemy import bindparam
    from sqlalchemy import select

    model, columns, _ = _PARTS[part]
    table, trials = getattr(models, model).__table__, models.TrialModel.__table__
    both = trials.outerjoin(table, table.c.trial_id == trials.c.trial_id)
    listed = trials.c.trial_id.in_(bindparam("keys", expanding=True))
    return (
        select(trials.c.trial_id, *(table.c[name] for name in columns))
        .select_from(both)
        .where(listed)
    )
