from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._merges import Merge
from optuna_codeepneat.search_space._shapes import MERGES
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


def test_a_scaled_sum_starts_as_the_sum() -> None:
    x, y, z = torch.randn(2, 3, 8), torch.randn(2, 5, 4), torch.randn(2, 5, 8)
    shapes = [(3, 8), (5, 4), (5, 8)]
    merge, plain = Merge("scaled_sum", shapes), Merge("sum", shapes)
    plain.load_state_dict(merge.state_dict(), strict=False)
    inputs = [as_image(tensor) for tensor in (x, y, z)]
    assert merge.scales is not None and merge.scales.tolist() == [1.0, 1.0, 1.0]
    torch.testing.assert_close(merge(*inputs), plain(*inputs))
    merge.scales.data = torch.tensor([0.5, 2.0, 0.0])
    projected = plain.branches[0](inputs[0])
    torch.testing.assert_close(merge(*inputs), 0.5 * projected + 2 * inputs[1])


def test_a_convex_combination_starts_as_the_mean() -> None:
    x, y, z = (torch.randn(4, 3) for _ in range(3))
    merge = Merge("convex", [(3,)] * 3)
    assert merge.scales is not None and merge.scales.shape == (2,)
    torch.testing.assert_close(merge(x, y, z), (x + y + z) / 3)
    merge.scales.data = torch.tensor([-0.5, 0.25])
    torch.testing.assert_close(merge(x, y, z), 1.25 * x - 0.5 * y + 0.25 * z)


def test_a_connection_can_be_added_that_changes_nothing_and_learns() -> None:
    """LEMONADE's skip connection by convex combination (Elsken et al. 2019)."""
    x, y = torch.randn(4, 3), torch.randn(4, 3)
    for merge, scales, kept in (
        ("scaled_sum", [1.0, 0.0], x),
        ("convex", [0.0], x),
        ("convex", [1.0], y),
    ):
        skip = Merge(merge, [(3,), (3,)])
        assert skip.scales is not None
        skip.scales.data = torch.tensor(scales)
        out = skip(x, y)
        assert torch.equal(out, kept)
        out.square().sum().backward()
        assert skip.scales.grad is not None and bool((skip.scales.grad != 0).all())


@pytest.mark.parametrize("merge", ["scaled_sum", "convex"])
def test_scales_keep_the_precision_and_the_layout_of_what_they_scale(merge: str) -> None:
    skip = Merge(merge, [(3, 4, 4), (3, 4, 4)])
    x = as_image(torch.randn(2, 3, 4, 4))
    assert skip(x, x).is_contiguous(memory_format=torch.channels_last)
    assert skip(x.bfloat16(), x.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize("merge", MERGES)
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
