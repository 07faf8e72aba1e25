"""What is behind the end of a text changes nothing, whatever a network is made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from optuna.distributions import IntDistribution
from torch import Tensor
from torch import nn

from optuna_codeepneat.network._layers import Recurrent
from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._masked import Masked
from optuna_codeepneat.network._masked import MaskedBatchNorm
from optuna_codeepneat.network._masked import MaskedEmbedding
from optuna_codeepneat.network._masked import MaskedHead
from optuna_codeepneat.network._masked import MaskedMerge
from optuna_codeepneat.network._masked import MaskedPool
from optuna_codeepneat.network._masked import masked
from optuna_codeepneat.network._masked import resized
from optuna_codeepneat.network._network import Network
from optuna_codeepneat.network._network import build_network
from optuna_codeepneat.network._parts import max_pool
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import register_layer
from optuna_codeepneat.search_space._shapes import GLOBAL_POOLS
from optuna_codeepneat.search_space._shapes import MERGES
from tests.network.texts import with_padding
from tests.search_space.spaces import all_genes
from tests.search_space.spaces import architectures


_LAYERS = (
    *("conv1d", "separable_conv1d", "lstm", "gru", "self_attention", "squeeze_excitation"),
    *("dropout", "identity", "test_gated"),
)
_VOCAB_SIZE, _PADDING = 9, 3


@st.composite
def texts(draw: DrawFn) -> tuple[Architecture, Tensor, int]:
    """A network of any layers, merges and pools, and texts of at most this length."""
    torch.manual_seed(draw(st.integers(0, 99)))
    layers = draw(st.lists(st.sampled_from(_LAYERS), min_size=1, unique=True))
    genes = {layer: all_genes(layer) for layer in layers}
    for own in genes.values():
        if "stride" in own:
            own["stride"] = IntDistribution(1, 2)
    space = SearchSpace(
        layers=genes,
        input_shape=(draw(st.integers(1, 4)), draw(st.integers(2, 16))),
        num_outputs=2,
        vocab_size=_VOCAB_SIZE,
        padding_index=_PADDING,
        max_module_nodes=3,
        max_blueprint_nodes=3,
        merges=MERGES,
        global_pools=GLOBAL_POOLS,
        weight_sharing=draw(st.booleans()),
    )
    architecture = draw(architectures(space))
    length = architecture.input_shape[1]
    ends = draw(st.lists(st.integers(0, length - 1), min_size=3, max_size=3))
    tokens = torch.randint(_VOCAB_SIZE, (3, length))
    for row, end in enumerate(ends):
        # A text may hold the token that pads, but not at its end.
        tokens[row, end:] = _PADDING
        if end:
            tokens[row, end - 1] = 0
    return architecture, tokens, max(1, *ends)


def shorter(network: Network, length: int) -> Network:
    """The network for texts of this length, with the same weights as far as those are read."""
    architecture = network.architecture
    shape = (architecture.input_shape[0], length)
    twin, weights = build_network(replace(architecture, input_shape=shape)), network.state_dict()
    # Where sizes are not divisible, windows of the pools that align them are others by design; and
    # kernels that are cut to the same size share weights that they did not share before.
    assume(windows(network) == windows(twin))
    assume(sharing(network) == sharing(twin))
    for name, tensor in twin.state_dict().items():
        old = weights[name]
        if old.ndim == 4:  # a kernel, cut to what it can see
            begin = (old.shape[-1] - tensor.shape[-1]) // 2
            old = old[..., begin : begin + tensor.shape[-1]]
        elif old.ndim == 2:  # of every position, in their order
            old = old[:, : tensor.shape[1]]
        tensor.copy_(old)
    return twin


def windows(network: Network) -> list[Any]:
    """Of all poolings."""
    pools = [module for module in network.modules() if "MaxPool" in type(module).__name__]
    return [getattr(pool, "kernel_size", pool) for pool in pools]


def sharing(network: Network) -> list[str | None]:
    """Whose weights each operation uses."""
    return [operation.shares for operation in network.architecture.operations]


def without_noise(network: Network) -> Network:
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return network


@given(drawn=texts())
def test_more_padding_changes_no_output(drawn: Any) -> None:
    """In training and in evaluation, with the statistics that training left."""
    architecture, tokens, length = drawn
    network = without_noise(build_network(architecture)).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))  # so that no bias is zero
        twin = without_noise(shorter(network, length).double())
    for train in (True, False):
        out, expected = network.train(train)(tokens), twin.train(train)(tokens[:, :length])
        torch.testing.assert_close(out, expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("train", [True, False])
@given(drawn=texts(), n_empty=st.integers(1, 3))
def test_texts_without_a_token_have_finite_outputs_and_gradients(
    train: bool, drawn: Any, n_empty: int
) -> None:
    architecture, tokens, _ = drawn
    tokens[:n_empty] = _PADDING
    network = build_network(architecture).train(train)
    out = network(tokens)
    out.square().sum().backward()
    assert out.isfinite().all()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert all(tensor.isfinite().all() for tensor in network.state_dict().values())


# -- layers of a user ------------------------------------------------------------------------


class _Loud(nn.Module):
    """Knows nothing of masks, and makes NaN of every zero."""

    def forward(self, x: Tensor) -> Tensor:
        return x / x


class _Centred(nn.Module):
    """Asks for the mask."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is None:
            return x - x.mean(2, keepdim=True)
        assert mask.dtype == torch.bool and mask.shape == (len(x), x.shape[2])
        n = mask.sum(1).clamp(min=1)[:, None, None]
        return x - x.sum(2, keepdim=True) / n


