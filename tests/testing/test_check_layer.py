from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution
from torch import Tensor
from torch import nn
from torch.nn import functional
from torch.utils import flop_counter

from optuna_codeepneat.morphism import Transfer
from optuna_codeepneat.search_space import InheritanceRule
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import register_layer
from optuna_codeepneat.search_space._registry import _REGISTRY
from optuna_codeepneat.testing import check_layer


BUILT_IN = (
    *("conv1d", "separable_conv1d", "lstm", "gru", "conv2d", "separable_conv2d"),
    *("self_attention", "squeeze_excitation", "dense", "dropout", "identity"),
)


def build_gated(shape: Any, genes: Any) -> nn.Module:
    kernel = genes["kernel"]
    conv = nn.Conv1d(shape[0], 2 * genes["width"], kernel, padding=kernel // 2)
    return nn.Sequential(conv, nn.GLU(dim=1))


GATED = Layer(
    name="gated",
    rank=1,
    genes={
        "width": IntDistribution(1, 16),
        "kernel": IntDistribution(1, 5, step=2),
        "norm": CategoricalDistribution(("batch", "none")),
        "residual": CategoricalDistribution((False, True)),
    },
    output_shape=lambda shape, genes: (genes["width"], *shape[1:]),
    num_params=lambda shape, genes: 2 * genes["width"] * (shape[0] * genes["kernel"] + 1),
    macs=lambda shape, genes: 2 * genes["width"] * shape[0] * genes["kernel"] * shape[1],
    build=build_gated,
)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optuna_codeepneat.search_space._registry._REGISTRY", dict(_REGISTRY))


class Stateless(nn.Module):
    """A function as a module."""

    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, input: Tensor) -> Any:
        return self.function(input)


class Gain(nn.Module):
    """A learned factor, to be misused."""

    def __init__(self, function: Callable[[Tensor, Tensor], Tensor], value: float = 1.0) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.full((), value))
        self.function = function

    def forward(self, input: Tensor) -> Tensor:
        return self.function(input, self.gain)


def same_shape(build: Callable[[Any, Any], Any], num_params: int = 0, **changes: Any) -> Layer:
    """A layer whose output looks like its input."""
    layer = Layer(
        name="broken",
        rank=1,
        genes={"k": IntDistribution(1, 3)},
        output_shape=lambda shape, genes: shape,
        num_params=lambda shape, genes: num_params,
        macs=lambda shape, genes: 0,
        build=build,
    )
    return replace(layer, **changes)


def stateless(function: Callable[[Tensor], Any], **changes: Any) -> Layer:
    return same_shape(lambda shape, genes: Stateless(function), **changes)


def gain(function: Callable[[Tensor, Tensor], Tensor], value: float = 1.0) -> Layer:
    return same_shape(lambda shape, genes: Gain(function, value), num_params=1)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_layer_passes(name: str) -> None:
    check_layer(get_layer(name), n_networks=9, seed=3)


def test_a_right_layer_of_a_user_passes_and_leaves_the_global_random_numbers_alone() -> None:
    register_layer(GATED)
    state = torch.get_rng_state()
    check_layer(GATED)
    check_layer(GATED, shapes=[(4, 9)], n_networks=2)
    assert torch.get_rng_state().equal(state)


def test_a_right_sharing_key_passes() -> None:
    layer = register_layer(replace(GATED, sharing_key=lambda shape, genes: shape[0]))
    check_layer(layer, shapes=[(4, 9), (2, 1)], n_networks=6)


class Attention(nn.Module):
    """Every position attends to all, in one head or in several."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.n_heads = n_heads

    def forward(self, input: Tensor) -> Tensor:
        qkv = self.qkv(input.transpose(1, 2)).unflatten(2, (3, self.n_heads, -1))
        heads = functional.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4))
        return heads.transpose(1, 2).flatten(2).transpose(1, 2)


class Attending(nn.MultiheadAttention):
    """The same by torch's own module."""

    def forward(self, input: Tensor) -> Tensor:  # type: ignore[override]
        x = input.transpose(1, 2)
        return super().forward(x, x, x, need_weights=False)[0].transpose(1, 2)


def attention_macs(shape: Any, genes: Any) -> int:
    width, length = shape
    return int(3 * width * width * length + 2 * length * length * width)


ATTENTION = Layer(
    name="attention",
    rank=1,
    genes={"heads": CategoricalDistribution((1, 2))},
    output_shape=lambda shape, genes: shape,
    num_params=lambda shape, genes: 3 * shape[0] ** 2,
    macs=attention_macs,
    build=lambda shape, genes: Attention(shape[0], genes["heads"]),
)


