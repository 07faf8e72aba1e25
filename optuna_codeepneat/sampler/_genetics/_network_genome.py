"""A network as evolution sees it: a blueprint, and a module in each slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from optuna_codeepneat.sampler._genetics import _genome
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import SearchSpace


@dataclass(frozen=True)
class NetworkGenome:
    """A blueprint with the module that fills each slot it points to.

    Args:
        blueprint:
            The blueprint's genome, global genes included.
        modules:
            The module's genome in each slot in use.
    """

    blueprint: Graph
    modules: Mapping[str, Graph]

    def with_module(self, slot: str, module: Graph) -> NetworkGenome:
        """The network with another module in a slot."""
        return replace(self, modules={**self.modules, slot: module})

    def architecture(self, space: SearchSpace) -> Architecture:
        """The assembled network."""
        own = {
            name: self.blueprint.genes[name]
            for name in space.hyperparameters
            if name in self.blueprint.genes
        }
        return space.architecture(self.blueprint, self.modules, own, strict=False)

    def global_genes(self, space: SearchSpace | None) -> dict[str, Any]:
        """Values of the parameters beside the graph of the blueprint, as far as it has them."""
        own = set(space.graph_genes) if space is not None else set()
        return {name: value for name, value in self.blueprint.genes.items() if name not in own}

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value; `from_json` is its inverse."""
        return {
            "blueprint": self.blueprint.to_json(),
            "modules": {slot: genome.to_json() for slot, genome in self.modules.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> NetworkGenome:
        """The network that `to_json` wrote."""
        return cls(
            Graph.from_json(value["blueprint"]),
            {slot: Graph.from_json(genome) for slot, genome in value["modules"].items()},
        )


def network_genome(architecture: Architecture, genes: Genes) -> NetworkGenome:
    """The genomes of a network that was not bred, with these genes of its blueprint besides."""
    blueprint = _genome.with_innovation_ids(architecture.blueprint)
    graphs = architecture.modules.items()
    modules = {slot: _genome.with_innovation_ids(graph) for slot, graph in graphs}
    return NetworkGenome(replace(blueprint, genes=blueprint.genes | genes), modules)


def smallest_network(space: SearchSpace, genes: Genes) -> NetworkGenome:
    """A network that meets the caps for sure, with these global genes."""
    sizes = (space.smallest("num_params"), space.smallest("macs"))
    within = [network for network in sizes if space.excess(network) is None]
    smallest = within[0] if within else sizes[0]
    return network_genome(smallest, genes | smallest.blueprint.genes)
