from __future__ import annotations

import pytest
import torch

from optuna_codeepneat.network._ends import Head
from optuna_codeepneat.network._ends import TokenEmbedding
from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.search_space._shapes import GLOBAL_POOLS


@pytest.mark.parametrize("shape", [(3, 8), (3, 4, 5)])
@pytest.mark.parametrize("pool", ["mean", "max", "mean+max"])
def test_global_pooling(shape: tuple[int, ...], pool: str) -> None:
    head, x = Head(shape, 7, pool), torch.randn(2, *shape)
    known = {"mean": x.flatten(2).mean(2), "max": x.flatten(2).amax(2)}
    features = torch.cat([known[name] for name in pool.split("+")], dim=1)
    torch.testing.assert_close(head(as_image(x)), head.linear(features))


def test_vectors_are_not_pooled() -> None:
    head, x = Head((3,), 7, "mean+max"), torch.randn(2, 3)
    assert torch.equal(head(x), head.linear(x))
    assert head.linear.in_features == 3


@pytest.mark.parametrize("shape", [(3, 8), (3, 4, 5)])
def test_flattened_are_the_channels_of_every_position(shape: tuple[int, ...]) -> None:
    head, x = Head(shape, 7, "flatten"), torch.randn(2, *shape)
    torch.testing.assert_close(head(as_image(x)), head.linear(x.movedim(1, -1).flatten(1)))


@pytest.mark.parametrize("pool", GLOBAL_POOLS)
def test_gradients_keep_the_layout(pool: str) -> None:
    x = as_image(torch.randn(2, 3, 8)).requires_grad_()
    Head((3, 8), 7, pool)(x).sum().backward()
    assert x.grad is not None
    assert x.grad.stride() == x.stride()


def test_embedding() -> None:
    embedding, tokens = TokenEmbedding(11, 4), torch.tensor([[1, 10, 0], [0, 0, 2]])
    out = embedding(tokens)
    assert out.shape == (2, 4, 1, 3)
    assert torch.equal(out[1, :, 0, 2], embedding.weight[2])
