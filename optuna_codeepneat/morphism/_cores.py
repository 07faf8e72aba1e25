"""How the weights of each built-in layer pass to a descendant (`InheritanceRule.transfer`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.morphism._transfer import Transfer
from optuna_codeepneat.morphism._transfer import Weights
from optuna_codeepneat.morphism._transfer import keep_of
from optuna_codeepneat.morphism._transfer import picked
from optuna_codeepneat.network import Conv
from optuna_codeepneat.network import SelfAttention
from optuna_codeepneat.network import SeparableConv
from optuna_codeepneat.network import SqueezeExcitation
from optuna_codeepneat.search_space import taps


def transfer_dense(core: nn.Linear, weights: Weights, transfer: Transfer) -> None:
    """A fully connected layer."""
    _fill(core.weight, transfer.matrix(core.weight.data, weights["weight"]))
    _fill_bias(core.bias, weights.get("bias"), transfer)


def transfer_conv(core: Conv, weights: Weights, transfer: Transfer) -> None:
    """A convolution, from one of another kernel or from a depthwise separable one (exact)."""
    if "depthwise.weight" in weights:
        # Reading each channel, then mixing them, is a convolution of rank 1 in each channel.
        depthwise, pointwise = weights["depthwise.weight"], weights["pointwise.weight"]
        old = pointwise[:, :, None, None] * depthwise.movedim(1, 0)
        bias = weights.get("pointwise.bias")
    else:
        old, bias = weights["weight"], weights.get("bias")
    old = _retapped(old, transfer)
    _fill(core.weight, transfer.matrix(core.weight.data, old))
    _fill_bias(core.bias, bias, transfer)


def transfer_separable_conv(core: SeparableConv, weights: Weights, transfer: Transfer) -> None:
    """A depthwise separable convolution, from one or from a dense one (approximate)."""
    depthwise, pointwise = core.depthwise, core.pointwise
    assert isinstance(depthwise, Conv) and isinstance(pointwise, nn.Linear)
    if "weight" in weights:
        old_depthwise, old_pointwise = _separated(weights["weight"])
        bias = weights.get("bias")
    else:
        old_depthwise = weights["depthwise.weight"]
        old_pointwise = weights["pointwise.weight"]
        bias = weights.get("pointwise.bias")
    old_depthwise = _retapped(old_depthwise, transfer)
    _fill(depthwise.weight, picked(depthwise.weight.data, old_depthwise, transfer.inputs))
    _fill(pointwise.weight, transfer.matrix(pointwise.weight.data, old_pointwise))
    _fill_bias(pointwise.bias, bias, transfer)


def transfer_recurrent(core: nn.RNNBase, weights: Weights, transfer: Transfer) -> None:
    """An LSTM or a GRU: gate by gate, direction by direction.

    States of the ancestor read neither new inputs nor new states.
    """
    width, was = int(transfer.genes["width"]), int(transfer.parent_genes["width"])
    # The same units of both directions; those of the first say which.
    units = [unit if unit < was else -1 for unit in transfer.units[:width]]
    for name, parameter in core.named_parameters():
        if name not in weights:
            continue  # another direction
        fresh, old = parameter.data, weights[name]
        gates = fresh.shape[0] // width
        inputs = units if name.startswith("weight_hh") else transfer.inputs
        one_gate = replace(transfer, inputs=inputs, units=units)
        convert = one_gate.vector if fresh.ndim == 1 else one_gate.matrix
        pairs = zip(fresh.chunk(gates), old.chunk(gates), strict=True)
        _fill(parameter, torch.cat([convert(new, before) for new, before in pairs]))


def transfer_self_attention(core: SelfAttention, weights: Weights, transfer: Transfer) -> None:
    """Attention, head by head: nobody reads what new ones find.

    Of fewer heads those stay whose outputs have the largest weights (Michel et al. 2019, in the
    manner of Li et al. 2017).
    """
    size, was = core.head_size, int(transfer.parent_genes["head_size"])
    write = weights["write.weight"]
    heads = _kept(write.abs().sum(0).view(-1, was).sum(1), core.heads)
    places = [(head, channel) for head in heads for channel in range(size)]
    inner = [
        head * was + channel if head >= 0 and channel < was else -1 for head, channel in places
    ]
    fresh, old = core.read.weight.data.chunk(3), weights["read.weight"].chunk(3)
    convert = replace(transfer, units=inner).matrix
    query, key, value = (convert(new, before) for new, before in zip(fresh, old, strict=True))
    # Scores are divided by the root of a head's size; its new channels have no part in them.
    query[[place >= 0 for place in inner]] *= (size / was) ** 0.5
    query[[head >= 0 and channel >= was for head, channel in places]] *= keep_of(
        transfer.inheritance
    )
    _fill(core.read.weight, torch.cat([query, key, value]))
    _fill(core.write.weight, replace(transfer, inputs=inner).matrix(core.write.weight.data, write))
    _fill_bias(core.write.bias, weights.get("write.bias"), transfer)


def transfer_squeeze_excitation(
    core: SqueezeExcitation, weights: Weights, transfer: Transfer
) -> None:
    """Squeeze and excitation; nobody reads new numbers between the two."""
    squeeze, excite = weights["squeeze.weight"], weights["excite.weight"]
    between = _kept(excite.abs().sum(0), core.squeeze.out_features)
    reads, writes = replace(transfer, units=between), replace(transfer, inputs=between)
    _fill(core.squeeze.weight, reads.matrix(core.squeeze.weight.data, squeeze))
    _fill_bias(core.squeeze.bias, weights["squeeze.bias"], reads)
    _fill(core.excite.weight, writes.matrix(core.excite.weight.data, excite))
    _fill_bias(core.excite.bias, weights["excite.bias"], writes)


def identity_dense(core: nn.Linear | Conv, inputs: Sequence[int]) -> None:
    """Passes on these inputs as the first outputs."""
    n = len(inputs)
    place = [torch.arange(n), torch.as_tensor(inputs)]
    place += [torch.tensor(size // 2) for size in core.weight.shape[2:]]  # the middle of a kernel
    core.weight.data[:n] = 0.0
    core.weight.data[tuple(place)] = 1.0
    if core.bias is not None:
        core.bias.data[:n] = 0.0


identity_conv = identity_dense


def identity_separable_conv(core: SeparableConv, inputs: Sequence[int]) -> None:
    """Passes on these inputs as the first outputs."""
    depthwise, pointwise = core.depthwise, core.pointwise
    assert isinstance(depthwise, Conv) and isinstance(pointwise, nn.Linear)
    height, width = depthwise.kernel_size
    depthwise.weight.data[list(inputs)] = 0.0
    depthwise.weight.data[list(inputs), 0, height // 2, width // 2] = 1.0
    identity_dense(pointwise, inputs)


def identity_squeeze_excitation(core: SqueezeExcitation, inputs: Sequence[int]) -> None:
    """Passes on all of its inputs: twice a sigmoid of 0 is 1."""
    core.excite.weight.data.zero_()
    core.excite.bias.data.zero_()


def _kept(importance: Tensor, n: int) -> list[int]:
    """The n that matter most, in their order; -1 for each that there are too few."""
    order = importance.argsort(descending=True, stable=True)[:n]
    return [*sorted(order.tolist()), *[-1] * (n - len(order))]


def _fill(parameter: Tensor, values: Tensor) -> None:
    parameter.data.copy_(values)


def _fill_bias(bias: Tensor | None, old: Tensor | None, transfer: Transfer) -> None:
    if bias is not None and old is not None:
        _fill(bias, transfer.vector(bias.data, old))


def _retapped(old: Tensor, transfer: Transfer) -> Tensor:
    """A kernel of another size or dilation: weights stay at the distance at which they read.

    Where a distance is gone, as with another dilation, they keep their order from the middle.
    Kernels are ``(outputs, inputs, height, width)``; `transfer` says at which distances both read.
    """
    ours = taps(transfer.shape, transfer.genes)
    theirs = taps(transfer.parent_shape, transfer.parent_genes)
    for axis, (now, before) in enumerate(zip(ours[::-1], theirs[::-1], strict=True)):
        dim = -1 - axis
        if now == before:
            continue
        by_distance = set(before) <= set(now) or set(now) <= set(before)
        middle, middle_before = len(now) // 2, len(before) // 2
        out = old.new_zeros([*old.shape[:dim], len(now), *old.shape[old.ndim + dim + 1 :]])
        for i, distance in enumerate(now):
            if by_distance and distance in before:
                j = before.index(distance)
            elif by_distance:
                continue
            else:
                j = i - middle + middle_before
            if 0 <= j < len(before):
                out.select(dim, i).copy_(old.select(dim, j))
        old = out
    return old


def _separated(weight: Tensor) -> tuple[Tensor, Tensor]:
    """The depthwise separable convolution nearest to a dense one: rank 1 in every input channel.

    ``(outputs, inputs, height, width)`` to ``(inputs, 1, height, width)``, ``(outputs, inputs)``.
    """
    n_out, n_in, height, width = weight.shape
    by_input = weight.movedim(1, 0).reshape(n_in, n_out, height * width)
    left, values, right = torch.linalg.svd(by_input.double(), full_matrices=False)
    # Half of the scale to each factor, so that neither learns much faster.
    scale = values[:, 0].sqrt()
    pointwise = (left[:, :, 0] * scale[:, None]).T
    depthwise = (right[:, 0] * scale[:, None]).reshape(n_in, 1, height, width)
    return depthwise.to(weight), pointwise.to(weight)
