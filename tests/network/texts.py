"""Texts that are shorter than what a network reads."""

from __future__ import annotations

from torch import Tensor
from torch import arange


def with_padding(tokens: Tensor, padding_index: int | None) -> Tensor:
    """Tokens ``(batch, length)`` whose first text is whole; each of the next is a bit shorter.

    Every text has a token, as long as there are not more than tokens.
    """
    if padding_index is None:
        return tokens
    n, length = tokens.shape
    lengths = length - arange(n) % length
    tokens = tokens.masked_fill(tokens == padding_index, (padding_index + 1) % 2)
    return tokens.masked_fill(arange(length) >= lengths[:, None], padding_index)
