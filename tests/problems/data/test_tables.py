"""Tables are read from files and from memory, and what is wrong with them has its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems._data import read_table


pandas = pytest.importorskip("pandas")


def people(n: int = 80) -> Any:
    rng = np.random.default_rng(0)
    return pandas.DataFrame(
        {
            "name": [f"person {i}" for i in range(n)],
            "age": rng.integers(18, 90, n),
            "city": rng.choice(["Oslo", "Rome", "Bern"], n),
            "born": pandas.date_range("1950-01-01", periods=n),
            "species": "human",
            "grown": rng.choice([True, False], n),
            "nothing": [None] * n,
            "income": rng.normal(50.0, 9.0, n),
        }
    )


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_files_are_read_alike(tmp_path: Path, suffix: str) -> None:
    frame, path = people(), tmp_path / f"people{suffix}"
    if suffix == ".parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(path)
    else:
        frame.to_csv(path, sep="\t" if suffix == ".tsv" else ";", index=False)

    table = read_table(path)

    assert table.names == list(frame.columns) and len(table) == 80
    assert table.column("age", "the target") == frame["age"].tolist()
    assert table.place(3) == f"people{suffix}, {'row 3' if suffix == '.parquet' else 'line 5'}"


def test_tables_in_memory(tmp_path: Path) -> None:
    frame = people()
    for data in (frame, frame.to_dict("list"), frame.to_dict("records")):
        table = read_table(data)
        assert table.column("city", "the target") == frame["city"].tolist()
        assert table.place(3) == "row 3"


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    path = tmp_path / "gaps.csv"
    path.write_text("a,t\n1,x\n\n2,\n\n")

    table = read_table(path)

    assert len(table) == 2
    assert table.place(1) == "gaps.csv, line 4"
    path.write_text('a,t\n"two\nlines",x\n2,y\n')
    assert read_table(path).place(1) == "gaps.csv, row 1"  # as its line is not known


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "empty.csv' is empty"),
        ("head.csv", b"a,b\n", "has no rows"),
        ("blank.csv", b"a,b\n,\n", "has no rows"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3\n", "Expected 2 fields in line 3, saw 3"),
        ("latin.csv", b"a,b\n\xe9t\xe9,2\n", "is no text in UTF-8"),
        ("broken.parquet", b"PAR1 not", "can't be read as a table"),
        ("table.xlsx", b"PK", "its name must end with .csv"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_table(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no file .*lost.csv"):
        read_table(tmp_path / "lost.csv")


# -- what networks read of them ----------------------------------------------------------------


def test_columns_of_numbers_and_of_categories() -> None:
    frame = people()
    frame.loc[4, "age"] = np.nan
    frame.loc[5, "city"] = None

    problem = Problem.from_table(frame, target="income")

    preprocessing = problem.preprocessing
    assert preprocessing is not None
    inputs = preprocessing.inputs(frame)
    assert inputs.shape == (80, 1 + 4 + 3) and problem.space.input_shape == (8,)
    assert float(inputs.isfinite().all()) == 1.0
    assert inputs[5, 1:5].tolist() == [0, 0, 0, 1]
    train = problem.load().train.inputs
    assert abs(float(train[:, 0].mean())) < 0.2
    said = problem.findings["inputs"]
    assert said.startswith("1 column of numbers and 2 columns of categories, 8 features; left out")
    for name, why in {
        "name": "different texts",
        "born": "dates",
        "species": "always the same",
        "nothing": "empty",
    }.items():
        assert f"{name} ({why}" in said or (name == "name" and why in said)


def test_columns_may_be_chosen_and_dropped() -> None:
    frame = people()

    def features(**choice: Any) -> int:
        return Problem.from_table(frame, target="income", **choice).space.input_shape[0]

    assert features(columns=["age"]) == 1
    assert features(drop="city") == 4
    assert features(drop=["city", "age"]) == 3
    assert features(group="age") == 7  # by which rows are divided, no network reads


def test_many_categories_are_cut_to_the_frequent_ones() -> None:
    names = [f"c{i % 60:02}" for i in range(600)] + ["c00"] * 10
    frame = pandas.DataFrame({"city": names, "t": ["x", "y"] * 305})

    assert Problem.from_table(frame, target="t").space.input_shape == (51,)


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, {"target": "incom"}, "no column 'incom' for the target; the closest is 'income'"),
        ({}, {"target": "INCOME"}, "the closest is 'income'"),
        ({}, {"target": "income", "split": "part"}, "no column 'part' for the split; there are"),
        ({}, {"target": "income", "drop": "cty"}, "no column 'cty' for the inputs"),
        (
            {"age": np.inf},
            {"target": "income"},
            "row 0 has an infinite number in the column 'age'",
        ),
        (
            {},
            {"target": "income", "columns": ["name"]},
            "no column of the table can be used: name ",
        ),
        ({}, {"target": "income", "columns": ["income"]}, "no columns beside the target"),
        ({"income": np.nan}, {"target": "income"}, "row 0 has no target 'income'"),
        ({}, {"target": "name"}, "the target 'name' holds 80 different texts in 80 examples"),
    ],
)
def test_tables_that_do_not_do(change: dict[str, Any], options: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        Problem.from_table(people().assign(**change), **options)


def test_a_class_that_is_only_in_the_test_set(tmp_path: Path) -> None:
    frame = people().assign(part=["train"] * 60 + ["test"] * 20)
    frame.loc[70, "city"] = "Paris"
    frame.to_csv(tmp_path / "people.csv", index=False)

    with pytest.raises(
        DataError, match=r"'Paris' is among the test examples \(people.csv, line 72"
    ):
        Problem.from_table(tmp_path / "people.csv", target="city", split="part")


def test_labels_are_several_columns() -> None:
    frame = people().assign(red=[0, 1] * 40, round=[1, 1, 0, 0] * 20)

    problem = Problem.from_table(frame, target=["red", "round"])

    assert problem.metric_names == ("auroc", "num_params")
    assert problem.load().train.targets.shape[1] == 2
    assert problem.preprocessing is not None
    answer = problem.preprocessing.answers([[5.0, -5.0]])[0]
    assert answer["labels"] == ["red"]
