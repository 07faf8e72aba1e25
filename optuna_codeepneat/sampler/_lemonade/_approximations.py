"""Approximate network morphisms: operators that make a network smaller, or change its function.

Elsken, Metzen and Hutter 2019 (LEMONADE), section 3: a child keeps what it can of its parent's
weights. Pure functions as in `_morphisms`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Operator
from optuna_codeepneat.sampler._genetics import blueprint_space
from optuna_codeepneat.sampler._genetics import module_space
from optuna_codeepneat.sampler._genetics import perturb_one
from optuna_codeepneat.sampler._genetics import remove_connection
from optuna_codeepneat.sampler._genetics import remove_node as remove_from_graph
from optuna_codeepneat.sampler._genetics import with_node
from optuna_codeepneat.sampler._lemonade._widths import at_most
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import contains
from optuna_codeepneat.search_space import with_defaults


if TYPE_CHECKING:
    import numpy as np

KEPT = (0.5, 0.75)
"""Shares of the filters that pruning leaves."""


def remove_node(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace
) -> NetworkGenome:
    """Takes a layer out of a module, or a module out of the blueprint."""
    return _by_mutation(network, rng, space, remove_from_graph)


def disconnect(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace
) -> NetworkGenome:
    """Takes one of several inputs from a node."""
    return _by_mutation(network, rng, space, remove_connection)


def narrow(network: NetworkGenome, rng: np.random.Generator, space: SearchSpace) -> NetworkGenome:
    """Prunes a half or a quarter of a layer's filters."""
    places = [
        (slot, node, smaller)
        for slot, module in sorted(network.modules.items())
        for node in module.nodes
        if "width" in node.genes and "width" in space.layers[node.kind]
        for share in KEPT
        if (smaller := _pruned(node, share, space)) is not None
    ]
    if not places:
        return network
    slot, node, width = places[int(rng.integers(len(places)))]
    narrower = replace(node, genes=node.genes | {"width": width})
    return network.with_module(slot, with_node(network.modules[slot], narrower))


def separate(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace
) -> NetworkGenome:
    """Replaces a convolution by a depthwise separable one."""
    places = [
        (slot, node)
        for slot, module in sorted(network.modules.items())
        for node in module.nodes
        if f"separable_{node.kind}" in space.layers
    ]
    if not places:
        return network
    slot, node = places[int(rng.integers(len(places)))]
    kind = f"separable_{node.kind}"
    ranges = space.layers[kind]
    own = {n: v for n, v in node.genes.items() if n in ranges and contains(ranges[n], v)}
    genes = with_defaults(ranges, {}, Genes(own))
    separable = replace(node, kind=kind, genes=genes)
    return network.with_module(slot, with_node(network.modules[slot], separable))


def alter(network: NetworkGenome, rng: np.random.Generator, space: SearchSpace) -> NetworkGenome:
    """Perturbs one gene, such as an activation or whether sizes are halved (ours).

    LEMONADE's operators never change those of a layer that is there.
    """
    # The blueprint as one of the components; its global genes are none of the architecture's.
    components: list[str | None] = [None, *sorted(network.modules)]
    slot = components[int(rng.integers(len(components)))]
    if slot is not None:
        module = perturb_one(network.modules[slot], rng, module_space(space), sigma=0.2)
        return network.with_module(slot, module)
    own = blueprint_space(space, {})
    graph_genes = replace(own, genes=space.graph_genes)
    return replace(network, blueprint=perturb_one(network.blueprint, rng, graph_genes, sigma=0.2))


def _by_mutation(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace, operator: Operator
) -> NetworkGenome:
    """The network with one component changed, the first for which it is possible."""
    components: list[str | None] = [None, *sorted(network.modules)]
    for i in rng.permutation(len(components)):
        slot = components[int(i)]
        if slot is None:
            blueprint = operator(network.blueprint, rng, blueprint_space(space, {}))
            if blueprint != network.blueprint:
                used = {node.kind for node in blueprint.nodes}
                kept = {s: module for s, module in network.modules.items() if s in used}
                return replace(network, blueprint=blueprint, modules=kept)
        else:
            module = operator(network.modules[slot], rng, module_space(space))
            if module != network.modules[slot]:
                return network.with_module(slot, module)
    return network


def _pruned(node: Node, share: float, space: SearchSpace) -> int | None:
    width = node.genes["width"]
    assert isinstance(width, int)
    smaller = at_most(space.layers[node.kind]["width"], share * width)
    return smaller if smaller is not None and smaller < width else None