def _layer(name: str, build: type[nn.Module]) -> Layer:
    layer = Layer(
        name=name,
        rank=1,
        genes={},
        output_shape=lambda shape, genes: shape,
        num_params=lambda shape, genes: 0,
        macs=lambda shape, genes: 0,
        build=lambda shape, genes: build(),
    )
    return register_layer(layer, replace=True)


def network_of(layer: Layer, padding_index: int | None) -> Network:
    space = SearchSpace(
        layers=[layer.name],
        input_shape=(2, 6),
        num_outputs=3,
        vocab_size=_VOCAB_SIZE,
        padding_index=padding_index,
    )
    return build_network(space.smallest())


def test_what_a_layer_that_knows_no_masks_makes_of_padding_is_dropped() -> None:
    network = network_of(_layer("test_loud", _Loud), _PADDING)
    tokens = with_padding(torch.randint(_VOCAB_SIZE, (3, 6)), _PADDING)
    found = network.parts["0_0"](network.parts["input"](tokens))
    assert torch.equal(found.tensor, found.mask.expand(-1, 2, -1, -1).float())


@pytest.mark.parametrize("padding_index", [None, _PADDING])
def test_a_layer_that_has_a_mask_in_its_forward_gets_it(padding_index: int | None) -> None:
    network = network_of(_layer("test_centred", _Centred), padding_index)
    tokens = with_padding(torch.randint(_VOCAB_SIZE, (3, 6)), _PADDING)
    found = network.parts["0_0"](network.parts["input"](tokens))
    x = found.tensor if isinstance(found, Masked) else found
    torch.testing.assert_close(x.sum(3), torch.zeros(3, 2, 1), atol=1e-5, rtol=0)


def test_without_a_padding_index_no_part_knows_of_masks() -> None:
    for module in network_of(_layer("test_centred", _Centred), None).modules():
        assert "Masked" not in type(module).__name__


# -- parts -----------------------------------------------------------------------------------


def text(*lengths: int, channels: int = 2, length: int = 6) -> Masked:
    x = as_image(torch.randn(len(lengths), channels, length))
    mask = (torch.arange(length) < torch.tensor(lengths)[:, None])[:, None, None]
    return Masked(torch.where(mask, x, 0.0), mask)


def test_the_text_ends_behind_the_last_other_token() -> None:
    embedding = MaskedEmbedding(5, 4, 2)
    found = embedding(torch.tensor([[2, 0, 2, 1, 2, 2], [2] * 6, [1] * 6]))
    assert found.mask[:, 0, 0].sum(1).tolist() == [4, 0, 6]
    assert torch.equal(found.tensor[0, :, 0, 2], embedding.weight[2])
    assert not found.tensor[0, :, 0, 4:].any() and not found.tensor[1].any()


