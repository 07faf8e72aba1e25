from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest

from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import cross_entropy
from optuna_codeepneat.training import fit


torch = pytest.importorskip("torch")
F = torch.nn.functional


def test_cross_entropy_of_an_undecided_network() -> None:
    loss = cross_entropy(torch.zeros(5, 4), torch.tensor([0, 1, 2, 3, 0]))

    assert float(loss) == pytest.approx(math.log(4))


def test_label_smoothing_makes_certainty_costly() -> None:
    outputs, targets = 50.0 * torch.eye(3), torch.arange(3)

    assert float(cross_entropy(outputs, targets)) == pytest.approx(0.0, abs=1e-6)
    assert float(cross_entropy(outputs, targets, 0.3)) == pytest.approx(0.3 * 50 * 2 / 3)


def test_cross_entropy_of_probabilities() -> None:
    outputs = torch.eye(3)

    assert float(cross_entropy(outputs, torch.eye(3))) == pytest.approx(
        float(cross_entropy(outputs, torch.arange(3)))
    )


@pytest.mark.parametrize(
    ("outputs", "targets", "shapes"),
    [
        ((4, 2), (4, 1), r"\(4, 2\) and \(4, 1\)"),
        ((4,), (4,), r"\(4,\) and \(4,\)"),
        ((4, 2), (3,), r"\(4, 2\) and \(3,\)"),
        ((4, 2, 5), (4, 5), r"\(4, 2, 5\) and \(4, 5\)"),
    ],
)
def test_cross_entropy_looks_at_shapes(outputs: Any, targets: Any, shapes: str) -> None:
    with pytest.raises(ValueError, match=rf"with class numbers \(batch,\), got {shapes}\."):
        cross_entropy(torch.zeros(outputs), torch.zeros(targets, dtype=torch.long))


# -- losses that know of label smoothing, and others -------------------------------------------


def positional(outputs: Any, targets: Any, eps: float) -> Any:
    return outputs.mean() + eps


def by_name(
    outputs: Any, targets: Any, weight: Any = None, *, label_smoothing: float = 0.0
) -> Any:
    return outputs.mean() + label_smoothing


def any_number(*arguments: Any) -> Any:
    return arguments[0].mean() + arguments[2]


def trained(loss: Any, label_smoothing: float, **changes: Any) -> float:
    """The loss of a single step, before which all outputs are 0."""
    network = torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(network.weight)
    torch.nn.init.zeros_(network.bias)
    data = Examples(torch.ones(6, 1), torch.full((6, 1), 2.0))
    recipe = Recipe(steps=1, label_smoothing=label_smoothing, **changes)
    return fit(network, data, recipe, loss=loss).loss


@pytest.mark.parametrize("loss", [positional, by_name, any_number, lambda a, b, c: a.mean() + c])
def test_a_loss_that_smooths_labels_is_told_how_much(loss: Any) -> None:
    assert trained(loss, 0.25) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("loss", "value"),
    [
        (F.mse_loss, 4.0),  # whose third argument turns the mean into a sum
        (F.smooth_l1_loss, 1.5),
        (F.huber_loss, 1.5),
        (torch.nn.MSELoss(), 4.0),
        (partial(F.mse_loss, reduction="mean"), 4.0),
        (lambda outputs, targets: F.mse_loss(outputs, targets), 4.0),
    ],
)
def test_a_loss_that_smooths_no_labels_is_told_nothing(loss: Any, value: float) -> None:
    assert trained(loss, 0.0) == pytest.approx(value)
    with pytest.raises(ValueError, match=r"takes no label smoothing, and the recipe has .*=0\.1`"):
        trained(loss, 0.1)
