"""Storages that can't be opened, each in one sentence."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import optuna
import pytest

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._storages import default_storage
from optuna_codeepneat.cli._storages import open_storage


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "`--storage` must be a database URL such as .*, got 'nonsense'"),
        ("", "must be a database URL"),
        ("sqlite://", "can't share the storage 'sqlite://'; name a file"),
        ("sqlite:///:memory:", "can't share the storage"),
        ("sqlite:////no/such/folder/study.db", "can't be opened: unable to open database file"),
        ("fancydb://host/study", "names an unknown kind of database"),
        (
            "oracle://me:secret@host/study",
            r"oracle://me:\*\*\*@host/study needs .* '(oracledb|cx_Oracle)'",
        ),
    ],
)
def test_bad_url(url: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        open_storage(url, create=True)


def test_reading_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    with pytest.raises(CommandError, match="there is no study database"):
        open_storage(f"sqlite:///{path}")
    assert not path.exists()


def test_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    path.write_text("# a note, which is no database\n" * 50)
    for create in (True, False):
        with pytest.raises(CommandError, match="can't be opened: file is not a database"):
            open_storage(f"sqlite:///{path}", create=create)


def test_schema_of_a_newer_optuna(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    optuna.create_study(storage=url)
    with sqlite3.connect(tmp_path / "study.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'v99.0.0'")
    with pytest.raises(CommandError, match="can't be used: .* try updating optuna"):
        open_storage(url)


def test_searches_append_to_a_log(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/study.db"
    study = optuna.create_study(storage=open_storage(url, create=True))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    with sqlite3.connect(tmp_path / "study.db") as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    [name] = optuna.get_all_study_names(open_storage(url))
    assert name == study.study_name


@pytest.mark.parametrize(
    ("problem", "url"),
    [
        ("mnist1d", "sqlite:///mnist1d.db"),
        ("my.problems:toy_2", "sqlite:///my.problems-toy_2.db"),
        ("../x:y z", "sqlite:///..-x-y-z.db"),
    ],
)
def test_default_storage_is_a_file_here(problem: str, url: str) -> None:
    assert default_storage(problem) == url
