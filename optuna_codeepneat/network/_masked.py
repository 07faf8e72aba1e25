"""The parts of a network that leaves padding out: what is behind a text's end changes nothing.

Where an architecture has a `padding_index`, its parts hand on `Masked` tensors, which say what is
text and are zero elsewhere, as the border of a feature map is for a convolution. Padding is what
stands behind the last other token. Each class has the weights of the one that it is derived from,
by the same names.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from math import ceil
from typing import NamedTuple

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.network._cell import Cell
from optuna_codeepneat.network._cell import Residual
from optuna_codeepneat.network._ends import Head
from optuna_codeepneat.network._ends import TokenEmbedding
from optuna_codeepneat.network._merges import Merge
from optuna_codeepneat.network._parts import Pointwise
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import Shape


class Masked(NamedTuple):
    """A tensor ``(batch, channels, 1, length)`` that is zero where `mask` says that no text is.

    Args:
        tensor:
            The values.
        mask:
            ``(batch, 1, 1, length)``, True where a position was made of text.
    """

    tensor: Tensor
    mask: Tensor


def masked(tensor: Tensor, mask: Tensor) -> Masked:
    """A tensor with zeros where no text is, whatever was there."""
    # Not `masked_fill`, whose result lies otherwise in memory (`_layout`).
    return Masked(torch.where(mask, tensor, 0.0), mask)


class MaskedEmbedding(TokenEmbedding):
    """Integers ``(batch, length)`` to their vectors, of texts with padding behind their end."""

    def __init__(self, vocab_size: int, channels: int, padding_index: int) -> None:
        super().__init__(vocab_size, channels)
        self.padding_index = padding_index

    def forward(self, input: Tensor) -> Masked:  # type: ignore[override]  # what all parts hand on
        """The vectors, and where the text is."""
        positions = torch.arange(input.shape[1], device=input.device)
        is_last = (input != self.padding_index) * (positions + 1)
        lengths = is_last.amax(1, keepdim=True)
        return masked(super().forward(input), (positions < lengths)[:, None, None])


class MaskedPool(nn.Module):
    """Max pooling over the text alone; a window is text if it holds any."""

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        self.pool = pool

    def forward(self, input: Masked) -> Masked:
        """Both, pooled."""
        x, mask = input
        pooled = self.pool(torch.where(mask, x, -torch.inf))
        return masked(pooled, self.pool(mask.to(x.dtype)) > 0)


class MaskedBatchNorm(nn.BatchNorm2d):
    """Batch normalisation (Ioffe and Szegedy 2015) with the statistics of the text alone."""

    def forward(self, input: Tensor, mask: Tensor | None = None) -> Tensor:
        """Normalises a batch, by its own statistics while training."""
        if mask is None or not self.training:
            return super().forward(input)
        # As PyTorch's own, in float32 at least.
        x = torch.where(mask, input.to(torch.promote_types(input.dtype, torch.float32)), 0.0)
        n = mask.sum()
        mean = x.sum((0, 2, 3), keepdim=True) / n.clamp(min=1)
        centred = torch.where(mask, x - mean, 0.0)
        squares = centred.square().sum((0, 2, 3), keepdim=True)
        variance = squares / n.clamp(min=1)
        self._remember(n, mean, squares)
        scale = self.weight.view(1, -1, 1, 1) * torch.rsqrt(variance + self.eps)
        return (centred * scale + self.bias.view(1, -1, 1, 1)).to(input.dtype)

    def _remember(self, n: Tensor, mean: Tensor, squares: Tensor) -> None:
        """Moves the statistics for evaluation towards those of a batch, if that has any text."""
        assert self.running_mean is not None and self.running_var is not None
        assert self.num_batches_tracked is not None and self.momentum is not None
        share = self.momentum * (n > 0)
        with torch.no_grad():
            variance = squares / (n - 1).clamp(min=1)
            self.num_batches_tracked.add_(1)
            for kept, new in ((self.running_mean, mean), (self.running_var, variance)):
                kept.copy_(kept + share * (new.flatten() - kept))


class MaskedCell(Cell):
    """A cell whose core sees zeros where no text is, and the mask if its `forward` has one."""

    def __init__(self, operation: Operation, core: nn.Module, core_shape: Shape) -> None:
        super().__init__(operation, core, core_shape)
        self.stride = int(operation.genes.get("stride", 1))
        self.takes_mask = _takes_mask(core)
        if self.norm is not None:
            self.norm = MaskedBatchNorm(core_shape[0])
        if self.residual is not None:
            self.residual = MaskedResidual(operation.input_shapes[0], core_shape)

    def forward(self, input: Masked) -> Masked:  # type: ignore[override]
        """The node's output."""
        x, mask = input
        asked = {"mask": mask[:, 0, 0]} if self.takes_mask else {}
        out: Tensor = self.core(x) if self.knows_layout else self._call_core(x, **asked)
        behind = resized(mask, out.shape[-1], self.stride)
        if self.norm is not None:
            out = self.norm(out, behind)
        for part in (self.activation, self.dropout):
            if part is not None:
                out = part(out)
        found = masked(out, behind)
        return found if self.residual is None else self.residual(input, found)


