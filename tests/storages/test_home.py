from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from optuna_codeepneat.storages import home_of
from optuna_codeepneat.storages import open_storage


def study(storage: str | optuna.storages.BaseStorage, name: str = "x") -> optuna.Study:
    return optuna.create_study(study_name=name, storage=storage, load_if_exists=True)


def journal(path: str) -> JournalStorage:
    return JournalStorage(JournalFileBackend(path))


OPENED: dict[str, Callable[[str], str | optuna.storages.BaseStorage]] = {
    "Optuna's SQLite": lambda path: f"sqlite:///{path}",
    "SQLite": lambda path: open_storage(f"sqlite:///{path}"),
    "Optuna's journal": journal,
    "journal": lambda path: open_storage(f"journal:///{path}"),
}


@pytest.mark.parametrize("opened", OPENED.values(), ids=OPENED)
def test_a_file_is_the_same_for_all_and_a_copy_is_another(
    opened: Callable[[str], str | optuna.storages.BaseStorage], tmp_path: Path
) -> None:
    path = str(tmp_path / "study.file")
    home = home_of(study(opened(path)))
    (tmp_path / "elsewhere").mkdir()
    copied = shutil.copy(path, tmp_path / "copied.file")
    same_name = shutil.copy(path, tmp_path / "elsewhere" / "study.file")
    (tmp_path / "mounted").symlink_to(tmp_path)

    assert len(home) == 12
    assert home_of(study(opened(path))) == home
    assert home_of(study(opened(str(tmp_path / "mounted" / "study.file")))) == home
    others = {home_of(study(opened(str(other)))) for other in (copied, same_name)}
    others.add(home_of(study(opened(path), "y")))
    assert len(others) == 3 and home not in others


def test_studies_in_memory_have_homes_of_their_own() -> None:
    one, other = (optuna.storages.InMemoryStorage() for _ in range(2))

    assert home_of(study(one)) == home_of(study(one))
    assert home_of(study(one)) != home_of(study(other))


def test_a_database_that_was_removed_has_a_home(tmp_path: Path) -> None:
    opened = study(f"sqlite:///{tmp_path}/study.db")
    (tmp_path / "study.db").unlink()

    assert len(home_of(opened)) == 12
