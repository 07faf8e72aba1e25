"""`check_layer`: whether a layer is what it declares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import BaseDistribution

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import draw
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.search_space import checked_shape
from optuna_codeepneat.search_space import extremes
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import only_tried
from optuna_codeepneat.search_space import rank
from optuna_codeepneat.testing._case import LayerCase


if TYPE_CHECKING:
    import numpy as np

# Sizes of 1 too: behind enough pools every layer meets them.
_SHAPES: dict[int, tuple[Shape, ...]] = {
    0: ((8,), (5,), (1,)),
    1: ((8, 16), (3, 7), (1, 2), (5, 1)),
    2: ((8, 8, 8), (3, 5, 7), (1, 2, 1), (5, 1, 1)),
}
_END_PROB = 0.25  # the ends of a range are where layers break


def check_layer(
    layer: Layer,
    *,
    shapes: Sequence[Sequence[int]] | None = None,
    n_networks: int = 20,
    seed: int = 0,
) -> None:
    """Checks that a layer is what it declares, for random values of its genes.

    It has to be registered. What `output_shape`, `num_params` and
    `macs` say has to be exactly what torch gives, and one core to do for two inputs that have the
    same `sharing_key`. The same seed has to build the same weights. A network of it has to be a
    point of a search space, and to train and evaluate, in float32 and bfloat16, with gradients
    for every parameter and without NaN. With `inheritance`, a network has to compute what its
    ancestor did wherever that claims so: with more units, further inputs, other genes, behind an
    identity, or with the weights of a layer in `accepts`.

    Args:
        layer:
            The layer.
        shapes:
            Input shapes ``(channels, *sizes)`` to try in turn, by default a few of its rank, from
            one value upwards: within a network a layer may meet any.
        n_networks:
            How many networks to build, each with other gene values.
        seed:
            The same seed tries the same networks.

    Raises:
        AssertionError: If something is wrong; the message names the layer, the genes, the input
            shape, what was declared and what torch gives.
        ValueError: If an argument makes no sense.

    Example:
        >>> from optuna_codeepneat.search_space import get_layer
        >>> from optuna_codeepneat.testing import check_layer
        >>> check_layer(get_layer("gru"), n_networks=4)
    """
    __tracebackhide__ = True
    tried = _shapes_for(layer, shapes)
    if n_networks < 1:
        raise ValueError(f"`n_networks` must be at least 1, got {n_networks}.")
    _check_registered(layer)

    from optuna_codeepneat.testing import _built
    from optuna_codeepneat.testing import _check_inheritance

    for i in range(n_networks):
        rng = rng_for(seed, "layer", i)
        genes = Genes(
            {name: _draw(distribution, rng) for name, distribution in layer.genes.items()}
        )
        case = LayerCase(layer, genes, tried[i % len(tried)])
        with only_tried(layer.name):
            declared = _declared(case)
            _built.check_core(case, *declared, seed=seed)
            _check_sharing(case, declared[0], seed=seed)
            _built.check_network(case, _architecture(case), seed=seed)
            _check_inheritance.check_inheritance(case, rng, seed=seed)


def _shapes_for(layer: Layer, shapes: Sequence[Sequence[int]] | None) -> list[Shape]:
    if shapes is None:
        return [shape for r in _SHAPES if layer.rank in (None, r) for shape in _SHAPES[r]]
    try:
        checked = [checked_shape(shape) for shape in shapes]
    except ValueError:
        checked = []
    if not checked or any(layer.rank not in (None, rank(shape)) for shape in checked):
        of_rank = "" if layer.rank is None else f" of rank {layer.rank}"
        raise ValueError(f"`shapes` must be shapes{of_rank}, at least one, got {shapes!r}.")
    return checked


def _draw(distribution: BaseDistribution, rng: np.random.Generator) -> Any:
    ends = extremes(distribution)
    at_end = rng.random() < _END_PROB
    return ends[int(rng.integers(len(ends)))] if at_end else draw(distribution, rng)


def _check_registered(layer: Layer) -> None:
    __tracebackhide__ = True
    try:
        known = get_layer(layer.name)
    except ValueError:
        raise AssertionError(
            f"layer {layer.name!r} is not registered: call `register_layer(layer)` where the "
            "search space is defined, in every process."
        ) from None
    if known != layer:
        raise AssertionError(
            f"layer {layer.name!r} is not the one that is registered under this name: give it "
            "another name."
        )


def _declared(case: LayerCase) -> tuple[Shape, int, int]:
    """Output shape, parameters and multiply-adds as the layer says them."""
    __tracebackhide__ = True
    shape = case.ask("output_shape", case.layer.output_shape)
    case.require(
        isinstance(shape, tuple) and all(type(size) is int and size >= 1 for size in shape),
        f"`output_shape` must be a tuple of whole numbers (int) from 1, got {shape!r}.",
    )
    case.require(
        len(shape) == len(case.shape),
        f"`output_shape` says {shape}, which has {len(shape)} dimension(s), but the input has "
        f"{len(case.shape)}; a layer keeps them.",
    )
    sizes = []
    for name, function in (("num_params", case.layer.num_params), ("macs", case.layer.macs)):
        size = case.ask(name, function)
        case.require(
            type(size) is int and size >= 0,
            f"`{name}` must be a whole number (int) from 0, got {size!r}.",
        )
        sizes.append(size)
    return shape, sizes[0], sizes[1]


def _check_sharing(case: LayerCase, shape: Shape, *, seed: int) -> None:
    """A core made for a larger map does for this one, if `sharing_key` says so."""
    __tracebackhide__ = True
    if case.layer.sharing_key is None:
        return
    larger = (case.shape[0], *(2 * size + 1 for size in case.shape[1:]))
    other = LayerCase(case.layer, case.genes, larger)
    keys = [each.ask("sharing_key", case.layer.sharing_key) for each in (case, other)]
    if larger == case.shape or keys[0] != keys[1]:
        return
    from optuna_codeepneat.testing import _built

    _built.check_sharing(case, other, shape, seed=seed)


def _architecture(case: LayerCase) -> Architecture:
    """A network of this layer alone, which its parameters describe in full."""
    __tracebackhide__ = True
    name = case.layer.name

    def in_a_space() -> tuple[Architecture, Architecture]:
        space = SearchSpace(layers=[name], input_shape=case.shape, num_outputs=2)
        nodes = [Node("0", name, genes=case.genes)]
        architecture = space.architecture([Node("0", "A")], {"A": nodes})
        return architecture, space.decode(space.encode(architecture))

    architecture, decoded = case.attempt("a search space of it", in_a_space)
    case.require(
        decoded == architecture, "`space.decode(space.encode(architecture))` is another network."
    )
    checked: Architecture = architecture
    return checked
