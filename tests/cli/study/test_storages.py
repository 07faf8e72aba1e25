"""Storages as the command names them."""

from __future__ import annotations

from pathlib import Path

import optuna
import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._study._storages import open_storage
from optuna_codeepneat.storages import RetryingStorage


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "`--storage`: 'nonsense' is no URL of a storage, such as sqlite:///study.db"),
        ("sqlite://", "can't share the storage 'sqlite://'; name a file"),
        ("sqlite:////no/such/folder/study.db", "can't be opened: unable to open database file"),
    ],
)
def test_bad_url(url: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        open_storage(url, create=True)


@pytest.mark.parametrize("scheme", ["sqlite", "journal"])
def test_reading_makes_no_file(scheme: str, tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    with pytest.raises(CommandError, match="there is no study database .* search` makes one"):
        open_storage(f"{scheme}:///{path}")
    assert not path.exists()


def test_those_who_run_trials_say_that_they_are_alive(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    for create in (True, False):
        storage = open_storage(url, create=create)
        assert isinstance(storage, RetryingStorage)
        assert (storage.get_heartbeat_interval() is not None) == create
    assert optuna.get_all_study_names(storage) == []
