"""Answers to new examples, encoded by a target that is there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data import encoded_answers
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget


COLOURS = ClassTarget(classes=("blue", "red"))
FLAGS = ClassTarget(classes=(False, True))
YEARS = ClassTarget(classes=(2019, 2027))
LABELS = LabelTarget(labels=("a", "b"))
PRICE = NumberTarget(names=("price",), mean=(100.0,), std=(10.0,))


def encoded(target: Any, *columns: list[Any]) -> np.ndarray[Any, Any]:
    return encoded_answers(columns, target, place=lambda i: f"row {i}")


def test_classes_are_known_by_their_names_however_a_file_has_them() -> None:
    assert encoded(COLOURS, ["red", " blue "]).tolist() == [1, 0]
    assert encoded(FLAGS, ["True", np.bool_(False)]).tolist() == [1, 0]
    assert encoded(YEARS, [2027.0, "2019", np.int64(2027)]).tolist() == [1, 0, 1]
    assert encoded(COLOURS, [0, 1], [1, 0]).tolist() == [1, 0]
    assert encoded(COLOURS, ["red"]).dtype == np.int64


def test_numbers_are_on_the_scale_that_the_network_learnt() -> None:
    assert encoded(PRICE, [110, "90"]).tolist() == [[1.0], [-1.0]]
    assert encoded(PRICE, [110]).dtype == np.float32


def test_labels_may_be_rare_here() -> None:
    assert encoded(LABELS, [0, 1], [0, 0]).tolist() == [[0.0, 0.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("target", "columns", "said"),
    [
        (COLOURS, [["red", "read"]], "^row 1 is of the class 'read', .* the closest is 'red'"),
        (FLAGS, [[0]], "^row 0 is of the class '0'"),
        (PRICE, [[1.0, np.nan]], "^row 1 has no target"),
        (PRICE, [[np.inf]], "^row 0 has a target that is infinite"),
        (PRICE, [["dear"]], "^row 0 has the target 'dear'"),
        (LABELS, [[0, 1]], "has 2 outputs, and 1 target of each example is given"),
        (LABELS, [[0, 1], [0, 2]], "^row 1 has a label that is neither 0 nor 1"),
        (COLOURS, [[1], [1]], "^row 0 is not of exactly one class"),
    ],
)
def test_what_is_not_known_is_one_sentence(target: Any, columns: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        encoded(target, *columns)
