"""Several tensors become one: sums, plain or with learned scales, and concatenations."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.network._cell import projection
from optuna_codeepneat.network._parts import align
from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.search_space import num_scales
from optuna_codeepneat.search_space import smallest


class Merge(nn.Module):
    """Tensors of different shapes, each sent through what makes it meet the others.

    With learned scales a connection can be added that changes nothing: one with the scale 0. A
    scaled sum starts as the sum, a convex combination as the mean. Its scales may leave [0, 1]:
    0 is where an added connection starts, and there a clamp would give it no gradient, while a
    sigmoid never gets there.

    A merge is ``"concat"``, ``"sum"``, ``"scaled_sum"`` (``sum_i scales[i] x_i``) or ``"convex"``
    (``(1 - sum_i scales[i]) x_0 + sum_i scales[i] x_(i+1)``; the skip connection of LEMONADE,
    Elsken et al. 2019). All inputs, whose shapes are without the batch, are max-pooled to the
    smallest sizes; except for a concatenation, narrower ones then go through a linear map to the
    widest's channels.
    """

    def __init__(self, merge: str, shapes: Sequence[Shape]) -> None:
        super().__init__()
        self.merge = merge
        width = max(shape[0] for shape in shapes)
        self.branches = nn.ModuleList()
        for shape in shapes:
            pool = align(shape, smallest(shapes))
            parts = [] if pool is None else [pool]
            if merge != "concat" and shape[0] != width:
                parts.append(projection(shape[0], width))
            self.branches.append(nn.Sequential(*parts))
        start = 1.0 / len(shapes) if merge == "convex" else 1.0
        n_scales = num_scales(merge, len(shapes))
        self.scales = nn.Parameter(torch.full((n_scales,), start)) if n_scales else None

    def forward(self, *inputs: Tensor) -> Tensor:
        """One tensor of several."""
        return self._joined([branch(x) for branch, x in zip(self.branches, inputs, strict=True)])

    def _joined(self, tensors: list[Tensor]) -> Tensor:
        """One tensor of several of the same sizes."""
        if self.merge == "concat":
            return torch.cat(tensors, dim=1)
        if self.scales is not None:
            # Single numbers, which leave the precision of what they scale as it is.
            factors = list(self.scales.unbind())
            if self.merge == "convex":
                factors.insert(0, 1.0 - self.scales.sum())
            tensors = [factor * x for factor, x in zip(factors, tensors, strict=True)]
        out: Tensor = tensors[0]
        for tensor in tensors[1:]:
            out = out + tensor
        return out

    def extra_repr(self) -> str:
        """The kind of merge."""
        return self.merge
