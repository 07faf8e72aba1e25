"""What is to be learnt, guessed from the values, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._splitting import by_chance
from optuna_codeepneat.problems._data._targets import RawTarget
from optuna_codeepneat.problems._data._targets import read_target
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget


def place(i: int) -> str:
    return f"row {i}"


def read(
    *columns: list[Any], task: Any = None, names: list[str | None] | None = None
) -> RawTarget:
    return read_target(columns, names or [None] * len(columns), task=task, place=place)


@pytest.mark.parametrize(
    ("column", "task", "why"),
    [
        (["b", "a"] * 9, "classification", "text"),
        ([True, False] * 9, "classification", "true or false"),
        ([0, 1, 2] * 9, "classification", "3 different integers"),
        ([0.0, 1.0] * 9, "classification", "2 different integers"),  # a column with gaps had them
        ([1.0, 2.0, 3.0] * 9, "regression", "3 different integers"),
        (list(range(100)) * 20, "classification", "all integers up to 99"),
        (list(range(100)), "regression", "100 different integers"),
        ([7 * i for i in range(100)] * 20, "regression", "100 different integers"),
        ([0.5, 1.0] * 9, "regression", "2 different numbers"),
    ],
)
def test_the_task_is_guessed_and_said(column: list[Any], task: str, why: str) -> None:
    target = read(column)

    assert target.task == task
    assert why in target.in_words


def test_several_columns_are_labels_or_numbers() -> None:
    labels = read([1, 0, 1], [0, 0, 1], names=["red", "round"])
    numbers = read([1, 0, 2], [0, 0, 1])

    assert (labels.task, labels.names) == ("labels", ("red", "round"))
    assert labels.values.tolist() == [[1, 0], [0, 0], [1, 1]]
    assert (numbers.task, numbers.names) == ("regression", ("0", "1"))
    assert read([1.0, 0.0], [0.0, 1.0]).task == "regression"


def test_a_task_that_is_given_is_kept() -> None:
    assert read([0, 1] * 9, task="regression").values[:2].tolist() == [[0.0], [1.0]]
    assert read(["1.5", "2"] * 9, task="regression").values[0, 0] == 1.5
    assert read([0.5, 1.0] * 9, task="classification").names == ("0.5", "1")
    one_hot = read([1, 0, 0], [0, 1, 1], task="classification", names=["cat", "dog"])
    assert (one_hot.names, one_hot.values.tolist()) == (("cat", "dog"), [0, 1, 1])
    assert read([1, 0] * 9, task="labels").values.shape == (18, 1)


def test_classes_keep_their_names_and_their_order() -> None:
    target = read([10, 9, 10, 9.0], task="classification", names=["kind"])
    fitted, values = target.fitted(by_chance(target.strata, **_shares()), place)

    assert fitted == ClassTarget(classes=(9, 10), name="kind")
    assert values.tolist() == [1, 0, 1, 0]
    assert read(["a", 1, "a", 1], task="classification").names == ("1", "a")


def test_numbers_are_learnt_on_the_scale_of_the_training_examples() -> None:
    numbers = np.random.default_rng(0).normal(100.0, 5.0, 90)
    target = read(numbers.tolist(), names=["price"])
    split = by_chance(target.strata, **_shares())

    fitted, values = target.fitted(split, place)

    assert isinstance(fitted, NumberTarget) and fitted.names == ("price",)
    assert values.dtype == np.float32 and values.shape == (90, 1)
    assert abs(values[split.train].mean()) < 1e-5
    assert abs(values[split.train].std() - 1.0) < 1e-5
    assert fitted.decode(values)[:, 0] == pytest.approx(numbers, rel=1e-5)


def test_labels_are_learnt_as_they_are() -> None:
    target = read([1, 0] * 9, [1, 1] * 9)
    fitted, values = target.fitted(by_chance(target.strata, **_shares()), place)

    assert fitted == LabelTarget(labels=("0", "1"))
    assert values.dtype == np.float32


@pytest.mark.parametrize(
    ("columns", "task", "said"),
    [
        ([["a", None, "b"]], None, "row 1 has no target; fill it"),
        ([[1.5, float("nan")]], None, "row 1 has no target"),
        ([["a", " "]], None, "row 1 has no target"),
        ([[1.5, float("inf")]], None, "row 1 has a target that is infinite"),
        ([["a", "a"]], None, "only one class, 'a'"),
        ([[f"name {i}" for i in range(30)]], None, "30 different texts in 30 examples"),
        ([["a", "b"], ["c", "d"]], None, "several targets must be numbers"),
        ([["a", "b"]], "regression", "row 0 has the target 'a', and the task 'regression'"),
        ([[0, 2], [0, 1]], "labels", "row 1 has a label that is neither 0 nor 1"),
        ([[0, 1], [0, 0]], None, "no example has the label '1'"),
        ([[1, 1], [0, 1]], "classification", "row 1 is not of exactly one class"),
    ],
)
def test_targets_that_nothing_can_be_learnt_of(
    columns: list[list[Any]], task: Any, said: str
) -> None:
    with pytest.raises(DataError, match=said):
        read(*columns, task=task)


def _shares() -> dict[str, Any]:
    return {"validation": 0.2, "test": 0.2, "seed": 0, "how": ""}
