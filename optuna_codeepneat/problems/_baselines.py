"""Hand-made networks for each kind of data: what a search's are to be held against.

They are architectures like any other, so that they are trained by the same recipe on the same
split, and their parameters are counted in the same way. They need not be in the search space: one
without batch normalisation or residual sums is to be held against networks that have them. Those
that are can be the first trials of a study.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from math import ceil
from math import log2
from numbers import Real
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import extremes


if TYPE_CHECKING:
    from optuna_codeepneat.training import Recipe

_Layer = tuple[str, Mapping[str, Any]]
"""A layer's name, and the genes that differ from its defaults."""

_LAYERS = (
    ("dense", "identity"),
    ("conv1d", "separable_conv1d", "gru", "identity"),
    ("conv2d", "separable_conv2d", "identity"),
)
"""By the number of sizes of the inputs, which layers there are."""

_DILATIONS = (1, 2, 4, 8)
_LAST_SIZE = 4
_FIRST_WIDTHS, _LARGEST_WIDTH = (16, 8, 4), 64
_TEXT_KERNEL = 3


def hand_made(space: SearchSpace) -> dict[str, Architecture]:
    """Two to four hand-made networks for the inputs and outputs of a search space, by name.

    * Tables: a linear model, and one and two layers of 64.
    * Sequences of numbers: a convolution, then four residual ones with dilations 1, 2, 4 and 8,
      with 8 and with 12 channels, and with 16 channels depthwise separable.
    * Images: convolutions with a pool after each until the sizes are at most 4, with 16 channels
      at first and then twice as many, up to 64; the same with a residual convolution more in each
      part; and that depthwise separable. They are narrower where the space has caps.
    * Texts: the mean of the embeddings, one convolution, three, and a bidirectional GRU.

    Args:
        space:
            The search space of a problem.

    Example:
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.problems import hand_made
        >>> space = SearchSpace.conv2d(input_shape=(1, 14, 14), num_outputs=10)
        >>> for name, network in hand_made(space).items():
        ...     print(f"{name}: {network.num_params:,} parameters")
        plain convolutions: 9,978 parameters
        residual convolutions: 21,596 parameters
        separable convolutions: 3,356 parameters
    """
    if space.vocab_size is not None:
        return _for_texts(space)
    return (_for_tables, _for_sequences, _for_images)[len(space.input_shape) - 1](space)


def _for_tables(space: SearchSpace) -> dict[str, Architecture]:
    layer: _Layer = ("dense", {"width": 64})
    return {
        "linear": _chain(space, [[("identity", {})]]),
        "one layer of 64": _chain(space, [[layer]]),
        "two layers of 64": _chain(space, [[layer, layer]]),
    }


def _for_sequences(space: SearchSpace) -> dict[str, Architecture]:
    def residual(width: int, layer: str, kernel: int) -> Architecture:
        first: _Layer = ("conv1d", {"width": width, "residual": False})
        blocks: list[_Layer] = [
            (layer, {"width": width, "kernel": kernel, "dilation": dilation})
            for dilation in _DILATIONS
        ]
        # In two modules, as none of a preset has five layers.
        return _chain(space, [[first, *blocks[:2]], blocks[2:]], head="max")

    return {
        "residual, 8 channels": residual(8, "conv1d", 3),
        "residual, 12 channels": residual(12, "conv1d", 3),
        "residual, 16 channels, separable": residual(16, "separable_conv1d", 5),
    }


def _for_images(space: SearchSpace) -> dict[str, Architecture]:
    return {
        "plain convolutions": _convolutions(space, "conv2d", head="flatten"),
        "residual convolutions": _convolutions(space, "conv2d", "conv2d", head="flatten"),
        "separable convolutions": _convolutions(
            space, "separable_conv2d", "separable_conv2d", head="mean+max"
        ),
    }


