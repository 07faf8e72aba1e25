from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space._layers._convolution import kernel_sizes
from optuna_codeepneat.search_space._shapes import pooled


PLAIN = {"norm": "none", "residual": False, "stride": 1, "dilation": 1}


def test_convolutions_by_hand() -> None:
    genes = {**PLAIN, "width": 16, "kernel": 5}
    assert get_layer("conv1d").cost((8, 40), genes) == (8 * 5 * 16 + 16, 8 * 5 * 16 * 40)
    assert get_layer("conv2d").cost((3, 10, 12), genes)[0] == 3 * 25 * 16 + 16
    assert get_layer("separable_conv1d").cost((8, 40), genes) == (
        8 * 5 + 8 * 16 + 16,
        (8 * 5 + 8 * 16) * 40,
    )
    strided = {**genes, "stride": 2, "norm": "batch"}
    assert get_layer("conv2d").shape((3, 9, 12), strided) == (16, 5, 6)
    assert get_layer("conv2d").cost((3, 9, 12), strided) == (
        3 * 25 * 16 + 2 * 16,
        3 * 25 * 16 * 5 * 6,
    )


def test_other_layers_by_hand() -> None:
    dense = get_layer("dense")
    assert dense.cost((7,), {"width": 5, "norm": "none"}) == (7 * 5 + 5, 7 * 5)
    assert dense.cost((7,), {"width": 5, "norm": "batch"}) == (7 * 5 + 10, 7 * 5)
    both, one = {"width": 6, "bidirectional": True}, {"width": 6, "bidirectional": False}
    assert get_layer("lstm").shape((3, 9), both) == (12, 9)
    assert get_layer("lstm").cost((3, 9), both) == (
        2 * 4 * 6 * (3 + 6 + 2),
        2 * 4 * 6 * (3 + 6) * 9,
    )
    assert get_layer("gru").cost((3, 9), one) == (3 * 6 * (3 + 6 + 2), 3 * 6 * (3 + 6) * 9)
    attention = get_layer("self_attention")
    genes = {"width": 7, "heads": 2, "head_size": 4, "norm": "none"}
    weights = 3 * (3 * 8) + 8 * 7
    assert attention.shape((3, 9), genes) == (7, 9)
    assert attention.cost((3, 9), genes) == (weights + 7, weights * 9 + 2 * (9 * 9 * 8))
    assert attention.cost((3, 9), {**genes, "norm": "batch"})[0] == weights + 2 * 7
    # What grows with the square of the length: the scores, and the sums of the values.
    assert [attention.macs((3, n), genes) - weights * n for n in (10, 20)] == [1600, 6400]
    excitation = get_layer("squeeze_excitation")
    for shape in ((9,), (9, 5), (9, 5, 4)):
        assert excitation.shape(shape, {"reduction": 4}) == shape
        assert excitation.cost(shape, {"reduction": 4}) == (2 * 9 * 3 + 3 + 9, 2 * 9 * 3)
    for name, genes in (("dropout", {"dropout": 0.3}), ("identity", {})):
        layer = get_layer(name)
        assert layer.shape((3, 9), genes) == (3, 9)
        assert layer.cost((3, 9), genes) == (0, 0)


@given(
    size=st.integers(1, 40),
    kernel=st.integers(0, 4).map(lambda i: 2 * i + 1),
    dilation=st.integers(1, 12),
)
def test_a_kernel_is_cut_exactly_where_all_it_reads_is_padding(
    size: int, kernel: int, dilation: int
) -> None:
    (cut,) = kernel_sizes((3, size), {"kernel": kernel, "dilation": dilation})
    reads = [
        any(0 <= position + tap * dilation < size for position in range(size))
        for tap in range(-(kernel // 2), kernel // 2 + 1)
    ]
    assert cut == sum(reads)
    assert cut % 2 == 1


@given(size=st.integers(1, 40), stride=st.integers(1, 4))
def test_strides_round_up_as_pools_do(size: int, stride: int) -> None:
    genes = {**PLAIN, "width": 4, "kernel": 3, "stride": stride}
    assert get_layer("conv1d").shape((1, size), genes)[1:] == pooled((1, size), stride)[1:]