class MaskedResidual(Residual):
    """The sum ``x + a f(x)``, pooled over the text alone."""

    def __init__(self, shape: Shape, out: Shape) -> None:
        super().__init__(shape, out)
        self.pool_input = _over_text(self.pool_input)
        self.pool_output = _over_text(self.pool_output)

    def forward(self, input: Masked, output: Masked) -> Masked:  # type: ignore[override]
        """The sum of a layer's input and its scaled output."""
        if self.pool_input is not None:
            input = self.pool_input(input)
        if self.pool_output is not None:
            output = self.pool_output(output)
        return Masked(self._sum(input.tensor, output.tensor), input.mask | output.mask)


class MaskedMerge(Merge):
    """A merge that pools over the text alone; there is text where any of its inputs has some."""

    def __init__(self, merge: str, shapes: Sequence[Shape]) -> None:
        super().__init__(merge, shapes)
        for branch in self.branches:
            for name, part in list(branch.named_children()):
                if not isinstance(part, Pointwise):
                    setattr(branch, name, MaskedPool(part))

    def forward(self, *inputs: Masked) -> Masked:  # type: ignore[override]
        """One tensor of several."""
        read = [self._aligned(*pair) for pair in zip(self.branches, inputs, strict=True)]
        mask = read[0].mask
        for other in read[1:]:
            mask = mask | other.mask
        return Masked(self._joined([each.tensor for each in read]), mask)

    def _aligned(self, branch: nn.Module, input: Masked) -> Masked:
        for part in branch.children():
            pools = isinstance(part, MaskedPool)
            input = part(input) if pools else Masked(part(input.tensor), input.mask)
        return input


class MaskedHead(Head):
    """Global pooling over the text alone, then a linear layer.

    What ``"flatten"`` puts side by side is zero behind the end.
    """

    def forward(self, input: Masked) -> Tensor:  # type: ignore[override]
        """A feature map to ``(batch, num_outputs)``."""
        x, mask = input
        n = mask.sum(-1)[:, 0]  # (batch, 1)
        x = x[:, :, 0].transpose(1, 2)
        vectors = []
        for pool in str(self.pool).split("+"):
            if pool == "flatten":
                vectors.append(x.flatten(1))
            elif pool == "mean":
                vectors.append(x.sum(1) / n.clamp(min=1))
            else:
                largest = x.masked_fill(~mask[:, 0, 0, :, None], -torch.inf).max(1).values
                vectors.append(largest.masked_fill(n == 0, 0.0))
        out: Tensor = self.linear(torch.cat(vectors, dim=1))
        return out


def _takes_mask(core: nn.Module) -> bool:
    try:
        return "mask" in signature(core.forward).parameters
    except (TypeError, ValueError):  # it has none that Python knows, as some of C++ do
        return False


def _over_text(pool: nn.Module | None) -> nn.Module | None:
    return None if pool is None else MaskedPool(pool)


def resized(mask: Tensor, size: int, stride: int) -> Tensor:
    """Where text is in a feature map of another length that was made of one with this mask.

    A position is text if the first one is that it was made of, as padding only follows.
    """
    length = mask.shape[-1]
    for step in (stride, ceil(length / size)):
        if ceil(length / step) == size:
            return mask if step == 1 else mask[..., ::step]
    return mask[..., [i * length // size for i in range(size)]]
