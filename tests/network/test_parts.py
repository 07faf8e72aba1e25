from __future__ import annotations

from unittest.mock import patch

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from optuna_codeepneat.network import _parts
from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._parts import Conv
from optuna_codeepneat.network._parts import Pointwise
from optuna_codeepneat.network._parts import align
from optuna_codeepneat.network._parts import max_pool
from optuna_codeepneat.search_space._shapes import pooled


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_pooled_sizes_are_rounded_up(factor: int) -> None:
    """Where windows do not fit, PyTorch drops one that would begin out of bounds."""
    for size in range(1, 71):
        x = torch.arange(1.0, size + 1).expand(2, 3, size)
        out = max_pool([factor])(as_image(x))
        assert out.shape == (2, 3, 1, *pooled((3, size), factor)[1:])
        ends = [min(i + factor, size) for i in range(0, size, factor)]
        assert torch.equal(out, torch.tensor(ends, dtype=x.dtype).expand_as(out))


@pytest.mark.parametrize("shape", [(7, 1), (1, 7), (5, 9), (1, 1), (8, 3)])
def test_images_are_pooled_in_both_directions(shape: tuple[int, int]) -> None:
    x = torch.randn(2, 3, *shape)
    out = max_pool([2, 2])(as_image(x))
    assert tuple(out.shape[1:]) == pooled((3, *shape), 2)
    assert torch.equal(out, F.max_pool2d(x, 2, ceil_mode=True))


@given(size=st.integers(1, 70), data=st.data())
def test_alignment_of_sequences(size: int, data: st.DataObject) -> None:
    smaller = data.draw(st.integers(1, size))
    pool = align((3, size), [smaller])
    assert (pool is None) == (size == smaller)
    if pool is not None:
        x = torch.arange(float(size)).expand(2, 3, size)
        out = pool(as_image(x))
        assert out.shape == (2, 3, 1, smaller)
        # Every position is seen: the first window holds the first, the last the last.
        assert out[0, 0, 0, -1] == size - 1
        assert out.flatten(1).diff(dim=1).ge(0).sum() > 0 or smaller == 1
        fits = any(pooled((3, size), f)[1:] == (smaller,) for f in [-(-size // smaller)])
        assert isinstance(pool, nn.MaxPool2d if fits else nn.AdaptiveMaxPool2d)


@given(
    sizes=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    data=st.data(),
)
def test_alignment_of_images(sizes: tuple[int, int], data: st.DataObject) -> None:
    smaller = [data.draw(st.integers(1, size)) for size in sizes]
    pool = align((3, *sizes), smaller)
    x = as_image(torch.randn(2, 3, *sizes))
    out = x if pool is None else pool(x)
    assert list(out.shape[2:]) == smaller
    assert torch.equal(out.amax((2, 3)), x.amax((2, 3)))  # nothing is left out


@given(sizes=st.tuples(st.integers(1, 12), st.integers(1, 12)), data=st.data())
def test_a_pool_of_windows_is_the_same_where_it_is_exported(
    sizes: tuple[int, int], data: st.DataObject
) -> None:
    smaller = [data.draw(st.integers(1, size)) for size in sizes]
    pool = _parts.AdaptiveMaxPool(sizes, smaller)
    x = torch.randn(2, 3, *sizes)
    with patch.object(_parts, "_is_exporting", lambda: True):
        exported = pool(x)
    assert torch.equal(exported, pool(x))


@given(
    kernel=st.sampled_from([1, 3, 5]),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 3),
    depthwise=st.booleans(),
    bias=st.booleans(),
    length=st.integers(1, 9),
)
def test_a_convolution_of_sequences_is_that_of_torch(
    kernel: int, stride: int, dilation: int, depthwise: bool, bias: bool, length: int
) -> None:
    groups = 4 if depthwise else 1
    conv = Conv(
        4, 8, [kernel], stride=stride, dilation=dilation, groups=groups, bias=bias
    ).double()
    x = torch.randn(3, 4, length, dtype=torch.float64)
    padding = kernel // 2 * dilation
    weight = conv.weight.squeeze(2)
    expected = F.conv1d(x, weight, conv.bias, stride, padding, dilation, groups)
    torch.testing.assert_close(conv(as_image(x)).squeeze(2), expected)


@given(
    kernel=st.tuples(st.sampled_from([1, 3]), st.sampled_from([1, 3])),
    stride=st.integers(1, 2),
    dilation=st.integers(1, 2),
    bias=st.booleans(),
)
def test_a_convolution_of_images_is_that_of_torch(
    kernel: tuple[int, int], stride: int, dilation: int, bias: bool
) -> None:
    conv = Conv(4, 8, kernel, stride=stride, dilation=dilation, bias=bias).double()
    x = torch.randn(3, 4, 5, 6, dtype=torch.float64)
    padding = [k // 2 * dilation for k in kernel]
    expected = F.conv2d(x, conv.weight, conv.bias, stride, padding, dilation)
    torch.testing.assert_close(conv(as_image(x)), expected)


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 5), (3, 4, 5, 6)])
def test_a_pointwise_map_is_a_linear_map_of_the_channels(shape: tuple[int, ...]) -> None:
    linear, x = Pointwise(4, 8), torch.randn(shape)
    expected = F.linear(x.movedim(1, -1), linear.weight, linear.bias).movedim(-1, 1)
    torch.testing.assert_close(linear(as_image(x)), as_image(expected))


def test_the_layout_is_kept_forward_and_backward() -> None:
    x = as_image(torch.randn(3, 4, 9)).requires_grad_()
    for part in (Conv(4, 8, [3]), Conv(4, 8, [1]), Conv(4, 4, [5], groups=4), Pointwise(4, 8)):
        for out in (part(x), max_pool([2])(part(x))):
            assert out.is_contiguous(memory_format=torch.channels_last)
            (gradient,) = torch.autograd.grad(out.square().sum(), x)
            assert gradient.is_contiguous(memory_format=torch.channels_last)
