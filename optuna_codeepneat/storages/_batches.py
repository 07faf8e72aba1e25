"""What a trial writes while it begins, sent to the database at once instead of row by row."""

from __future__ import annotations

import atexit
import json
import threading
import time
import weakref
from collections.abc import Iterable
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.distributions import check_distribution_compatibility
from optuna.distributions import distribution_to_json
from optuna.exceptions import UpdateFinishedTrialError
from optuna.logging import get_logger
from optuna.trial import FrozenTrial
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages._database import Database
from optuna_codeepneat.storages._reading import Head
from optuna_codeepneat.storages._reading import range_of
from optuna_codeepneat.storages._reading import read_changes
from optuna_codeepneat.storages._reading import read_head
from optuna_codeepneat.storages._reading import read_part


if TYPE_CHECKING:
    from sqlalchemy.orm import Query
    from sqlalchemy.orm import Session

_logger = get_logger(f"optuna.{__name__}")

HELD_SECONDS = 1.0
"""How long parameters and attributes of a new trial are held back at most."""

WAIT_SECONDS = 10.0
"""How long who tells a trial waits for what the process that began it holds back."""

_MARK = "codeepneat:held"
"""The system attribute of a trial of which something is held back; no reader here sees it."""

_MOST_CHARACTERS = 10_000
"""What is longer is written at once, so that a database may refuse it where it is set."""


@dataclass
class _Held:
    """What a trial has written and the database has not."""

    study_id: int
    number: int
    params: dict[str, tuple[float, BaseDistribution]] = field(default_factory=dict)
    user_attrs: dict[str, Any] = field(default_factory=dict)
    system_attrs: dict[str, Any] = field(default_factory=dict)
    timer: threading.Timer | None = None
    marked: bool = False


