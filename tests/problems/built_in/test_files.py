"""What is said where data are not here, and where they are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._files import data_folder


FILES = DataFiles(
    title="Somewhere", folders=("here", "there/raw"), needed=("a*", "b*"), get="take it from X"
)


def test_the_folder_of_all_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("OPTUNA_CODEEPNEAT_DATA", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert data_folder() == tmp_path / ".local/share/optuna-codeepneat"
    monkeypatch.setenv("XDG_DATA_HOME", "/shared")
    assert data_folder() == Path("/shared/optuna-codeepneat")
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", "~/data")
    assert data_folder() == tmp_path / "data"


def test_what_is_missing_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    said = (
        f"take it from X, into '{tmp_path}/here'; the environment variable OPTUNA_CODEEPNEAT_DATA "
        f"names another folder of all data than '{tmp_path}'."
    )
    with pytest.raises(DataError) as caught:
        FILES.find()
    assert str(caught.value) == f"the data of Somewhere are not here: {said}"
    there = tmp_path / "there" / "raw"
    there.mkdir(parents=True)
    (there / "b.gz").touch()
    with pytest.raises(DataError) as caught:
        FILES.find()
    assert str(caught.value) == f"the data of Somewhere are not here ('{there}' has no a*): {said}"
    (there / "a").touch()
    assert FILES.find() == there
