"""The networks that LEMONADE begins with."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import blueprint_space
from optuna_codeepneat.sampler._genetics import module_space
from optuna_codeepneat.sampler._genetics import network_genome
from optuna_codeepneat.sampler._genetics import random_genome
from optuna_codeepneat.sampler._genetics import smallest_network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    import numpy as np
    from optuna.distributions import BaseDistribution

INITIAL: Origin[Position] = Origin("initial")

_MOST_NODES = 2
"""Layers of a module, and modules of a network, that is drawn."""

_DRAWN = 8
"""How many networks are drawn for each one that is kept."""

_ENOUGH = 2000
"""How many drawn networks show what sizes there are; more are drawn only if more are kept."""

_LEAST_DRAWN = 2
"""For each one that is kept, so that the larger half can be left out."""


def first_networks(
    space: SearchSpace,
    initial: Sequence[Architecture],
    n: int,
    global_genes: Mapping[str, BaseDistribution],
    seed: int,
) -> list[NetworkGenome]:
    """Networks to begin with: those given, then small random ones of different sizes.

    LEMONADE begins with a handful of small networks. Where none are given, many are drawn, and
    from the smaller half of them some that lie evenly between the smallest and the largest
    (ours). They are n in all; if the user gave more, just these.
    """
    found = [network_genome(network, network.hyperparameters) for network in initial]
    missing = n - len(found)
    if missing <= 0:
        return found
    drawn: dict[str, tuple[int, NetworkGenome]] = {}
    for i in range(max(_LEAST_DRAWN * missing, min(_DRAWN * missing, _ENOUGH))):
        network = _random(space, global_genes, rng_for(seed, "first", i))
        architecture = network.architecture(space)
        if space.excess(architecture) is None:
            drawn.setdefault(architecture.signature, (architecture.num_params, network))
    by_size = [network for _, network in sorted(drawn.values(), key=lambda pair: pair[0])]
    by_size = by_size[: max(missing, len(by_size) // 2)]
    if not by_size:
        own = blueprint_space(space, global_genes)
        values = own.draw_genes(own.genes, rng_for(seed, "first"))
        by_size = [smallest_network(space, values)]
    last = len(by_size) - 1
    chosen = [round(i * last / max(1, missing - 1)) for i in range(missing)]
    return found + [by_size[i] for i in chosen]


def _random(
    space: SearchSpace, global_genes: Mapping[str, BaseDistribution], rng: np.random.Generator
) -> NetworkGenome:
    most = min(_MOST_NODES, space.max_blueprint_nodes)
    blueprint = random_genome(blueprint_space(space, global_genes), rng, most)
    most = min(_MOST_NODES, space.max_module_nodes)
    modules = {
        slot: random_genome(module_space(space), rng, most)
        for slot in sorted({node.kind for node in blueprint.nodes})
    }
    return NetworkGenome(blueprint, modules)