@pytest.mark.parametrize("own", [True, False])
def test_the_honest_cost_of_attention_passes(own: bool) -> None:
    layer = ATTENTION
    if not own:
        layer = replace(
            layer,
            num_params=lambda shape, genes: 4 * shape[0] ** 2,
            macs=lambda shape, genes: attention_macs(shape, genes) + shape[0] ** 2 * shape[1],
            build=lambda shape, genes: Attending(shape[0], 1, bias=False, batch_first=True),
        )
    shapes = [(8, 16), (8, 1), (2, 7)]
    check_layer(register_layer(layer), shapes=shapes, n_networks=6)
    less = replace(layer, macs=lambda shape, genes: layer.macs(shape, genes) - 1)
    with pytest.raises(AssertionError, match="`macs` says .*, but torch counts"):
        check_layer(register_layer(less), shapes=shapes)


def test_torch_can_be_taught_what_it_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = stateless(
        lambda x: x + torch.fft.rfft(x.float()).abs().sum(2, keepdim=True).to(x.dtype),
        macs=lambda shape, genes: shape[0] * shape[1],
    )
    register_layer(layer)
    with pytest.raises(AssertionError, match=r"torch counts 0 .* `torch\S+register_flop_formula`"):
        check_layer(layer, shapes=[(2, 6)])
    monkeypatch.setattr(flop_counter, "flop_registry", dict(flop_counter.flop_registry))
    formula = flop_counter.register_flop_formula(torch.ops.aten._fft_r2c)
    formula(lambda shape, *args, out_shape=None, **kwargs: 2 * math.prod(shape))
    check_layer(layer, shapes=[(2, 6)])


def test_a_message_says_layer_genes_shape_what_is_declared_and_what_torch_gives() -> None:
    layer = replace(
        GATED,
        genes={"width": IntDistribution(2, 2), "kernel": IntDistribution(3, 3)},
        num_params=lambda shape, genes: 2 * genes["width"] * shape[0] * genes["kernel"],
    )
    register_layer(layer)
    with pytest.raises(AssertionError) as caught:
        check_layer(layer, shapes=[(4, 9)])
    assert str(caught.value) == (
        "layer 'gated' with genes {'kernel': 3, 'width': 2} on input (4, 9): `num_params` says "
        "48, but torch counts 52 parameters."
    )


count = iter(range(10**6))
shared = nn.Identity()


def change_genes(shape: Any, genes: Any) -> Any:
    genes["k"] = 7
    return nn.Identity()


