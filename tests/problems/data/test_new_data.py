"""New examples for a network that is there, read from files and folders of each kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Preprocessing
from optuna_codeepneat.problems._data import read_new_data


NAMED = {"task": "classification", "name": "kind", "classes": ["01", "2"]}
UNNAMED = {"task": "classification", "name": None, "classes": ["no", "yes"]}
AGE = {"name": "age", "mean": 40.0, "std": 10.0, "fill": 40.0}


def preprocessing(outputs: dict[str, Any], **inputs: Any) -> Preprocessing:
    described = {"kind": "table", "columns": [AGE], **inputs}
    return Preprocessing.from_json({"format": 1, "inputs": described, "outputs": outputs})


TEXTS = {"kind": "text", "unit": "words", "length": 3, "vocabulary": ["good"]}


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_a_table_has_the_columns_that_the_network_was_made_for(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "age,kind,no,yes,other\n30,01,0,1,1.5\n50,2,1,0,2.5\n")
    named = read_new_data(path, preprocessing(NAMED))
    assert named.answers == ["01", "2"]
    assert named.raw["age"].tolist() == [30, 50]
    assert named.place(1) == "a.csv, line 3"
    one_hot = read_new_data(path, preprocessing(UNNAMED))
    assert one_hot.answers.tolist() == [[0, 1], [1, 0]]
    several = {"task": "regression", "names": ["age", "other"], "mean": [0, 0], "std": [1, 1]}
    assert read_new_data(path, preprocessing(several)).answers.tolist() == [[30, 1.5], [50, 2.5]]
    labels = preprocessing({"task": "labels", "labels": ["yes", "no"]})
    assert read_new_data(path, labels).answers.tolist() == [[1, 0], [0, 1]]
    assert read_new_data(path, preprocessing(UNNAMED), ["other"]).answers == ["1.5", "2.5"]


def test_texts_come_from_their_column_or_the_only_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "text,kind,more\nso good,2,x\nbad,01,y\n")
    column = preprocessing(NAMED, **TEXTS, name="more")
    assert read_new_data(path, column).raw == ["x", "y"]
    unknown = preprocessing(NAMED, **TEXTS, name=None)
    with pytest.raises(DataError, match="one column beside the target; it has 2"):
        read_new_data(path, unknown)
    path = written(tmp_path / "b.csv", "text,kind\nso good,2\nbad,01\n")
    assert read_new_data(path, unknown).raw == ["so good", "bad"]


def test_arrays_keep_their_parts(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    x, y = np.arange(24.0).reshape(6, 4), np.arange(6) % 2
    np.savez(path, x_train=x[:4], y_train=y[:4], x_test=x[4:], y_test=y[4:])
    new = read_new_data(path, None)
    learnt, judges = new.divided(new.answers, 0.5, seed=0)
    assert (learnt.tolist(), judges.tolist()) == ([0, 1, 2, 3], [4, 5])
    assert new.place(4) == "a.npz, example 4"
    np.savez(path, x=x, y=y)
    learnt, judges = read_new_data(path, None).divided(y, 0.34, seed=0)
    assert len(learnt) == 4 and sorted(y[judges]) == [0, 1]


@pytest.mark.parametrize(
    ("outputs", "target", "said"),
    [
        ({**NAMED, "name": "kinds"}, [], "no column 'kinds' for the target .* closest is 'kind'"),
        (UNNAMED, [], "come from no column that has a name; name the target"),
        (NAMED, ["x"], "no column 'x' for the target"),
    ],
)
def test_a_column_that_is_not_there_is_one_sentence(
    tmp_path: Path, outputs: dict[str, Any], target: list[str], said: str
) -> None:
    path = written(tmp_path / "a.csv", "age,kind\n30,01\n")
    with pytest.raises(DataError, match=said):
        read_new_data(path, preprocessing(outputs), target)


def test_data_of_another_kind_are_one_sentence(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "age,kind\n30,01\n")
    images = preprocessing(
        NAMED, kind="images", size=[8, 8], mode="L", mean=[0.5], std=[0.5], columns=None
    )
    for made, where, target, said in [
        (None, path, [], "can't be read as an .npz file"),
        (None, path, ["kind"], "the network reads arrays"),
        (images, path, [], "no column of .* names images"),
        (images, tmp_path, [], "has no sub-folders"),
        (images, tmp_path, ["kind"], "the network reads a folder of images"),
        (preprocessing(NAMED), tmp_path / "b.csv", [], "there is no file"),
    ]:
        with pytest.raises(DataError, match=said):
            read_new_data(where, made, target)
