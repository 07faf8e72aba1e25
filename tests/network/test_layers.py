from __future__ import annotations

from math import sqrt
from typing import Any

import pytest
import torch
from torch import nn

from optuna_codeepneat.network import _layers
from optuna_codeepneat.network._layout import as_image


GENES = {
    "width": 64,
    "kernel": 3,
    "dilation": 1,
    "stride": 1,
    "norm": "batch",
    "initializer": "he",
}


@pytest.mark.parametrize(
    ("shape", "weight"), [((8, 20), (64, 8, 1, 3)), ((8, 9, 9), (64, 8, 3, 3))]
)
def test_the_rank_of_a_convolution_comes_from_the_shape(
    shape: tuple[int, ...], weight: tuple[int, ...]
) -> None:
    conv = _layers.build_conv(shape, GENES)
    assert conv.weight.shape == weight
    assert conv(as_image(torch.randn(2, *shape))).squeeze(2).shape == (2, 64, *shape[1:])


def test_a_kernel_is_cut_to_the_map() -> None:
    genes = {**GENES, "kernel": 7, "dilation": 4}
    conv = _layers.build_conv((8, 20, 5), genes)
    assert conv.kernel_size == (7, 3)
    assert conv.padding == (12, 4)


def test_a_separable_convolution_is_depthwise_then_pointwise() -> None:
    network = _layers.build_separable_conv((8, 20), {**GENES, "norm": "none", "stride": 2})
    depthwise, pointwise = network.depthwise, network.pointwise
    assert (depthwise.groups, depthwise.stride, depthwise.bias) == (8, (1, 2), None)
    assert pointwise.weight.shape == (64, 8)
    assert pointwise.bias is not None
    x = as_image(torch.randn(2, 8, 20))
    torch.testing.assert_close(network(x), pointwise(depthwise(x)))
    assert network(x).shape == (2, 64, 1, 10)


@pytest.mark.parametrize("build", ["build_conv", "build_separable_conv", "build_dense"])
def test_there_is_a_bias_only_without_normalisation(build: str) -> None:
    shape = (8,) if build == "build_dense" else (8, 20)
    for norm in ("none", "batch"):
        network = getattr(_layers, build)(shape, {**GENES, "norm": norm})
        biases = [p for name, p in network.named_parameters() if name.endswith("bias")]
        assert len(biases) == (norm == "none")
        assert all(bias.count_nonzero() == 0 for bias in biases)


@pytest.mark.parametrize("shape", [(32,), (32, 20), (32, 9, 9)])
def test_initializers(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    build: Any = _layers.build_dense if len(shape) == 1 else _layers.build_conv
    fan_in = build(shape, GENES).weight[0].numel()
    fan_out = 64 * fan_in // 32
    he = build(shape, GENES).weight
    assert he.std().item() == pytest.approx(sqrt(2 / fan_in), rel=0.1)
    glorot = build(shape, {**GENES, "initializer": "glorot"}).weight
    bound = sqrt(6 / (fan_in + fan_out))
    assert glorot.abs().max().item() == pytest.approx(bound, rel=0.1)
    assert glorot.std().item() == pytest.approx(bound / sqrt(3), rel=0.1)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_recurrent_layers_are_those_of_torch(kind: str, bidirectional: bool) -> None:
    genes = {"width": 6, "bidirectional": bidirectional}
    layer = getattr(_layers, f"build_{kind}")((4, 9), genes)
    known = getattr(nn, kind.upper())(4, 6, batch_first=True, bidirectional=bidirectional)
    known.load_state_dict(layer.state_dict())
    x = torch.randn(3, 4, 9)
    expected = known(x.transpose(1, 2))[0].transpose(1, 2)
    torch.testing.assert_close(layer(x), expected)
    assert layer(x).shape == (3, 12 if bidirectional else 6, 9)


def test_identity() -> None:
    x = torch.randn(2, 3)
    assert _layers.build_identity((3,), {})(x) is x