BROKEN: dict[str, tuple[Layer, str]] = {
    "macs": (
        replace(GATED, macs=lambda shape, genes: 1),
        r"`macs` says 1, but torch counts [\d,]+ multiply-adds",
    ),
    "shape": (
        replace(GATED, output_shape=lambda shape, genes: (2 * genes["width"], shape[1])),
        r"`output_shape` says \(\d+, \d+\), but torch makes \(2, \d+, \d+\) of a batch of 2\.",
    ),
    "declared rank": (
        same_shape(lambda s, g: nn.Flatten(), output_shape=lambda s, g: (s[0] * s[1],)),
        r"`output_shape` says \(\d+,\), which has 1 dimension\(s\), but the input has 2",
    ),
    "real rank": (
        same_shape(lambda s, g: nn.Flatten()),
        r"`output_shape` says \(8, 16\), but torch makes \(2, 128\)",
    ),
    "sizes that are no int": (
        stateless(lambda x: x, output_shape=lambda s, g: (s[0], s[1] / 1)),
        r"`output_shape` must be a tuple of whole numbers \(int\) from 1, got \(8, 16\.0\)",
    ),
    "size 0": (
        stateless(lambda x: x[..., 1:], output_shape=lambda s, g: (s[0], s[1] - 1)),
        r"on input \(5, 1\): `output_shape` must .* got \(5, 0\)",
    ),
    "negative number of parameters": (
        same_shape(lambda s, g: nn.Identity(), num_params=-1),
        r"`num_params` must be a whole number \(int\) from 0, got -1",
    ),
    "macs of another type": (
        stateless(lambda x: x, macs=lambda s, g: 0.0),
        r"`macs` must be a whole number \(int\) from 0, got 0\.0",
    ),
    "several outputs": (
        stateless(lambda x: (x, x)),
        r"the forward pass must return one tensor, got tuple",
    ),
    "no module": (
        same_shape(lambda s, g: nn.Identity),
        r"`build` must return a torch.nn.Module, got <class",
    ),
    "one module for all": (
        same_shape(lambda s, g: shared),
        r"`build` returns one module twice",
    ),
    "different weights": (
        same_shape(lambda s, g: Gain(torch.mul, float(next(count))), num_params=1),
        r"two calls of `build` under one seed of torch differ in gain;",
    ),
    "changed genes": (
        same_shape(change_genes),
        r"`build` changes its `genes`, to \{'k': 7\}",
    ),
    "changed input": (
        same_shape(lambda s, g: nn.ReLU(inplace=True)),
        r"the forward pass changes its input.*inplace=True",
    ),
    "parameter without gradient": (
        gain(lambda x, gain: x * gain.detach()),
        r"no gradient reaches the parameter `gain`;",
    ),
    "frozen parameter": (
        same_shape(lambda s, g: nn.PReLU().requires_grad_(False), num_params=1),
        r"no gradient reaches the parameter `weight`;",
    ),
    "input without gradient": (
        stateless(lambda x: x.detach()),
        r"no gradient reaches its input",
    ),
    "NaN": (
        stateless(lambda x: x / 0),
        r"the output holds NaN or infinite values",
    ),
    "NaN gradient": (
        # The root has no derivative where the gain starts.
        gain(lambda x, gain: x + gain.sqrt(), value=0.0),
        r"`gain` holds NaN or infinite values after one step of SGD in float32",
    ),
    "bfloat16": (
        gain(lambda x, gain: x * gain.numpy(force=True).item() + gain),
        r"training a network in bfloat16 raised NetworkError: .*[Bb][Ff]loat16",
    ),
    "memory layout": (
        stateless(lambda x: x.view(len(x), -1).view(x.shape)),
        r"training a network in float32 raised NetworkError: .* view size is not compatible",
    ),
    "sizes of 1": (
        same_shape(lambda s, g: nn.InstanceNorm1d(s[0])),
        r"on input \(5, 1\): the forward pass raised ValueError: Expected more than 1 spatial",
    ),
    "evaluation": (
        same_shape(lambda s, g: OnlyTrains()),
        r"evaluating one example raised RuntimeError: not now",
    ),
    "error": (
        same_shape(lambda s, g: nn.Identity(g["width"])),
        r"`build` raised KeyError: 'width'",
    ),
    "import path": (
        same_shape("optuna_codeepneat.nowhere:build"),  # type: ignore[arg-type]
        r"importing 'optuna_codeepneat.nowhere:build' raised ModuleNotFoundError",
    ),
    "sharing key: weights": (
        replace(
            same_shape(lambda s, g: Positions(s), sharing_key=lambda s, g: s[0]),
            num_params=lambda s, g: s[0] * s[1],
        ),
        r"`sharing_key` is the same as for \(8, 33\), but the weights are \[\(8, 16\)\] here and "
        r"\[\(8, 33\)\] there",
    ),
    "sharing key: output": (
        same_shape(lambda s, g: nn.Upsample(s[1:]), sharing_key=lambda s, g: s[0]),
        r"but that core makes \(2, 8, 33\) of a batch of 2, not \(8, 16\)",
    ),
}


class Positions(nn.Module):
    """Adds a learned number to every place."""

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))

    def forward(self, input: Tensor) -> Tensor:
        return input + self.weight


class OnlyTrains(nn.Module):
    def forward(self, input: Tensor) -> Tensor:
        if not self.training:
            raise RuntimeError("not now")
        return input


@pytest.mark.parametrize("defect", BROKEN)
def test_a_defect_is_named(defect: str) -> None:
    layer, message = BROKEN[defect]
    register_layer(layer)
    with pytest.raises(AssertionError) as caught:
        check_layer(layer)
    assert re.match(
        rf"layer '{layer.name}' with genes {{.*}} on input \(.*\): ", str(caught.value)
    )
    assert re.search(message, str(caught.value)), caught.value
    assert "\n" not in str(caught.value)


def test_an_unregistered_layer_is_told_how_to_register() -> None:
    with pytest.raises(AssertionError, match="'gated' is not registered: call `register_layer"):
        check_layer(GATED)


def test_another_layer_under_the_same_name_is_told_so() -> None:
    register_layer(replace(GATED, rank=None))
    with pytest.raises(AssertionError, match="'gated' is not the one that is registered"):
        check_layer(GATED)


@pytest.mark.parametrize("shapes", [[], [(4,)], [(4, 0)]])
def test_shapes_that_make_no_sense_are_refused(shapes: Any) -> None:
    with pytest.raises(ValueError, match="`shapes` must be shapes of rank 1, at least one"):
        check_layer(get_layer("gru"), shapes=shapes)


