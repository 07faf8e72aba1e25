"""What `predict` reads, and how it prints answers."""

from __future__ import annotations

import csv
import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands._predict import _sources
from optuna_codeepneat.export import ModelCard
from optuna_codeepneat.export import load_network
from optuna_codeepneat.export import save_network
from optuna_codeepneat.problems import Preprocessing
from tests.export.networks import trained


def exported(space: SearchSpace, inputs: dict[str, Any] | None, outputs: dict[str, Any]) -> None:
    """An exported network in the folder "net"."""
    described = {"format": 1, "inputs": inputs, "outputs": outputs}
    preprocessing = None if inputs is None else Preprocessing.from_json(described)
    architecture = space.smallest()
    card = ModelCard(name="net", task=outputs["task"])
    save_network(
        "net", trained(architecture), architecture, preprocessing=preprocessing, card=card
    )


CLASSES = {"task": "classification", "name": None, "classes": ["no", "yes"]}
DENSE = SearchSpace.dense(input_shape=(4,), num_outputs=2)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def predicted(capsys: pytest.CaptureFixture[str], *inputs: str) -> list[str]:
    status = main(["predict", "net", *inputs])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out.splitlines()


def refused(capsys: pytest.CaptureFixture[str], said: str, *inputs: str) -> None:
    status = main(["predict", "net", *inputs])
    out, err = capsys.readouterr()
    assert status in (1, 2) and not out
    assert said in err
    assert err.startswith("Error: ") and err.count("\n") == 1


def test_arrays(capsys: pytest.CaptureFixture[str]) -> None:
    exported(DENSE, None, {"task": "classification"})
    array = np.arange(12.0).reshape(3, 4)
    np.save("a.npy", array)
    np.savez("b.npz", x=array[:1], y=np.zeros(1))
    np.savez("c.npz", only=array[1:2])
    Path("d.csv").write_text("a,b,c,d\n0,1,2,3\n4,5,6,7\n\n")
    np.save("e.npy", array[2])
    lines = predicted(capsys, "a.npy", "b.npz", "c.npz", "d.csv", "e.npy")
    rows = [line.split() for line in lines]
    assert rows[0] == ["example", "class", "probability"]
    assert [row[0] for row in rows[1:]] == [
        *("a.npy:0", "a.npy:1", "a.npy:2", "b.npz:0", "c.npz:0", "d.csv:0", "d.csv:1", "e.npy"),
    ]
    answers = [row[1:] for row in rows[1:]]
    assert answers[3] == answers[5] == answers[0]
    assert answers[4] == answers[6] == answers[1]
    assert answers[7] == answers[2]


def test_answers_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    exported(DENSE, None, {"task": "classification"})
    np.save("a.npy", np.ones((2, 4)))
    table = list(csv.DictReader(io.StringIO("\n".join(predicted(capsys, "a.npy", "--csv")))))
    assert [row["example"] for row in table] == ["a.npy:0", "a.npy:1"]
    said = [json.loads(line) for line in predicted(capsys, "a.npy", "--json")]
    assert said[0].keys() == {"example", "class", "probability", "probabilities"}
    assert said[0]["probability"] == pytest.approx(float(table[0]["probability"]), abs=1e-3)
    refused(capsys, "either `--csv` or `--json`", "a.npy", "--csv", "--json")


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    columns = [
        {"name": "age", "mean": 40.0, "std": 10.0, "fill": 40.0},
        {"name": "city", "categories": ["Oslo", "Rome"]},
    ]
    exported(DENSE, {"kind": "table", "columns": columns}, CLASSES)
    Path("t.csv").write_text("﻿city,age,more\nRome,50,x\n,,y\n", encoding="utf-8")
    rows = [line.split() for line in predicted(capsys, "t.csv")]
    assert [row[0] for row in rows] == ["example", "t.csv:2", "t.csv:3"]
    assert {row[1] for row in rows[1:]} <= {"no", "yes"}
    Path("u.csv").write_text("age,town\n1,Rome\n")
    refused(capsys, "u.csv: there is no column 'city'", "u.csv")
    Path("v.csv").write_text("age,city\nold,Rome\n")
    refused(capsys, "v.csv: ", "v.csv")
    Path("w.csv").write_text("age,city\n1,Rome,3\n")
    refused(capsys, "the rows of 'w.csv' have more cells than its first line has names", "w.csv")
    Path("x.csv").write_text("age,city\n")
    refused(capsys, "'x.csv' has no rows", "x.csv")
    Path("y.csv").write_bytes(b"\xff\xfe\x00")
    refused(capsys, "'y.csv' is no text in UTF-8", "y.csv")
    refused(capsys, "there is no file 'z.csv'", "z.csv")
    refused(capsys, "there is no file 'z.xlsx'", "z.xlsx")


