"""Random networks of genomes, for the tests of morphisms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import Morphism
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.search_space import SearchSpace


def random_network(space: SearchSpace, seed: int) -> NetworkGenome:
    """A network of any size and shape, made by the search space and not by an operator."""
    rng = np.random.default_rng(seed)
    architecture = space.walk(lambda name, distribution: draw(distribution, rng))
    blueprint = with_innovation_ids(architecture.blueprint)
    genes = blueprint.genes | architecture.hyperparameters
    modules = {slot: with_innovation_ids(graph) for slot, graph in architecture.modules.items()}
    return NetworkGenome(replace(blueprint, genes=genes), modules)


def applied(
    operator: Morphism, network: NetworkGenome, path: tuple[int | str, ...], space: SearchSpace
) -> NetworkGenome:
    """The child; checks that the parent stays as it is, and that the same seed gives the same."""
    before = network.to_json()
    child = operator(network, rng_for(*path), space)
    assert network.to_json() == before
    assert operator(network, rng_for(*path), space).to_json() == child.to_json()
    return child


def check_network(network: NetworkGenome, space: SearchSpace) -> None:
    """Raises unless the genomes are valid and make a network of the space."""
    for graph in (network.blueprint, *network.modules.values()):
        graph.lint()
    assert set(network.modules) == {node.kind for node in network.blueprint.nodes}
    architecture = network.architecture(space)
    assert space.decode(space.encode(architecture)) == architecture


def changed(child: NetworkGenome, parent: NetworkGenome) -> bool:
    return child.blueprint != parent.blueprint or child.modules != parent.modules
