"""Cores of the built-in layers: identities, other kernels, other directions, other kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from optuna_codeepneat.morphism import Transfer
from optuna_codeepneat.morphism._cores import identity_conv
from optuna_codeepneat.morphism._cores import identity_dense
from optuna_codeepneat.morphism._cores import identity_separable_conv
from optuna_codeepneat.morphism._cores import transfer_conv
from optuna_codeepneat.morphism._cores import transfer_recurrent
from optuna_codeepneat.morphism._cores import transfer_self_attention
from optuna_codeepneat.morphism._cores import transfer_separable_conv
from optuna_codeepneat.morphism._cores import transfer_squeeze_excitation
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space._layer import resolve
from optuna_codeepneat.training import seeded


IMAGE = (3, 6, 5)
GENES: Mapping[str, Any] = {
    "width": 4,
    "kernel": 3,
    "dilation": 1,
    "stride": 1,
    "norm": "none",
    "activation": "linear",
    "initializer": "he",
    "bidirectional": False,
    "heads": 3,
    "head_size": 4,
    "reduction": 2,
}


def core(kind: str, shape: tuple[int, ...], seed: int = 0, **genes: Any) -> nn.Module:
    layer = get_layer(kind)
    own = {name: value for name, value in {**GENES, **genes}.items() if name in layer.genes}
    with seeded(seed):
        built: nn.Module = resolve(layer.build)(shape, own)
    return built


def transfer(shape: tuple[int, ...], kind: str, was: dict[str, Any], **genes: Any) -> Transfer:
    """A transfer with the same channels."""
    width = {**GENES, **genes}["width"]
    now, before = {**GENES, **genes}, {**GENES, **was}
    return Transfer(range(shape[0]), range(width), shape, now, kind, shape, before)


@pytest.mark.parametrize("inputs", [[0, 1, 2], [2, 0], [1]])
def test_an_identity_passes_on_the_inputs_that_are_named(inputs: list[int]) -> None:
    n = len(inputs)
    dense = core("dense", (3,))
    identity_dense(dense, inputs)  # type: ignore[arg-type]
    vectors = torch.randn(5, 3)
    assert torch.equal(dense(vectors)[:, :n], vectors[:, inputs])
    images = torch.randn(5, *IMAGE)
    for kind, identity in (
        ("conv2d", identity_conv),
        ("separable_conv2d", identity_separable_conv),
    ):
        for kernel in (1, 3, 5):
            convolution = core(kind, IMAGE, kernel=kernel)
            identity(convolution, inputs)  # type: ignore[operator]
            assert torch.equal(convolution(images)[:, :n], images[:, inputs])


@pytest.mark.parametrize(
    ("was", "genes"),
    [
        ({"kernel": 3}, {"kernel": 5}),
        ({"kernel": 1}, {"kernel": 3, "dilation": 2}),
        ({"kernel": 3, "dilation": 2}, {"kernel": 5}),  # read at the distances -2, 0 and 2
    ],
)
@pytest.mark.parametrize("kind", ["conv2d", "separable_conv2d"])
def test_a_kernel_that_reads_further_computes_the_same(
    kind: str, was: dict[str, Any], genes: dict[str, Any]
) -> None:
    old, new = core(kind, IMAGE, 1, **was), core(kind, IMAGE, 2, **genes)
    carry = transfer_conv if kind == "conv2d" else transfer_separable_conv
    carry(new, old.state_dict(), transfer(IMAGE, kind, was, **genes))  # type: ignore[operator]
    images = torch.randn(4, *IMAGE)
    torch.testing.assert_close(new(images), old(images), rtol=0, atol=1e-5)
    rule = get_layer(kind).inheritance
    assert rule is not None and rule.extends is not None
    assert rule.extends(IMAGE, {**GENES, **genes}, kind, IMAGE, {**GENES, **was})
    assert not rule.extends(IMAGE, {**GENES, **was}, kind, IMAGE, {**GENES, **genes})


def test_a_smaller_kernel_keeps_the_middle() -> None:
    old, new = core("conv2d", IMAGE, 1, kernel=5), core("conv2d", IMAGE, 2, kernel=3)
    transfer_conv(new, old.state_dict(), transfer(IMAGE, "conv2d", {"kernel": 5}))  # type: ignore[arg-type]
    assert torch.equal(new.weight, old.weight[:, :, 1:4, 1:4])  # type: ignore[index]


def test_a_separable_convolution_is_a_special_dense_one() -> None:
    old, new = core("separable_conv2d", IMAGE, 1), core("conv2d", IMAGE, 2)
    transfer_conv(new, old.state_dict(), transfer(IMAGE, "separable_conv2d", {}))  # type: ignore[arg-type]
    images = torch.randn(4, *IMAGE)
    torch.testing.assert_close(new(images), old(images), rtol=0, atol=1e-5)


def test_the_nearest_separable_convolution() -> None:
    """Of one that is separable it is the same; of any other it is nearer than nothing."""
    separable, dense = core("separable_conv2d", IMAGE, 1), core("conv2d", IMAGE, 2)
    images = torch.randn(64, *IMAGE)
    transfer_conv(dense, separable.state_dict(), transfer(IMAGE, "separable_conv2d", {}))  # type: ignore[arg-type]
    again = core("separable_conv2d", IMAGE, 3)
    transfer_separable_conv(again, dense.state_dict(), transfer(IMAGE, "conv2d", {}))  # type: ignore[arg-type]
    torch.testing.assert_close(again(images), separable(images), rtol=0, atol=1e-5)
    other = core("conv2d", IMAGE, 4)
    transfer_separable_conv(again, other.state_dict(), transfer(IMAGE, "conv2d", {}))  # type: ignore[arg-type]
    assert (again(images) - other(images)).square().mean() < other(images).square().mean()


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_states_of_an_ancestor_read_no_new_state(kind: str) -> None:
    shape = (3, 7)
    old = core(kind, shape, 1, width=4)
    new = core(kind, shape, 2, width=6, bidirectional=True)
    genes = {**GENES, "width": 6, "bidirectional": True}
    units = [0, 1, 2, 3, -1, -1, *[-1] * 6]
    how = Transfer(range(3), units, shape, genes, kind, shape, {**GENES, "width": 4})
    recurrent = next(m for m in new.modules() if isinstance(m, nn.RNNBase))
    before = next(m for m in old.modules() if isinstance(m, nn.RNNBase))
    transfer_recurrent(recurrent, before.state_dict(), how)
    sequences = torch.randn(5, *shape)
    torch.testing.assert_close(new(sequences)[:, :4], old(sequences), rtol=0, atol=1e-6)


def test_of_fewer_heads_those_stay_that_are_read() -> None:
    """So a head that nobody reads can go without a trace."""
    shape = (3, 7)
    old, new = core("self_attention", shape, 1), core("self_attention", shape, 2, heads=2)
    old.write.weight.data[:, 4:8] = 0.0  # type: ignore[index,union-attr]
    how = transfer(shape, "self_attention", {}, heads=2)
    transfer_self_attention(new, old.state_dict(), how)  # type: ignore[arg-type]
    sequences = torch.randn(5, *shape)
    torch.testing.assert_close(new(sequences), old(sequences), rtol=0, atol=1e-5)


def test_smaller_heads_keep_their_fastest_pairs() -> None:
    shape = (3, 7)
    old, new = core("self_attention", shape, 1), core("self_attention", shape, 2, head_size=2)
    blocks = old.read.weight.data.view(3, 3, 4, 3)  # type: ignore[operator,union-attr]
    blocks[:, :, 2:] = 0.0
    how = transfer(shape, "self_attention", {}, head_size=2)
    transfer_self_attention(new, old.state_dict(), how)  # type: ignore[arg-type]
    sequences = torch.randn(5, *shape)
    torch.testing.assert_close(new(sequences), old(sequences), rtol=0, atol=1e-5)


@pytest.mark.parametrize("inheritance", ["noisy", "fresh"])
def test_a_new_head_is_read_at_once_where_it_shall(inheritance: Any) -> None:
    shape = (3, 7)
    old, new = core("self_attention", shape, 1), core("self_attention", shape, 2, heads=4)
    fresh = new.write.weight.data[:, 12:].clone()  # type: ignore[index,union-attr]
    how = replace(transfer(shape, "self_attention", {}, heads=4), inheritance=inheritance)
    transfer_self_attention(new, old.state_dict(), how)  # type: ignore[arg-type]
    kept = new.write.weight.data[:, 12:]  # type: ignore[index,union-attr]
    torch.testing.assert_close(kept, fresh * (1.0 if inheritance == "fresh" else 0.02))


def test_of_fewer_numbers_between_those_stay_that_are_read() -> None:
    shape = (6, 7)
    old, new = (
        core("squeeze_excitation", shape, seed, reduction=reduction)
        for seed, reduction in ((1, 2), (2, 3))
    )
    old.excite.weight.data[:, 1] = 0.0  # type: ignore[index,union-attr]
    wide = {"width": 6, "reduction": 2}
    how = transfer(shape, "squeeze_excitation", wide, width=6, reduction=3)
    transfer_squeeze_excitation(new, old.state_dict(), how)  # type: ignore[arg-type]
    sequences = torch.randn(5, *shape)
    torch.testing.assert_close(new(sequences), old(sequences), rtol=0, atol=1e-6)
