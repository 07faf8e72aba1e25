"""The servers that the other tests rely on: what they hold survives as they say."""

from __future__ import annotations

import optuna
import pytest

from integration_tests.servers import PostgreSQL


def begin(url: str) -> optuna.Study:
    return optuna.create_study(storage=url, study_name="study", load_if_exists=True)


def names(url: str) -> list[str]:
    return optuna.get_all_study_names(url)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_postgresql_comes_back_with_its_data(postgresql: PostgreSQL, end: str) -> None:
    first, second = postgresql.new_database(), postgresql.new_database()
    begin(first).add_trial(optuna.trial.create_trial(value=1.0))
    getattr(postgresql, end)()
    assert not postgresql.is_running
    with pytest.raises(Exception, match="refused"):
        names(first)
    postgresql.start()
    assert [trial.value for trial in begin(first).trials] == [1.0]
    begin(second)
    assert begin(second).trials == []
