from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from optuna_codeepneat.training import accuracy
from optuna_codeepneat.training import measured


def answers(n_right: int, n: int) -> tuple[torch.Tensor, torch.Tensor]:
    right = torch.arange(n) < n_right
    return torch.eye(2)[(~right).long()], torch.zeros(n, dtype=torch.long)


@given(n=st.integers(1, 300), data=st.data())
def test_an_accuracy_has_the_interval_of_wilson(n: int, data: st.DataObject) -> None:
    n_right = data.draw(st.integers(0, n))
    result = measured(*answers(n_right, n))
    expected = binomtest(n_right, n).proportion_ci(0.95, method="wilson")
    assert (result.score, result.n_examples) == (n_right / n, n)
    assert result.low == pytest.approx(expected.low, abs=1e-12)
    assert result.high == pytest.approx(expected.high, abs=1e-12)
    assert result.low is not None and result.high is not None
    assert 0 <= result.low <= result.score <= result.high <= 1


def squared_error(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    return float((outputs[:, 0] - targets).square().mean())


def test_the_bootstrap_of_a_mean_is_as_wide_as_its_standard_error_says() -> None:
    targets = torch.randn(400, generator=torch.Generator().manual_seed(1))
    outputs = torch.zeros(400, 1)
    result = measured(outputs, targets, squared_error)
    error = float(targets.square().std()) / math.sqrt(400)
    assert result.low is not None and result.high is not None
    assert result.low < result.score < result.high
    assert (result.high - result.low) / 2 == pytest.approx(1.96 * error, rel=0.15)
    assert measured(outputs, targets, squared_error) == result


def test_the_bootstrap_of_an_accuracy_is_near_to_wilson() -> None:
    outputs, targets = answers(320, 400)
    exact = measured(outputs, targets)
    resampled = measured(outputs, targets, lambda *given: accuracy(*given))
    assert resampled.low == pytest.approx(exact.low, abs=0.01)
    assert resampled.high == pytest.approx(exact.high, abs=0.01)


def test_a_metric_that_needs_each_class_may_have_no_interval() -> None:
    def needs_both(outputs: torch.Tensor, targets: torch.Tensor) -> float:
        if len(set(targets.tolist())) < 2:
            raise ValueError("only one class")
        return 0.5

    result = measured(torch.zeros(3, 1), torch.tensor([0, 1, 1]), needs_both)
    assert (result.score, result.low, result.high, result.n_examples) == (0.5, None, None, 3)


def test_a_metric_has_to_return_a_number() -> None:
    with pytest.raises(ValueError, match="must return one number"):
        measured(torch.zeros(3, 1), torch.zeros(3), lambda outputs, targets: outputs)
