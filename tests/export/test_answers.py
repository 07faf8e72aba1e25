from __future__ import annotations

import numpy as np
import pytest
import torch

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.export._answers import answers_of
from optuna_codeepneat.export._answers import plain_inputs
from tests.export.networks import PRESETS


NUMBERS = PRESETS["conv1d"].smallest()  # (2, 11)
TOKENS = PRESETS["text"].smallest()  # 5 of 9


def test_arrays_are_read_as_they_are() -> None:
    array = np.arange(44).reshape(2, 2, 11)
    read = plain_inputs(array, NUMBERS)
    assert read.dtype == torch.float32
    assert np.array_equal(read.numpy(), array)
    assert plain_inputs(array[0], NUMBERS).shape == (1, 2, 11)
    assert plain_inputs(torch.zeros(3, 2, 11, dtype=torch.float64), NUMBERS).shape == (3, 2, 11)
    tokens = plain_inputs([[1, 2, 3, 4, 8]], TOKENS)
    assert tokens.dtype == torch.int64


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (np.zeros((3, 2, 12)), r"reads arrays \(examples, 2, 11\), got \(3, 2, 12\)"),
        (np.array(["a"]), "must be arrays of numbers, got <U1"),
        ([[1.0], [1.0, 2.0]], "must all have one shape"),
        (np.full((2, 2, 11), [[[0.0]], [[np.nan]]]), "example 1 holds NaN"),
        (np.float64(1.0), r"got \(\)"),
    ],
)
def test_other_arrays_are_one_sentence(raw: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        plain_inputs(raw, NUMBERS)


def test_tokens_are_whole_and_known() -> None:
    with pytest.raises(DataError, match="whole numbers, got float64"):
        plain_inputs(np.zeros((1, 5)), TOKENS)
    with pytest.raises(DataError, match="example 1 holds a token that is not from 0 to 8"):
        plain_inputs([[0, 1, 2, 3, 4], [0, 1, 2, 3, 9]], TOKENS)


def test_outputs_mean_what_the_task_says() -> None:
    outputs = torch.tensor([[0.0, 2.0], [3.0, -1.0]])
    [first, second] = answers_of(outputs, "classification", ["no", "yes"])
    assert (first["class"], second["class"]) == ("yes", "no")
    assert first["probability"] == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert sum(first["probabilities"].values()) == pytest.approx(1.0)
    assert answers_of(outputs, "classification", [])[0]["class"] == 1
    assert answers_of(outputs, "labels", ["a", "b"])[1]["labels"] == ["a"]
    assert answers_of(outputs, None, [])[0] == {"values": {"0": 0.0, "1": 2.0}}
    assert answers_of(outputs[:, 1:], "regression", []) == [{"value": 2.0}, {"value": -1.0}]