class BatchedDatabase(Database):
    """Optuna's storage, with far fewer and smaller transactions for a trial.

    A network has dozens of parameters, and Optuna commits each by itself. Here the first parameter
    or user attribute of a trial that begins in this process is written together with a mark, and
    those that follow, with system attributes, are held back and written in one transaction: when
    the trial is told, after `HELD_SECONDS`, or when the process ends. This process itself sees
    them at once. Another process that tells the trial waits until the mark is gone, or is refused:
    a finished trial has all of its parameters. A worker that is killed before loses nothing but
    them: its trial would have had no result.

    A parameter that no trial of the study has yet is written at once, as Optuna does it, so that
    no two processes give it ranges that contradict each other.

    Only what the trial's own process knows is held back. Checked against Optuna 5.0.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._forget()
        atexit.register(_write_at_exit, weakref.ref(self))

    def _forget(self) -> None:
        self._lock = threading.RLock()
        self._held: dict[int, _Held] = {}

    def __getstate__(self) -> dict[Any, Any]:
        state = super().__getstate__()
        for name in ("_lock", "_held"):
            del state[name]
        return state

    def __setstate__(self, state: dict[Any, Any]) -> None:
        super().__setstate__(state)
        self._forget()
        atexit.register(_write_at_exit, weakref.ref(self))

    # -- holding back ---------------------------------------------------------------------------

    def _create_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None = None
    ) -> FrozenTrial:
        """Creates a trial, whose next writes are held back if it runs in this process."""
        trial = super()._create_new_trial(study_id, template_trial)
        if trial.state == TrialState.RUNNING:
            with self._lock:
                self._held[trial._trial_id] = _Held(study_id, trial.number)
        return trial

    def _set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
        previous_distribution: BaseDistribution | None,
    ) -> None:
        with self._lock:
            held = self._held.get(trial_id)
            if held is not None and _is_short(distribution):
                previous = previous_distribution or self._stored_range(held.study_id, param_name)
                if previous is not None:
                    check_distribution_compatibility(previous, distribution)
                    held.params[param_name] = (param_value_internal, distribution)
                    self._hold(trial_id, held)
                    return
                self._flush(trial_id, held, more=held.marked)  # parameters keep their order
        super()._set_trial_param(
            trial_id, param_name, param_value_internal, distribution, previous_distribution
        )

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Sets an attribute, at once or with others."""
        text = json.dumps(value)  # what is no JSON is refused now
        with self._lock:
            held = self._held.get(trial_id)
            if held is not None and len(text) <= _MOST_CHARACTERS:
                held.user_attrs[key] = json.loads(text)  # as everyone will read it
                self._hold(trial_id, held)
                return
        super().set_trial_user_attr(trial_id, key, value)

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:
        """Sets an attribute, at once until a parameter or a user attribute was set."""
        text = json.dumps(value)
        with self._lock:
            held = self._held.get(trial_id)
            if held is not None and held.marked and len(text) <= _MOST_CHARACTERS:
                held.system_attrs[key] = json.loads(text)
                return
        super().set_trial_system_attr(trial_id, key, value)

    def _stored_range(self, study_id: int, name: str) -> BaseDistribution | None:
        from optuna.storages._rdb import models
        from optuna.storages._rdb.storage import _create_scoped_session

        with _create_scoped_session(self.scoped_session) as session:
            row = (
                session.query(models.TrialParamModel.distribution_json)
                .join(models.TrialModel)
                .filter(models.TrialModel.study_id == study_id)
                .filter(models.TrialParamModel.param_name == name)
                .first()
            )
            return None if row is None else range_of(row[0])

    def _hold(self, trial_id: int, held: _Held) -> None:
        """Has what is held back written later, which others can see from now on."""
        if not held.marked:
            self._flush(trial_id, held, more=True)
            self._write_later(trial_id, held)

    def _write_later(self, trial_id: int, held: _Held) -> None:
        held.timer = threading.Timer(HELD_SECONDS, self._write_in_time, (trial_id, held))
        held.timer.daemon = True
        held.timer.start()

    def _write_in_time(self, trial_id: int, held: _Held) -> None:
        try:
            self.write_held(trial_id)
        except UpdateFinishedTrialError:
            _logger.warning(
                f"Trial {held.number} was told elsewhere, by a process without this package's "
                "storage, before all of its parameters were written: they are lost."
            )
        except KeyError:
            pass  # it was deleted
        except Exception as error:
            _logger.debug(f"Parameters of trial {held.number} wait for the database: {error}")
            self._write_later(trial_id, held)
        finally:
            self.remove_session()

    def write_held(self, trial_id: int) -> None:
        """Writes what is held back of a trial, in one transaction."""
        with self._lock:
            held = self._held.get(trial_id)
            if held is not None:
                self._flush(trial_id, held, more=False)
                self._forget_trial(trial_id)

    def _flush(self, trial_id: int, held: _Held, *, more: bool) -> None:
        """Writes what there is; the mark stays while more is to come."""
        if held.params or held.user_attrs or held.marked:  # system attributes come after a mark
            try:
                self._write(trial_id, held, more=more)
            except (KeyError, UpdateFinishedTrialError):
                self._forget_trial(trial_id)  # another process has ended or deleted it
                raise
        held.marked = held.marked or more
        held.params.clear()
        held.user_attrs.clear()
        held.system_attrs.clear()

    def _forget_trial(self, trial_id: int) -> None:
        held = self._held.pop(trial_id)
        if held.timer is not None:
            held.timer.cancel()

    def _write(self, trial_id: int, held: _Held, *, more: bool) -> None:
        from optuna.storages._rdb import models
        from optuna.storages._rdb.storage import _create_scoped_session
        from sqlalchemy import insert
        from sqlalchemy.exc import IntegrityError

        params = [
            {
                "trial_id": trial_id,
                "param_name": name,
                "param_value": value,
                "distribution_json": distribution_to_json(distribution),
            }
            for name, (value, distribution) in held.params.items()
        ]
        user_attrs, system_attrs = (
            [
                {"trial_id": trial_id, "key": key, "value_json": json.dumps(value)}
                for key, value in attrs.items()
            ]
            for attrs in (held.user_attrs, held.system_attrs)
        )
        mark = {"trial_id": trial_id, "key": _MARK, "value_json": json.dumps(trial_id)}
        try:
            with _create_scoped_session(self.scoped_session) as session:
                trial: Any = models.TrialModel.find_or_raise_by_id(trial_id, session)
                self.check_trial_is_updatable(trial_id, trial.state)
                if params:
                    session.execute(insert(models.TrialParamModel), params)
                if user_attrs:
                    session.execute(insert(models.TrialUserAttributeModel), user_attrs)
                if more and not held.marked:
                    system_attrs.append(mark)
                if system_attrs:
                    session.execute(insert(models.TrialSystemAttributeModel), system_attrs)
                if held.marked and not more:
                    _marks_of(session, trial_id).delete()
        except IntegrityError:
            # The answer to an earlier attempt was lost, or someone else has set one: row by row.
            for name, (value, distribution) in held.params.items():
                super()._set_trial_param(trial_id, name, value, distribution, distribution)
            for key, value in held.user_attrs.items():
                super().set_trial_user_attr(trial_id, key, value)
            for key, value in held.system_attrs.items():
                super().set_trial_system_attr(trial_id, key, value)
            with _create_scoped_session(self.scoped_session) as session:
                if more and not _marks_of(session, trial_id).count():
                    session.execute(insert(models.TrialSystemAttributeModel), [mark])
                elif not more:
                    _marks_of(session, trial_id).delete()

    def set_trial_state_values(
        self, trial_id: int, state: TrialState, values: Sequence[float] | None = None
    ) -> bool:
        """Sets the state, after all that was held back; StorageError if that stays away."""
        if trial_id in self._held:
            self.write_held(trial_id)
        elif state in (TrialState.COMPLETE, TrialState.PRUNED):
            self._await_held(trial_id)
        return super().set_trial_state_values(trial_id, state, values)

    def _await_held(self, trial_id: int) -> None:
        """Waits until the process that began a trial holds nothing of it back."""
        from optuna.storages._rdb.storage import _create_scoped_session

        end = time.monotonic() + WAIT_SECONDS
        while True:
            with _create_scoped_session(self.scoped_session) as session:
                if not _marks_of(session, trial_id).count():
                    return
            if time.monotonic() >= end:
                raise StorageError(
                    f"trial {self.read_head(trial_id).number} can't be told: the process that "
                    f"began it has not written its parameters for {WAIT_SECONDS:g} seconds, and "
                    "may be frozen or dead; tell it again later, or as failed."
                )
            time.sleep(HELD_SECONDS / 20)

    # -- reading --------------------------------------------------------------------------------
    # What `KnownTrials` asks for; nobody asks for trials as Optuna's storage gives them.

    def read_changes(self, study_id: int, open: Iterable[Head], after: int) -> list[Head]:
        """Reads which trials have another state than before, or are new: see `_reading`."""
        with self.reading() as connection:
            return read_changes(connection, study_id, open, after)

    def read_head(self, trial_id: int) -> Head:
        """Reads a trial without its parts; KeyError if it is not there."""
        with self.reading() as connection:
            return read_head(connection, trial_id)

    def read_parts(self, parts: Iterable[str], keys: Sequence[int]) -> list[dict[int, Any]]:
        """Reads parts of some trials, with what this process holds back of them."""
        # What is held back must not be written between a look at the database and one here.
        with self._lock if self._held.keys() & set(keys) else nullcontext():
            with self.reading() as connection:
                found = {part: read_part(connection, part, keys) for part in parts}
            for key in self._held.keys() & set(keys):
                for part in ("params", "user_attrs", "system_attrs"):
                    if key in found.get(part, ()):
                        found[part][key] |= getattr(self._held[key], part)
        for attrs in found.get("system_attrs", {}).values():
            attrs.pop(_MARK, None)
        return list(found.values())


def _marks_of(session: Session, trial_id: int) -> Query[Any]:
    from optuna.storages._rdb.models import TrialSystemAttributeModel as Attribute

    # Its value tells it from what a retried trial has copied from another.
    return session.query(Attribute).filter(
        Attribute.trial_id == trial_id,
        Attribute.key == _MARK,
        Attribute.value_json == json.dumps(trial_id),
    )


def _write_at_exit(database: weakref.ref[BatchedDatabase]) -> None:
    storage = database()
    if storage is None:
        return
    for trial_id, held in list(storage._held.items()):
        try:
            storage.write_held(trial_id)
        except Exception as error:
            _logger.warning(f"Parameters of trial {held.number} were not written: {error}")


def _is_short(distribution: BaseDistribution) -> bool:
    choices = getattr(distribution, "choices", ())
    return len(choices) < 100 or len(distribution_to_json(distribution)) <= _MOST_CHARACTERS
