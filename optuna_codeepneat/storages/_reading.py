"""Finished and running trials of a SQL database, read column by column."""

from __future__ import annotations

import json
from collections.abc import Container
from collections.abc import Iterator
from datetime import datetime
from datetime import timezone
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.distributions import json_to_distribution
from optuna.trial import FrozenTrial
from optuna.trial import TrialState


if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

_ROWS = 2000
"""So many are fetched at once, where there may be a million."""

_KEYS = 500
"""Databases limit how many values a statement may list."""


@lru_cache(maxsize=4096)
def range_of(text: str) -> BaseDistribution:
    """The range that a JSON text says, which is the same in most trials."""
    return json_to_distribution(text)


def read_trials(
    session: Session,
    study_id: int,
    states: Container[TrialState] | None,
    included: set[int],
    after: int,
) -> list[FrozenTrial]:
    """The trials of a study, by their keys in the database.

    What Optuna's storage returns, at a fraction of its time and memory: no object is made for a
    row, and what is the same in many trials is there once. Each trial is at least as complete as
    its state says, whatever others write meanwhile.

    Args:
        session:
            A session, whose transaction this is a part of.
        study_id:
            The study's key, which must be there.
        states:
            The states of trials that are read; None for all.
        included:
            The keys of trials that are read although they are not above `after`.
        after:
            Below the lowest key of the other trials.
    """
    from optuna.storages._rdb.models import TrialModel

    of_study = TrialModel.study_id == study_id
    trials: list[FrozenTrial] = []
    old = sorted(key for key in included if key <= after)
    for keys in (old[i : i + _KEYS] for i in range(0, len(old), _KEYS)):
        trials += _read(session, of_study & TrialModel.trial_id.in_(keys), states, many=False)
    trials += _read(session, of_study & (TrialModel.trial_id > after), states, many=after < 0)
    return trials


def read_trial(session: Session, key: int) -> FrozenTrial:
    """The trial with a key in the database, which must be there."""
    from optuna.storages._rdb.models import TrialModel

    (trial,) = _read(session, TrialModel.trial_id == key, None, many=False)
    return trial


def _read(
    session: Session,
    which: ColumnElement[bool],
    states: Container[TrialState] | None,
    *,
    many: bool,
) -> list[FrozenTrial]:
    from optuna.storages._rdb import models
    from sqlalchemy import select

    def rows(model: Any, *columns: str) -> Iterator[Any]:
        """Rows that begin with the trial's key."""
        table, trials = model.__table__, models.TrialModel.__table__
        statement = select(*(table.c[name] for name in ("trial_id", *columns)))
        if table is not trials:
            statement = statement.join(trials, trials.c.trial_id == table.c.trial_id)
        options = {"yield_per": _ROWS} if many else {}
        return iter(session.execute(statement.where(which), execution_options=options))

    # The trials come first: what a finished one consists of was written before its state.
    times = ("datetime_start", "datetime_complete")
    found = {
        key: _Parts(key, *columns)
        for key, *columns in rows(models.TrialModel, "number", "state", *times)
        if states is None or columns[1] in states
    }
    if not found:
        return []
    get = found.get
    for key, objective, value, kind in rows(
        models.TrialValueModel, "objective", "value", "value_type"
    ):
        if (trial := get(key)) is not None:
            trial.values[objective] = models.TrialValueModel.stored_repr_to_value(value, kind)
    names: dict[str, str] = {}
    for key, place, name, value, text in rows(
        models.TrialParamModel, "param_id", "param_name", "param_value", "distribution_json"
    ):
        if (trial := get(key)) is not None:
            trial.params.append((place, names.setdefault(name, name), value, range_of(text)))
    for model, attrs in (
        (models.TrialUserAttributeModel, "user_attrs"),
        (models.TrialSystemAttributeModel, "system_attrs"),
    ):
        for key, name, text in rows(model, "key", "value_json"):
            if (trial := get(key)) is not None:
                getattr(trial, attrs)[names.setdefault(name, name)] = json.loads(text)
    reported = models.TrialIntermediateValueModel
    for key, step, value, kind in rows(
        reported, "step", "intermediate_value", "intermediate_value_type"
    ):
        if (trial := get(key)) is not None:
            value = reported.stored_repr_to_intermediate_value(value, kind)
            trial.intermediate_values[step] = value
    return [found[key].frozen() for key in sorted(found)]


class _Parts:
    """What has been read of a trial."""

    def __init__(
        self,
        key: int,
        number: int,
        state: TrialState,
        start: datetime | None,
        end: datetime | None,
    ) -> None:
        self.key, self.number, self.state = key, number, state
        self.start, self.end = start, end
        self.values: dict[int, float] = {}
        self.params: list[tuple[int, str, float, BaseDistribution]] = []
        self.user_attrs: dict[str, Any] = {}
        self.system_attrs: dict[str, Any] = {}
        self.intermediate_values: dict[int, float] = {}

    def frozen(self) -> FrozenTrial:
        self.params.sort(key=itemgetter(0))  # as they were suggested
        trial = FrozenTrial(
            number=self.number,
            state=self.state,
            value=None,
            values=[self.values[i] for i in range(len(self.values))] if self.values else None,
            datetime_start=_local(self.start),
            datetime_complete=_local(self.end),
            params={name: d.to_external_repr(value) for _, name, value, d in self.params},
            distributions={name: d for _, name, _, d in self.params},
            user_attrs=self.user_attrs,
            system_attrs=self.system_attrs,
            intermediate_values=self.intermediate_values,
            trial_id=self.key,
        )
        self.params.clear()
        return trial


def _local(time: datetime | None) -> datetime | None:
    """As Optuna reads a time of its database, where it is UTC."""
    return time and time.replace(tzinfo=timezone.utc).astimezone().replace(tzinfo=None)
