from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export._files import replaced


def write(folder: Path, text: str = "new") -> None:
    (folder / "config.json").write_text(json.dumps({"made_by": "optuna-codeepneat"}))
    (folder / "README.md").write_text(text)


def test_a_directory_appears_when_all_is_written(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "there"
    with replaced(target) as folder:
        write(folder)
        assert not target.exists()
    assert (target / "README.md").read_text() == "new"
    assert os.listdir(target.parent) == ["there"]
    beside = tmp_path / "beside"
    beside.mkdir()
    assert target.stat().st_mode == beside.stat().st_mode


def test_an_exported_network_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "there"
    for text in ("old", "new"):
        with replaced(target) as folder:
            write(folder, text)
    assert (target / "README.md").read_text() == "new"
    assert os.listdir(tmp_path) == ["there"]


def test_what_fails_leaves_all_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "there"
    with replaced(target) as folder:
        write(folder, "old")
    with pytest.raises(KeyboardInterrupt), replaced(target) as folder:
        write(folder)
        raise KeyboardInterrupt
    assert (target / "README.md").read_text() == "old"
    assert os.listdir(tmp_path) == ["there"]


def test_something_else_is_left_alone(tmp_path: Path) -> None:
    empty, file, mine, foreign = (tmp_path / name for name in ("empty", "file", "mine", "foreign"))
    empty.mkdir()
    with replaced(empty) as folder:
        write(folder)
    file.write_text("text")
    mine.mkdir()
    (mine / "thesis.tex").write_text("text")
    foreign.mkdir()
    (foreign / "config.json").write_text('{"model_type": "bert"}')
    for target, said in [
        (file, "is there already and no directory"),
        (mine, "holds something else than an exported network"),
        (foreign, "holds something else than an exported network"),
    ]:
        with pytest.raises(ExportError, match=said), replaced(target):
            raise AssertionError("begun")
    (empty / "notes.txt").write_text("text")
    with pytest.raises(ExportError, match="but also 'notes.txt', which would be lost"):
        with replaced(empty):
            raise AssertionError("begun")
    assert sorted(os.listdir(tmp_path)) == ["empty", "file", "foreign", "mine"]


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(ExportError, match="can't be written: "):
        with replaced(tmp_path / "file" / "there"):
            raise AssertionError("begun")
