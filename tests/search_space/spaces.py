"""Hypothesis strategies for search spaces and networks, and layers as a user may write them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from hypothesis.strategies import SearchStrategy
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import register_layer
from optuna_codeepneat.search_space._layer import ACTIVATIONS
from optuna_codeepneat.search_space._layer import INITIALIZERS
from optuna_codeepneat.search_space._layer import NORMS
from optuna_codeepneat.search_space._shapes import GLOBAL_POOLS
from optuna_codeepneat.search_space._shapes import MERGES


# -- layers of a user ------------------------------------------------------------------------

COMMON = {
    "norm": CategoricalDistribution(NORMS),
    "activation": CategoricalDistribution(ACTIVATIONS),
    "dropout": FloatDistribution(0.0, 0.5),
    "weight_decay": FloatDistribution(0.0, 0.1),
    "residual": CategoricalDistribution((False, True)),
}


def _build_gated(shape: Any, genes: Any) -> Any:
    from torch import nn

    conv = nn.Conv1d(shape[0], 2 * genes["width"], genes["reach"], padding=genes["reach"] // 2)
    return nn.Sequential(conv, nn.GLU(dim=1))


GATED = register_layer(
    Layer(
        name="test_gated",
        rank=1,
        genes={"width": IntDistribution(1, 6), "reach": IntDistribution(1, 5, step=2), **COMMON},
        output_shape=lambda shape, genes: (genes["width"], shape[1]),
        num_params=lambda shape, genes: 2 * genes["width"] * (shape[0] * genes["reach"] + 1),
        macs=lambda shape, genes: 2 * genes["width"] * shape[0] * genes["reach"] * shape[1],
        build=_build_gated,
    )
)


def _build_upsample(shape: Any, genes: Any) -> Any:
    from torch import nn

    return nn.Upsample(scale_factor=genes["factor"])


UPSAMPLE = register_layer(
    Layer(
        name="test_upsample",
        rank=None,
        genes={"factor": IntDistribution(1, 3), **COMMON},
        output_shape=lambda shape, genes: (shape[0], *(n * genes["factor"] for n in shape[1:])),
        num_params=lambda shape, genes: 0,
        macs=lambda shape, genes: 0,
        build=_build_upsample,
    )
)


# -- spaces ----------------------------------------------------------------------------------

PRESETS: dict[str, SearchSpace] = {
    "conv1d": SearchSpace.conv1d(input_shape=(2, 23), num_outputs=3),
    "conv2d": SearchSpace.conv2d(input_shape=(3, 9, 7), num_outputs=3),
    "sequence": SearchSpace.sequence(input_shape=(5, 7), num_outputs=2),
    "text": SearchSpace.sequence(input_shape=(5, 4), num_outputs=2, vocab_size=11),
    "masked": SearchSpace(
        layers=("conv1d", "lstm", "gru", "self_attention", "squeeze_excitation"),
        input_shape=(5, 7),
        num_outputs=2,
        vocab_size=11,
        padding_index=0,
    ),
    "dense": SearchSpace.dense(input_shape=(6,), num_outputs=4),
    "cifar10": SearchSpace.cifar10(input_shape=(3, 9, 7), num_outputs=3),
    "lemonade": SearchSpace.lemonade(input_shape=(3, 9, 7), num_outputs=3),
    "attention": SearchSpace(
        layers=("self_attention", "squeeze_excitation", "conv1d"),
        input_shape=(5, 9),
        num_outputs=3,
    ),
    "shared": SearchSpace.conv2d(input_shape=(3, 9, 7), num_outputs=3, weight_sharing=True),
}

_LAYERS = {
    0: ("dense", "squeeze_excitation", "dropout", "identity"),
    1: (
        *("conv1d", "separable_conv1d", "lstm", "gru", "dropout", "identity"),
        *("self_attention", "squeeze_excitation", "test_gated", "test_upsample"),
    ),
    2: (
        *("conv2d", "separable_conv2d", "squeeze_excitation", "dropout", "identity"),
        "test_upsample",
    ),
}
_GENES: dict[str, BaseDistribution] = {
    "width": IntDistribution(1, 9),
    "kernel": IntDistribution(1, 7, step=2),
    "dilation": IntDistribution(1, 9),
    "stride": IntDistribution(1, 3),
    "heads": IntDistribution(1, 3),
    "head_size": IntDistribution(2, 6, step=2),
    "reduction": IntDistribution(1, 9),
    "norm": CategoricalDistribution(NORMS),
    "activation": CategoricalDistribution(ACTIVATIONS),
    "initializer": CategoricalDistribution(INITIALIZERS),
    "bidirectional": CategoricalDistribution((False, True)),
    "dropout": FloatDistribution(0.0, 0.9),
    "weight_decay": FloatDistribution(0.0, 0.1),
    "residual": CategoricalDistribution((False, True)),
}


def all_genes(layer: str) -> dict[str, BaseDistribution]:
    """A layer's genes with every value that may matter, and small widths."""
    from optuna_codeepneat.search_space import get_layer

    return {gene: _GENES.get(gene, known) for gene, known in get_layer(layer).genes.items()}


