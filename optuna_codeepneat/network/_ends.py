"""Where a network begins and ends: embedding of tokens, global pooling and output layer."""

from __future__ import annotations

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.search_space import head_features
from optuna_codeepneat.search_space import rank


class TokenEmbedding(nn.Embedding):
    """Integers ``(batch, length)`` to ``(batch, channels, 1, length)``."""

    def forward(self, input: Tensor) -> Tensor:
        """The learned vector of every token."""
        return super().forward(input).transpose(1, 2).unsqueeze(2)


class Head(nn.Module):
    """Global pooling, then a linear layer.

    Pooling is ``"mean"``, ``"max"``, both side by side, or ``"flatten"``: the channels of every
    position side by side, position after position.
    """

    def __init__(self, shape: Shape, num_outputs: int, pool: str) -> None:
        super().__init__()
        self.pool = pool if rank(shape) else None
        self.linear = nn.Linear(head_features(pool, shape), num_outputs)

    def forward(self, input: Tensor) -> Tensor:
        """An image, a sequence as one, or vectors, to ``(batch, num_outputs)``."""
        out: Tensor = self.linear(self._pooled(input))
        return out

    def _pooled(self, x: Tensor) -> Tensor:
        if self.pool is None:
            return x
        # (batch, positions, channels) as it lies in memory, so that gradients lie likewise; and
        # `max`, in half the time of `amax`, which shares gradients among ties.
        x = x.movedim(1, -1).flatten(1, -2)
        if self.pool == "flatten":
            return x.flatten(1)
        if self.pool == "mean":
            return x.mean(1)
        largest = x.max(1).values
        return largest if self.pool == "max" else torch.cat([x.mean(1), largest], dim=1)

    def extra_repr(self) -> str:
        """The kind of pooling."""
        return "" if self.pool is None else f"pool={self.pool}"
