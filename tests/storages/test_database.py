"""SQL databases: how they are connected to, and answers that are lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState
from sqlalchemy.engine import make_url

from optuna_codeepneat.storages import RetryingStorage
from optuna_codeepneat.storages._database import Database
from optuna_codeepneat.storages._database import engine_arguments
from optuna_codeepneat.storages._database import with_driver


@pytest.mark.parametrize(
    ("url", "drivername"),
    [
        ("sqlite:///a.db", "sqlite"),
        ("postgresql://h/d", "postgresql+psycopg"),
        ("postgres://h/d", "postgresql+psycopg"),
        ("postgresql+psycopg2://h/d", "postgresql+psycopg2"),
        ("mysql://h/d", "mysql+pymysql"),
        ("mariadb://h/d", "mysql+pymysql"),
        ("mariadb+mysqldb://h/d", "mysql+mysqldb"),
        ("oracle://h/d", "oracle"),
    ],
)
def test_driver(url: str, drivername: str) -> None:
    assert with_driver(make_url(url)).drivername == drivername


def test_what_the_url_says_goes_first() -> None:
    url = make_url("postgresql+psycopg://h/d?connect_timeout=3")
    arguments = engine_arguments(url, create=True, patience=120)["connect_args"]
    assert "connect_timeout" not in arguments and arguments["keepalives_count"] == 3


class Lossy(sqlite3.Connection):
    """A connection that fails now and then, after it has done what `instead` says."""

    lost = 0

    def commit(self) -> None:
        if Lossy.lost:
            Lossy.lost -= 1
            self.instead()
            raise sqlite3.OperationalError("database is locked")
        super().commit()

    def instead(self) -> None:
        """A commit whose answer is lost."""
        super().commit()


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr("optuna.storages._rdb.storage.random.random", lambda: 0.0)
    arguments = {"connect_args": {"factory": Lossy}}
    yield Database(f"sqlite:///{tmp_path}/study.db", engine_kwargs=arguments)
    Lossy.lost = 0


TEMPLATES: list[dict[str, Any] | None] = [
    None,
    {"state": TrialState.WAITING, "system_attrs": {"fixed_params": {"x": 0.5}}},
    {"state": TrialState.COMPLETE, "value": 1.0, "user_attrs": {"a": [1, {"b": 2}]}},
]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("lost", [1, 2, 6])  # Optuna itself tries five times
def test_trial_is_created_once(
    database: Database, template: dict[str, Any] | None, lost: int
) -> None:
    storage = RetryingStorage(database)
    study_id = storage.create_new_study([StudyDirection.MINIMIZE])
    made = None if template is None else optuna.trial.create_trial(**template)
    Lossy.lost = lost
    first = storage.create_new_trial(study_id, made)
    assert Lossy.lost == 0
    second = storage.create_new_trial(study_id, made)
    trials = storage.get_all_trials(study_id)
    assert [(trial._trial_id, trial.number) for trial in trials] == [(first, 0), (second, 1)]
    assert storage.get_trial(first).state == (made.state if made else TrialState.RUNNING)


def test_key_that_was_given_again_is_not_ours(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that is rolled back leaves its key to that of another process."""
    storage = RetryingStorage(database)
    study_id = storage.create_new_study([StudyDirection.MINIMIZE])
    other = RDBStorage(database.url)
    theirs: list[int] = []

    def instead(connection: sqlite3.Connection) -> None:
        connection.rollback()
        theirs.append(other.create_new_trial(study_id))

    monkeypatch.setattr(Lossy, "instead", instead)
    Lossy.lost = 1
    mine = storage.create_new_trial(study_id)
    assert theirs == [1] and mine == 2
    assert storage.get_n_trials(study_id) == 2


def test_a_trial_starts_when_it_is_created(database: Database) -> None:
    storage = RetryingStorage(database)
    before = datetime.now()
    trial_id = storage.create_new_trial(storage.create_new_study([StudyDirection.MINIMIZE]))
    started = storage.get_trial(trial_id).datetime_start
    assert started is not None and before <= started <= datetime.now()