@st.composite
def spaces(draw: DrawFn) -> SearchSpace:
    """Search spaces of any rank with small networks of all layers, merges and genes."""
    rank = draw(st.integers(0, 2))
    vocab_size = draw(st.none() | st.integers(1, 9)) if rank == 1 else None
    layers = draw(st.lists(st.sampled_from(_LAYERS[rank]), min_size=1, unique=True))
    sizes = draw(st.tuples(*[st.integers(1, 13)] * rank))
    # Of a single token there would be nothing but padding.
    tokens = st.none() if (vocab_size or 1) < 2 else st.none() | st.integers(0, vocab_size - 1)
    return SearchSpace(
        layers={layer: all_genes(layer) for layer in layers},
        input_shape=(draw(st.integers(1, 5)), *sizes),
        num_outputs=draw(st.integers(1, 4)),
        vocab_size=vocab_size,
        padding_index=draw(tokens),
        n_module_slots=draw(st.integers(1, 4)),
        max_module_nodes=draw(st.integers(1, 4)),
        max_blueprint_nodes=draw(st.integers(1, 4)),
        max_inputs=draw(st.integers(1, 4)),
        merges=draw(st.lists(st.sampled_from(MERGES), min_size=1, unique=True)),
        global_pools=draw(st.lists(st.sampled_from(GLOBAL_POOLS), min_size=1, unique=True)),
        weight_sharing=draw(st.booleans()),
        min_pooling=draw(st.integers(0, (max(sizes, default=1) - 1).bit_length())),
        hyperparameters=draw(
            st.sampled_from([{}, {"lr": FloatDistribution(1e-4, 1e-1, log=True)}])
        ),
    )


def values(distribution: BaseDistribution) -> SearchStrategy[Any]:
    """What a sampler might give for a parameter."""
    if isinstance(distribution, CategoricalDistribution):
        return st.sampled_from(distribution.choices)
    if isinstance(distribution, IntDistribution):
        low, step = distribution.low, distribution.step
        return st.integers(0, (distribution.high - low) // step).map(lambda i: low + i * step)
    assert isinstance(distribution, FloatDistribution)
    return st.floats(distribution.low, distribution.high)


@st.composite
def architectures(draw: DrawFn, space: SearchSpace) -> Architecture:
    """Any network of a space."""
    return space.walk(lambda name, distribution: draw(values(distribution)))


@st.composite
def spaces_and_architectures(draw: DrawFn) -> tuple[SearchSpace, Architecture]:
    """A preset or another space, and any of its networks."""
    space = draw(st.sampled_from(list(PRESETS.values())) | spaces())
    return space, draw(architectures(space))