def test_a_pool_sees_no_zeros_behind_the_end() -> None:
    x, mask = text(3, 0, 6)
    pooled = MaskedPool(max_pool([2]))(Masked(-x.abs(), mask))
    assert pooled.mask[:, 0, 0].tolist() == [[True, True, False], [False] * 3, [True] * 3]
    assert torch.equal(pooled.tensor[0, :, 0, 1], -x.abs()[0, :, 0, 2])
    assert not pooled.tensor[1].any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_batch_normalisation_takes_the_statistics_of_the_text(dtype: torch.dtype) -> None:
    x, mask = text(3, 1, 6)
    x = x + 1.0  # padding is no zero, as behind a convolution
    own, known = MaskedBatchNorm(2), nn.BatchNorm1d(2)
    for norm in (own, known):
        nn.init.normal_(norm.weight, generator=torch.Generator().manual_seed(0))
    real = x.movedim(1, 3)[mask.movedim(1, 3).expand(-1, -1, -1, 2)].view(10, 2)
    out = own.to(dtype)(x.to(dtype), mask)
    expected = known.to(dtype)(real.to(dtype))
    assert out.dtype == dtype
    found = out.movedim(1, 3)[mask.movedim(1, 3).expand(-1, -1, -1, 2)].view(10, 2)
    tolerance = (
        {"atol": 1e-5, "rtol": 1e-5} if dtype == torch.float32 else {"atol": 0.1, "rtol": 0.1}
    )
    torch.testing.assert_close(found, expected, **tolerance)
    for name, tensor in known.state_dict().items():
        torch.testing.assert_close(own.state_dict()[name], tensor, **tolerance)


def test_masks_leave_the_layout() -> None:
    """What `masked_fill` returns lies otherwise, and makes a convolution slower."""
    x, mask = text(3, 5)
    found = MaskedEmbedding(5, 2, 0)(torch.tensor([[1, 2, 0], [1, 3, 4]])).tensor
    for out in (found, masked(x, mask).tensor, MaskedBatchNorm(2)(x, mask)):
        assert out.is_contiguous(memory_format=torch.channels_last)
    assert MaskedPool(max_pool([2]))(Masked(x, mask)).tensor.stride()[1] == 1


def test_statistics_stay_where_a_batch_has_no_text() -> None:
    norm = MaskedBatchNorm(2)
    x, mask = text(0, 0)
    assert norm(x, mask).isfinite().all()
    assert norm.running_var.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("mode", ["LSTM", "GRU"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_recurrent_layers_read_each_text_as_if_it_were_alone(
    mode: str, bidirectional: bool
) -> None:
    core = Recurrent(mode, 2, 5, bidirectional=bidirectional)
    x, mask = text(3, 1, 6)
    x, mask = x.squeeze(2), mask[:, 0, 0]
    out = core(x, mask)
    for example, length in zip(range(3), (3, 1, 6), strict=True):
        alone = core(x[example : example + 1, :, :length])
        torch.testing.assert_close(out[example : example + 1, :, :length], alone)


@pytest.mark.parametrize("pool", GLOBAL_POOLS)
def test_global_pooling(pool: str) -> None:
    head, (x, mask) = MaskedHead((2, 6), 3, pool), text(4, 0)
    real = x[:1, :, 0, :4]
    known = {"mean": real.mean(2), "max": real.amax(2)}
    known["flatten"] = F.pad(real, (0, 2)).transpose(1, 2).flatten(1)
    features = torch.cat([known[name] for name in pool.split("+")], dim=1)
    features = torch.cat([features, torch.zeros_like(features)])
    torch.testing.assert_close(head(Masked(x, mask)), head.linear(features))


def test_a_merge_is_text_where_any_of_its_inputs_is() -> None:
    one, other = text(5, 0, channels=2), text(1, 0, channels=3, length=3)
    merge = MaskedMerge("sum", [(2, 6), (3, 3)])
    out = merge(one, other)
    assert out.mask[:, 0, 0].tolist() == [[True] * 3, [False] * 3]
    assert torch.equal(
        out.tensor[:, :, 0, 1:], merge(one, text(0, 0, channels=3, length=3))[0][:, :, 0, 1:]
    )


@pytest.mark.parametrize(
    ("length", "size", "stride", "begins"),
    [
        (5, 5, 1, [0, 1, 2, 3, 4]),
        (4, 2, 3, [0, 3]),
        (4, 2, 1, [0, 2]),  # a layer of a user's that halves
        (7, 5, 1, [0, 1, 2, 4, 5]),  # as adaptive pooling
        (2, 4, 1, [0, 0, 1, 1]),
    ],
)
def test_a_position_is_text_if_what_it_begins_at_is(
    length: int, size: int, stride: int, begins: list[int]
) -> None:
    for end in range(length + 1):
        mask = torch.arange(length) < end
        found = resized(mask[None, None, None], size, stride)
        assert found.flatten().tolist() == [begin < end for begin in begins]
