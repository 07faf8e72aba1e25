"""Self-attention is torch's, but for its positions, which are those of Su et al."""

from __future__ import annotations

from math import cos
from math import sin

import pytest
import torch
from torch import nn

from optuna_codeepneat.network import _attention
from optuna_codeepneat.network._attention import SelfAttention
from optuna_codeepneat.network._attention import rotated


@pytest.fixture
def without_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_attention, "rotated", lambda x: x)


@pytest.mark.usefixtures("without_positions")
@pytest.mark.parametrize(("heads", "head_size"), [(1, 12), (3, 4), (6, 2)])
@pytest.mark.parametrize("bias", [True, False])
def test_without_positions_it_is_the_attention_of_torch(
    heads: int, head_size: int, bias: bool
) -> None:
    """Outputs and the gradients of all weights."""
    ours = SelfAttention(12, 12, heads=heads, head_size=head_size, bias=bias)
    known = nn.MultiheadAttention(12, heads, bias=bias, batch_first=True)
    with torch.no_grad():
        known.in_proj_weight.copy_(ours.read.weight)
        known.out_proj.weight.copy_(ours.write.weight)
        if bias:
            known.in_proj_bias.zero_()
            known.out_proj.bias.copy_(ours.write.bias)
    x = torch.randn(5, 12, 9)
    steps = x.transpose(1, 2)
    expected = known(steps, steps, steps, need_weights=False)[0].transpose(1, 2)
    torch.testing.assert_close(ours(x), expected)
    for out in (ours(x), expected):
        out.square().sum().backward()
    torch.testing.assert_close(ours.read.weight.grad, known.in_proj_weight.grad)
    torch.testing.assert_close(ours.write.weight.grad, known.out_proj.weight.grad)


def test_positions_turn_pairs_of_channels() -> None:
    """Su et al. 2021, equation 15, number by number, with the speeds of eight pairs."""
    x = torch.randn(2, 7, 3, 4)
    expected = x.clone()
    for position in range(7):
        for pair in range(2):
            angle = position * 10000 ** (-pair / 8)
            one, other = x[:, position, :, 2 * pair], x[:, position, :, 2 * pair + 1]
            expected[:, position, :, 2 * pair] = cos(angle) * one - sin(angle) * other
            expected[:, position, :, 2 * pair + 1] = sin(angle) * one + cos(angle) * other
    torch.testing.assert_close(rotated(x), expected)


def test_a_score_depends_on_distance_and_direction_alone() -> None:
    query, key = torch.randn(8), torch.randn(8)
    queries, keys = (rotated(x.expand(1, 30, 8))[0] for x in (query, key))
    scores = queries @ keys.T
    for distance in (-5, 0, 3):
        along = scores.diagonal(distance)
        torch.testing.assert_close(along, along[0].expand_as(along))
    assert (scores[10, 13] - scores[13, 10]).abs() > 1e-3


def test_it_knows_positions() -> None:
    attention = SelfAttention(3, 5, heads=2, head_size=4, bias=True)
    x, order = torch.randn(4, 3, 9), torch.randperm(9, generator=torch.Generator().manual_seed(1))
    assert (attention(x[..., order]) - attention(x)[..., order]).abs().max() > 1e-3


def test_any_width_any_heads_any_length() -> None:
    attention = SelfAttention(3, 5, heads=3, head_size=2, bias=False)
    for length in (1, 2, 50):
        assert attention(torch.randn(4, 3, length)).shape == (4, 5, length)
    assert "heads=3, head_size=2" in repr(attention)


def test_half_precision_keeps_positions_apart() -> None:
    """Angles are computed in full: in bfloat16 the positions 256 and 257 are the same number."""
    x = torch.ones(1, 300, 4, dtype=torch.bfloat16)
    exact = rotated(x.float())
    torch.testing.assert_close(rotated(x).float(), exact, atol=2e-2, rtol=0)