def _convolutions(space: SearchSpace, layer: str, *residual: str, head: str) -> Architecture:
    """As wide as the caps of the space allow: those networks cost what the search's may."""
    n_parts = max(1, ceil(log2(max(space.input_shape[1:]) / _LAST_SIZE)))
    for first in _FIRST_WIDTHS:
        widths = [min(first * 2**i, _LARGEST_WIDTH) for i in range(n_parts)]
        parts: list[list[_Layer]] = [
            [
                # A separable convolution of one to three channels sees them one by one.
                (layer if i else "conv2d", {"width": width, "residual": False}),
                *((each, {"width": width}) for each in residual),
            ]
            for i, width in enumerate(widths)
        ]
        network = _chain(space, parts, pools=True, head=head)
        if space.excess(network) is None:
            break
    return network


def _for_texts(space: SearchSpace) -> dict[str, Architecture]:
    def convolution(width: int) -> _Layer:
        return "conv1d", {"width": width, "kernel": _TEXT_KERNEL, "residual": False}

    return {
        "bag of embeddings": _chain(space, [[("identity", {})]]),
        "one convolution": _chain(space, [[convolution(32)]], head="max"),
        "three convolutions": _chain(space, [[convolution(48)] * 3], head="max"),
        "bidirectional GRU": _chain(space, [[("gru", {"width": 32})]], head="max"),
    }


def _chain(
    space: SearchSpace,
    parts: Sequence[Sequence[_Layer]],
    *,
    pools: bool = False,
    head: str = "mean",
) -> Architecture:
    """One layer after the other, each part of them in a slot of its own.

    Args:
        space:
            For its inputs and outputs.
        parts:
            The layers.
        pools:
            Whether sizes are halved after each part.
        head:
            The global pooling.
    """
    own = SearchSpace(
        layers=_LAYERS[len(space.input_shape) - 1],
        input_shape=space.input_shape,
        num_outputs=space.num_outputs,
        vocab_size=space.vocab_size,
        padding_index=space.padding_index,
        min_pooling=space.min_pooling if pools else 0,
        n_module_slots=len(parts),
        # Any depth will do: how many nodes and which genes there may be is not asked.
        max_module_nodes=1,
        max_blueprint_nodes=1,
        global_pools=("mean", "max", "mean+max", "flatten"),
    )
    is_spatial = len(space.input_shape) > 1
    modules = {
        slot: [
            Node(str(i), name, inputs=_before(i), genes=_genes(name, genes))
            for i, (name, genes) in enumerate(part)
        ]
        for slot, part in zip(own.slots, parts, strict=True)
    }
    blueprint = tuple(
        Node(str(i), slot, inputs=_before(i), genes=Genes({"pool": pools} if is_spatial else {}))
        for i, slot in enumerate(own.slots)
    )
    genes = Genes({"head.pool": head} if is_spatial else {})
    return own.architecture(Graph(blueprint, genes=genes), modules, strict=False)


def _before(i: int) -> tuple[str, ...]:
    return (str(i - 1),) if i else ("in",)


def _genes(layer: str, genes: Mapping[str, Any]) -> Genes:
    # With no decay of its own a layer has that of the recipe.
    return Genes(genes if layer == "identity" else {"weight_decay": 0.0, **genes})


def as_params(
    network: Architecture, space: SearchSpace, recipe: Recipe, varied: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The parameters of a trial that trains a hand-made network as its recipe says.

    Args:
        network:
            The network.
        space:
            The search space of the trial.
        recipe:
            How networks are trained.
        varied:
            The distributions of what the trial varies of that.

    Returns:
        The parameters; None if the space has no such network, or its caps leave it out.
    """
    try:
        params = space.encode(network)
    except ValueError:
        return None
    if space.excess(network) is not None:
        return None
    for name, distribution in varied.items():
        value, ends = getattr(recipe, name, None), extremes(distribution)
        # What lies outside of its range is left to the sampler.
        if isinstance(value, Real) and min(ends) <= value <= max(ends):
            params[name] = value
    return params
