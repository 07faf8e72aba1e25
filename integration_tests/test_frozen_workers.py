"""Workers that freeze, as a machine that swaps freezes them: others go on, and nothing is lost."""

from __future__ import annotations


import optuna
import pytest
from optuna.trial import TrialState

from integration_tests.servers import MariaDB
from integration_tests.servers import PostgreSQL
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_storage
from tests.frozen import Frozen


IN_TRANSACTION = """
import os, signal, sys
import optuna, sqlalchemy
from optuna_codeepneat.storages import _database, open_storage
_database._IDLE_SECONDS = 2
awake = [True]
def execute(connection, cursor, statement, *_):
    if statement.startswith("INSERT INTO trials ") and awake.pop():
        awake.append(False)
        os.kill(os.getpid(), signal.SIGSTOP)
study = optuna.load_study(study_name="study", storage=open_storage(sys.argv[1]))
sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", execute)
study.tell(study.ask(), 1.0)
"""
"""A process that freezes while it has the study locked, and has nothing to say to the server."""


@pytest.fixture(params=["postgresql", "mariadb_server"])
def url(request: pytest.FixtureRequest) -> str:
    server: PostgreSQL | MariaDB = request.getfixturevalue(request.param)
    return server.new_database()


def test_what_a_frozen_worker_has_locked_is_freed(url: str) -> None:
    study = optuna.create_study(storage=open_storage(url), study_name="study")
    with Frozen(IN_TRANSACTION, url) as worker:
        for _ in range(3):
            study.tell(study.ask(), 0.0)
        assert worker.go_on() == 0, worker.said
    for seen in (study, optuna.load_study(study_name="study", storage=open_storage(url))):
        assert [trial.state for trial in seen.trials] == [TrialState.COMPLETE] * 4
        assert [trial.value for trial in seen.trials] == [0.0, 0.0, 0.0, 1.0]


def test_patience_with_a_frozen_worker_ends(url: str) -> None:
    storage = open_storage(url, patience=1)
    study = optuna.create_study(storage=storage, study_name="study")
    with Frozen(IN_TRANSACTION.replace("= 2", "= 600"), url) as worker:
        with pytest.raises(StorageError, match="away for 1 seconds: .*[Ll]ock.* timeout"):
            study.ask()
        assert worker.go_on() == 0, worker.said
    assert study.ask().number == 1
