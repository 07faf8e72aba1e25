"""What networks read of tables: columns of numbers and of categories, and what is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem
from tests.problems.data.test_tables import people


pandas = pytest.importorskip("pandas")
pytest.importorskip("torch")


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


def test_missing_numbers_are_filled_and_said(tmp_path: Path) -> None:
    frame = people().assign(income=np.arange(80.0))
    frame.loc[[4, 9], "age"] = np.nan
    frame.to_csv(tmp_path / "people.csv", index=False)

    problem = Problem.from_table(tmp_path / "people.csv", target="income")

    assert (
        "; 2 missing numbers, such as in people.csv, line 6, filled by the median of the column"
    ) in problem.findings["inputs"]
    assert bool(problem.load().train.inputs.isfinite().all())


def test_labels_are_several_columns() -> None:
    frame = people().assign(red=[0, 1] * 40, round=[1, 1, 0, 0] * 20)

    problem = Problem.from_table(frame, target=["red", "round"])

    assert problem.metric_names == ("auroc", "num_params")
    assert problem.load().train.targets.shape[1] == 2
    assert problem.preprocessing is not None
    answer = problem.preprocessing.answers([[5.0, -5.0]])[0]
    assert answer["labels"] == ["red"]