def test_no_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="`n_networks` must be at least 1, got 0"):
        check_layer(get_layer("gru"), n_networks=0)


# -- inheritance ----------------------------------------------------------------------------------


def transfer_gated(core: Any, weights: Any, transfer: Transfer) -> None:
    """Values and gates are two blocks of rows, with a row of each unit in both."""
    convolution = core[0]
    if convolution.weight.shape[2] != weights["0.weight"].shape[2]:
        return  # another kernel starts afresh
    for name, convert in (("weight", transfer.matrix), ("bias", transfer.vector)):
        fresh, old = getattr(convolution, name).data, weights[f"0.{name}"]
        halves = zip(fresh.chunk(2), old.chunk(2), strict=True)
        fresh.copy_(torch.cat([convert(new, before) for new, before in halves]))


def in_one_block(core: Any, weights: Any, transfer: Transfer) -> None:
    """As if values and gates were one: rows of the gates end among the values."""
    fresh, old = core[0].weight.data, weights["0.weight"]
    n_out, n_in = (min(pair) for pair in zip(fresh.shape[:2], old.shape[:2], strict=True))
    fresh[:, : len(transfer.inputs)] = 0.0
    fresh[:n_out, :n_in] = old[:n_out, :n_in]
    core[0].bias.data[:n_out] = weights["0.bias"][:n_out]


def new_inputs_as_they_come(core: Any, weights: Any, transfer: Transfer) -> None:
    """Forgets that inputs may be new, or in other places."""
    transfer_gated(core, weights, replace(transfer, inheritance="fresh"))


def any_kernel(core: Any, weights: Any, transfer: Transfer) -> None:
    """The first taps of a kernel, and not those in the middle."""
    old, kernel = weights["0.weight"], transfer.genes["kernel"]
    resized = torch.zeros(*old.shape[:2], max(kernel, old.shape[2]))
    resized[:, :, : old.shape[2]] = old
    transfer_gated(core, {**weights, "0.weight": resized[:, :, :kernel]}, transfer)


HEIRS: dict[str, tuple[Layer, str]] = {
    "nothing": (
        replace(GATED, inheritance=InheritanceRule(transfer=lambda core, weights, transfer: None)),
        r"with the same network, `inheritance` says, .* apart; is its `transfer` wrong\?",
    ),
    "blocks of rows": (
        replace(GATED, inheritance=InheritanceRule(transfer=in_one_block)),
        r"with a `width` of \d+, `inheritance` says, .* is its `transfer` wrong\?",
    ),
    "new inputs": (
        replace(GATED, inheritance=InheritanceRule(transfer=new_inputs_as_they_come)),
        r"with (a `width` of \d+|further inputs), `inheritance` says, .* its `transfer` wrong\?",
    ),
    "another kernel": (
        replace(
            GATED,
            inheritance=InheritanceRule(transfer=any_kernel, extends=lambda *arguments: True),
        ),
        r"with the gene `kernel` \d after \d, `inheritance` says, .* is its `extends` wrong\?",
    ),
    "error": (
        replace(
            GATED,
            inheritance=InheritanceRule(transfer=lambda core, weights, transfer: weights["w"]),
        ),
        r"inheriting with the same network raised ValueError: .* at operation '0.0': 'w'",
    ),
    "identity": (
        replace(
            GATED,
            inheritance=InheritanceRule(
                transfer=transfer_gated,
                identity=lambda core, inputs: None,
                passes=lambda genes: True,
            ),
        ),
        r"with an identity between two layers, `inheritance` says, .* is its `identity` wrong\?",
    ),
    "channels": (
        replace(GATED, inheritance=InheritanceRule(keeps_channels=True)),
        r"says that it `keeps_channels`, but of \d+ it makes \d+\.",
    ),
    "transparent": (
        stateless(lambda x: 2 * x, inheritance=InheritanceRule(transparent=True)),
        r"says that the layer is `transparent`, but its output is not its input",
    ),
}


def test_a_layer_that_passes_on_its_weights() -> None:
    check_layer(
        register_layer(replace(GATED, inheritance=InheritanceRule(transfer=transfer_gated)))
    )


@pytest.mark.parametrize("defect", HEIRS)
def test_a_wrong_inheritance_is_named(defect: str) -> None:
    layer, message = HEIRS[defect]
    register_layer(layer)
    with pytest.raises(AssertionError) as caught:
        check_layer(layer)
    assert re.search(message, str(caught.value)), caught.value
    assert "\n" not in str(caught.value)