def test_tables_are_read_as_a_search_reads_them(capsys: pytest.CaptureFixture[str]) -> None:
    """With any delimiter, and the same cells missing."""
    pandas = pytest.importorskip("pandas")
    columns = [
        {"name": "age", "mean": 40.0, "std": 10.0, "fill": 40.0},
        {"name": "is_new", "categories": ["False", "True"]},
    ]
    exported(DENSE, {"kind": "table", "columns": columns}, CLASSES)
    Path("t.csv").write_text("age;is_new\nNA;TRUE\n50;false\n")
    Path("t.tsv").write_text("age\tis_new\n\tTrue\n50\tFalse\n")
    pandas.DataFrame({"age": [None, 50.0], "is_new": [True, False]}).to_parquet("t.parquet")
    answers = [
        [line.split()[1:] for line in predicted(capsys, f"t.{suffix}")[1:]]
        for suffix in ("csv", "tsv", "parquet")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 2 and answers[0][0] != answers[0][1]


def test_codes_that_look_like_numbers_are_the_texts_that_they_were(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    path, reader = tmp_path / "t.csv", {"name": "zip", "categories": ["01", "1", "A3"]}
    exported(DENSE, {"kind": "table", "columns": [reader]}, CLASSES)
    path.write_text("zip\n01\n1\n")
    loaded = load_network("net")
    [source] = _sources([str(path)], loaded)
    assert loaded.inputs(source.raw).tolist() == [[1, 0, 0, 0], [0, 1, 0, 0]]


def test_images(capsys: pytest.CaptureFixture[str]) -> None:
    image = pytest.importorskip("PIL.Image")
    space = SearchSpace.conv2d(input_shape=(1, 6, 6), num_outputs=2)
    reader = {"kind": "images", "size": [6, 6], "mode": "L", "mean": [0.5], "std": [0.25]}
    exported(space, reader, CLASSES)
    Path("pets", "deep").mkdir(parents=True)
    for name in ("pets/b.png", "pets/deep/a.JPG", "c.png"):
        image.fromarray(np.full((9, 7, 3), 100, dtype=np.uint8)).save(name)
    Path("pets", "notes.txt").write_text("no image")
    Path("pets", "._b.png").write_text("a note of macOS")
    rows = [line.split()[0] for line in predicted(capsys, "pets", "c.png")]
    assert rows == ["example", "pets/b.png", "pets/deep/a.JPG", "c.png"]
    refused(capsys, "there is no image 'd.png'", "d.png")
    Path("empty").mkdir()
    refused(capsys, "the folder 'empty' holds no images", "empty")


def test_texts(capsys: pytest.CaptureFixture[str]) -> None:
    space = SearchSpace.sequence(input_shape=(4, 5), num_outputs=2, vocab_size=4)
    reader = {"kind": "text", "unit": "words", "vocabulary": ["good", "bad"], "length": 5}
    exported(space, {**reader, "name": None}, CLASSES)
    Path("t.txt").write_text("good\n\nbad bad\n")
    rows = [line.split()[0] for line in predicted(capsys, "t.txt", "good good")]
    assert rows == ["example", "t.txt:1", "t.txt:3", "good"]
    refused(capsys, "there is no file 'u.txt'", "u.txt")
    assert len(predicted(capsys, "good " * 200)) == 2  # longer than a file's name may be


def test_texts_of_the_column_that_a_search_read(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    space = SearchSpace.sequence(input_shape=(4, 5), num_outputs=2, vocab_size=4)
    reader = {"kind": "text", "unit": "words", "vocabulary": ["good", "bad"], "length": 5}
    exported(space, {**reader, "name": "review"}, CLASSES)
    Path("t.csv").write_text('film,review\n1,"good, very"\n2,bad\n')
    Path("t.txt").write_text("good, very\nbad\n")
    lines, rows = ([x.split() for x in predicted(capsys, t)] for t in ("t.txt", "t.csv"))
    assert [row[0] for row in rows] == ["example", "t.csv:2", "t.csv:3"]
    assert [row[1:] for row in rows] == [line[1:] for line in lines]
    Path("u.csv").write_text("film,text\n1,good\n")
    refused(capsys, "there is no column 'review' for the texts in u.csv", "u.csv")


def test_numbers_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    outputs = {"task": "regression", "names": ["x", "y"], "mean": [0.0, 1.0], "std": [1.0, 2.0]}
    reader = {"kind": "arrays", "shape": [4], "layout": "as_is", "mean": [0.0] * 4, "std": [1] * 4}
    exported(DENSE, reader, outputs)
    np.save("a.npy", np.ones((2, 4)))
    assert predicted(capsys, "a.npy")[0].split() == ["example", "x", "y"]


def test_what_is_no_array_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    exported(DENSE, None, {"task": "classification"})
    np.save("wide.npy", np.ones((2, 5)))
    Path("bad.npy").write_bytes(b"nothing")
    Path("pickled.npy").write_bytes(pickle.dumps([1, 2]))
    Path("words.csv").write_text("a,b\n1,c\n")
    np.savez("many.npz", a=np.ones(1), b=np.ones(1))
    for file, said in [
        ("wide.npy", "wide.npy: the network reads arrays (examples, 4), got (2, 5)."),
        ("bad.npy", "'bad.npy' holds no array of numbers"),
        ("pickled.npy", "'pickled.npy' holds no array of numbers"),
        ("words.csv", "'words.csv' holds no array of numbers"),
        ("many.npz", "of its arrays a, b none is called 'inputs' or 'x'"),
        ("none.npy", "there is no file 'none.npy'"),
        ("net/README.md", "the network reads arrays: *.npy, *.npz or *.csv"),
    ]:
        refused(capsys, said, file)
    refused(capsys, "`--device`: ", "wide.npy", "--device", "abacus")


def test_what_is_no_network(capsys: pytest.CaptureFixture[str]) -> None:
    refused(capsys, "'net' is no exported network: there is no such directory", "a.npy")
