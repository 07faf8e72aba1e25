"""Several tensors become one: the merges ``"sum"`` and ``"concat"``."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.network._cell import projection
from optuna_codeepneat.network._parts import align
from optuna_codeepneat.search_space._shapes import Shape
from optuna_codeepneat.search_space._shapes import smallest


class Merge(nn.Module):
    """Tensors of different shapes, each sent through what makes it meet the others.

    Args:
        merge:
            ``"sum"`` or ``"concat"``.
        shapes:
            The inputs' shapes, without the batch. All are max-pooled to the smallest sizes; for
            a sum, narrower ones then go through a linear map to the widest's channels.
    """

    def __init__(self, merge: str, shapes: Sequence[Shape]) -> None:
        super().__init__()
        self.merge = merge
        width = max(shape[0] for shape in shapes)
        self.branches = nn.ModuleList()
        for shape in shapes:
            pool = align(shape, smallest(shapes))
            parts = [] if pool is None else [pool]
            if merge == "sum" and shape[0] != width:
                parts.append(projection(shape[0], width))
            self.branches.append(nn.Sequential(*parts))

    def forward(self, *inputs: Tensor) -> Tensor:
        """One tensor of several."""
        tensors = [branch(x) for branch, x in zip(self.branches, inputs, strict=True)]
        if self.merge == "sum":
            out: Tensor = tensors[0]
            for tensor in tensors[1:]:
                out = out + tensor
            return out
        return torch.cat(tensors, dim=1)

    def extra_repr(self) -> str:
        """The kind of merge."""
        return self.merge
