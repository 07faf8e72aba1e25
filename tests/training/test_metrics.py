from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat.exceptions import CoDeepNEATError
from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import accuracy
from optuna_codeepneat.training import evaluate
from optuna_codeepneat.training import predict


torch = pytest.importorskip("torch")


def test_accuracy() -> None:
    outputs = torch.tensor([[2.0, 1.0], [0.0, 1.0], [3.0, 4.0], [9.0, 0.0]])

    assert accuracy(outputs, torch.tensor([0, 1, 0, 0])) == 0.75


@pytest.mark.parametrize("targets", [(4, 1), (4, 2), (2,), (1,), ()])
def test_accuracy_looks_at_shapes(targets: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"class numbers \(examples,\), got \(4, 2\) and \("):
        accuracy(torch.zeros(4, 2), torch.zeros(targets, dtype=torch.long))
    with pytest.raises(ValueError, match=r"got \(4,\) and \(4,\)"):
        accuracy(torch.zeros(4), torch.zeros(4))


@pytest.mark.parametrize("training", [False, True])
def test_prediction_is_in_evaluation_mode_and_leaves_the_mode(training: bool) -> None:
    network = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Dropout(0.9))
    network.train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    inputs = torch.rand(7, 3)

    outputs = predict(network, inputs)

    assert torch.allclose(outputs, inputs, atol=1e-4)
    assert network.training is training
    assert not outputs.requires_grad
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("batch_size", [1, 3, 7, 100])
def test_batches_do_not_matter(batch_size: int) -> None:
    network, inputs = torch.nn.Linear(4, 2), torch.rand(7, 4)

    outputs = predict(network, inputs, batch_size=batch_size)

    assert torch.allclose(outputs, network(inputs), atol=1e-6)


def test_the_mode_is_restored_after_an_error() -> None:
    network = torch.nn.Linear(4, 2)

    with pytest.raises(RuntimeError):
        predict(network, torch.rand(7, 5))

    assert network.training


def test_evaluate_applies_any_metric_to_all_examples_at_once() -> None:
    data = Examples(torch.arange(6.0).reshape(6, 1), torch.zeros(6))
    calls: list[tuple[Any, ...]] = []

    def largest(outputs: Any, targets: Any) -> float:
        calls.append((outputs.shape, targets.shape))
        return float(outputs.max())

    assert evaluate(torch.nn.Identity(), data, largest, batch_size=2) == 5.0
    assert calls == [((6, 1), (6,))]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_outputs_that_are_not_finite(value: float) -> None:
    data = Examples(torch.tensor([[1.0, value]]), torch.tensor([0]))

    with pytest.raises(NetworkDivergedError, match="diverged: its outputs are not finite") as info:
        evaluate(torch.nn.Identity(), data)

    assert isinstance(info.value, CoDeepNEATError)
    assert isinstance(info.value, ValueError)


def test_batch_size_is_checked() -> None:
    with pytest.raises(ValueError, match="`batch_size` must be at least 1, got 0"):
        predict(torch.nn.Identity(), torch.rand(2, 2), batch_size=0)


@pytest.mark.parametrize("returned", [torch.zeros(3), None, "good"])
def test_a_metric_is_one_number(returned: Any) -> None:
    def strange(outputs: Any, targets: Any) -> Any:
        return returned

    data = Examples(torch.eye(3), torch.tensor([0, 1, 2]))
    with pytest.raises(ValueError, match="the metric 'strange' must return one number, got"):
        evaluate(torch.nn.Identity(), data, strange)
