from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._merges import Merge
from optuna_codeepneat.search_space._shapes import merged


def test_concatenation_pools_to_the_smallest() -> None:
    x, y = torch.randn(2, 3, 8), torch.randn(2, 5, 4)
    merge = Merge("concat", [(3, 8), (5, 4)])
    out = merge(as_image(x), as_image(y))
    assert torch.equal(out.squeeze(2), torch.cat([F.max_pool1d(x, 2), y], dim=1))
    assert list(merge.parameters()) == []
    assert out.is_contiguous(memory_format=torch.channels_last)


def test_a_sum_projects_narrower_inputs_to_the_widest() -> None:
    x, y, z = torch.randn(2, 3, 8), torch.randn(2, 5, 4), torch.randn(2, 5, 8)
    merge = Merge("sum", [(3, 8), (5, 4), (5, 8)])
    (weight,) = merge.parameters()
    assert weight.shape == (5, 3)
    projected = torch.einsum("oc,bcl->bol", weight, F.max_pool1d(x, 2))
    out = merge(as_image(x), as_image(y), as_image(z)).squeeze(2)
    torch.testing.assert_close(out, projected + y + F.max_pool1d(z, 2))


@pytest.mark.parametrize("merge", ["sum", "concat"])
@pytest.mark.parametrize(
    "shapes",
    [
        [(3,), (5,)],
        [(3, 7), (3, 5), (4, 6)],
        [(3, 9, 2), (3, 4, 5)],
        [(1, 1, 1), (2, 13, 7)],
    ],
)
def test_shapes(merge: str, shapes: list[tuple[int, ...]]) -> None:
    inputs = [as_image(torch.randn(2, *shape)) for shape in shapes]
    out = Merge(merge, shapes)(*inputs)
    channels, *sizes = merged(merge, shapes)
    assert out.shape == (2, channels, *([1, *sizes] if len(sizes) == 1 else sizes))


def test_inputs_are_not_changed() -> None:
    inputs = [torch.randn(2, 3) for _ in range(3)]
    copies = [x.clone() for x in inputs]
    Merge("sum", [(3,)] * 3)(*inputs)
    assert all(torch.equal(x, copied) for x, copied in zip(inputs, copies, strict=True))
