from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from optuna_codeepneat.network import _cell
from optuna_codeepneat.network._cell import Cell
from optuna_codeepneat.network._cell import Residual
from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._parts import Conv
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space._layer import ACTIVATIONS


def cell(core: nn.Module, shape: tuple[int, ...], out: tuple[int, ...], **genes: Any) -> Cell:
    operation = Operation("0.0", "mine", ("in",), (shape,), out, Genes(genes), "A")
    return Cell(operation, core, out)


@pytest.mark.parametrize("norm", ["none", "batch"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_normalisation_then_activation(activation: str, norm: str) -> None:
    conv = Conv(3, 5, [3])
    network = cell(conv, (3, 8), (5, 8), activation=activation, norm=norm)
    x = as_image(torch.randn(4, 3, 8)).requires_grad_()
    expected = conv(x)
    if norm == "batch":
        expected = F.batch_norm(expected, None, None, training=True)
    if activation != "linear":
        expected = getattr(torch, activation, getattr(F, activation, None))(expected)
    out = network(x)
    torch.testing.assert_close(out, expected)
    gradients = [torch.autograd.grad(y.square().sum(), conv.weight)[0] for y in (out, expected)]
    torch.testing.assert_close(*gradients, atol=1e-4, rtol=1e-4)


def test_dropout_is_active_in_training_alone() -> None:
    network = cell(nn.Identity(), (50,), (50,), dropout=0.5)
    x = torch.ones(10, 50)
    assert set(network(x).unique().tolist()) == {0.0, 2.0}
    assert torch.equal(network.eval()(x), x)


@pytest.mark.parametrize(
    ("genes", "is_identity"),
    [
        ({}, True),
        ({"dropout": 0.0, "activation": "linear", "norm": "none", "residual": False}, True),
        ({"dropout": 0.1}, False),
        ({"activation": "relu"}, False),
        ({"norm": "batch"}, False),
        ({"residual": True}, False),
    ],
)
def test_a_cell_that_does_nothing_knows_it(genes: dict[str, Any], is_identity: bool) -> None:
    assert cell(nn.Identity(), (3,), (3,), **genes).is_identity == is_identity
    assert not cell(nn.Linear(3, 3), (3,), (3,), **genes).is_identity


def test_residual_sum() -> None:
    linear = nn.Linear(3, 3)
    network = cell(linear, (3,), (3,), residual=True)
    x = torch.randn(4, 3)
    torch.testing.assert_close(network(x), x + _cell.RESIDUAL_SCALE * linear(x))
    assert [name for name, _ in network.residual.named_parameters()] == ["scale"]
    with torch.no_grad():
        network.residual.scale.zero_()
    assert torch.equal(network(x), x)


def test_a_residual_sum_projects_and_pools_its_input() -> None:
    residual = Residual((3, 8), (5, 4))
    x, y = torch.randn(2, 3, 1, 8), torch.randn(2, 5, 1, 4)
    pooled = F.max_pool1d(x.squeeze(2), 2)
    projected = torch.einsum("oc,bcl->bol", residual.projection.weight, pooled).unsqueeze(2)
    torch.testing.assert_close(residual(x, y), projected + y)


def test_a_residual_sum_pools_an_output_that_grew() -> None:
    residual = Residual((3, 4), (3, 8))
    x, y = torch.randn(2, 3, 1, 4), torch.randn(2, 3, 1, 8)
    torch.testing.assert_close(residual(x, y), x + F.max_pool2d(y, (1, 2)))


def test_a_core_of_the_users_own_sees_sequences() -> None:
    class Reverse(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape == (2, 3, 8)
            return x.flip(2)

    x = torch.randn(2, 3, 8)
    out = cell(Reverse(), (3, 8), (3, 8), norm="none")(as_image(x))
    assert torch.equal(out.squeeze(2), x.flip(2))
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_a_wrong_shape_of_a_core_is_refused() -> None:
    network = cell(nn.Linear(3, 4), (3,), (5,))
    with pytest.raises(ValueError, match=r"returned \(4,\), but its `output_shape` says \(5,\)"):
        network(torch.randn(2, 3))


def test_repr_tells_layer_and_shapes() -> None:
    assert "mine: 3x8 -> 5x8" in repr(cell(Conv(3, 5, [3]), (3, 8), (5, 8)))
