"""`SelfAttention`: every position of a sequence reads all of them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor
from torch import nn


_SLOWER = 10.0**0.5


class SelfAttention(nn.Module):
    """Multi-head self-attention (Vaswani et al. 2017) for ``(batch, channels, length)``.

    Queries and keys are rotated by their positions (rotary embeddings, Su et al. 2021), so that
    a score depends on how far apart two positions are, and in which direction. Nothing is learned
    for that, no longest length is fixed, and fused kernels go on working, which a learned bias of
    every distance would keep from training on a CPU.
    """

    def __init__(
        self, channels: int, width: int, *, heads: int, head_size: int, bias: bool
    ) -> None:
        super().__init__()
        self.heads = heads
        self.head_size = head_size
        # One head after the other: first all queries, then all keys, then all values.
        self.read = nn.Linear(channels, 3 * heads * head_size, bias=False)
        self.write = nn.Linear(heads * head_size, width, bias=bias)

    def forward(self, input: Tensor, mask: Tensor | None = None) -> Tensor:
        """What each position found, ``(batch, width, length)``, where `mask` is True."""
        read = self.read(input.transpose(1, 2)).unflatten(2, (3, self.heads, self.head_size))
        # (batch, heads, length, head_size) each
        query, key = rotated(read[:, :, :2]).permute(2, 0, 3, 1, 4).unbind()
        value = read[:, :, 2].transpose(1, 2)
        if mask is not None:
            # All of a text without any, so that no softmax is one of nothing.
            mask = (mask | ~mask.any(1, keepdim=True))[:, None, None]
        found = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        out: Tensor = self.write(found.transpose(1, 2).flatten(2))
        return out.transpose(1, 2)

    def extra_repr(self) -> str:
        """The heads."""
        return f"heads={self.heads}, head_size={self.head_size}"


def rotated(x: Tensor) -> Tensor:
    """``(batch, length, ..., head_size)``, each pair of channels turned by its position.

    Su et al. 2021, section 3.2.2. There the speeds of n pairs are ``10000^(-i / n)``; here they
    are those of 8 pairs whatever n is, so that a head that gets more channels goes on reading the
    same positions.
    """
    length, pairs = x.shape[1], x.shape[-1] // 2
    position = torch.arange(length, dtype=torch.float32, device=x.device)
    speed = _SLOWER ** -torch.arange(pairs, dtype=torch.float32, device=x.device)
    angle = (position[:, None] * speed).view(length, *[1] * (x.ndim - 3), pairs)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x[..., 0::2], x[..., 1::2]
    turned = (first * cos - second * sin, first * sin + second * cos)
    return torch.stack(turned, dim=-1).flatten(-2)
