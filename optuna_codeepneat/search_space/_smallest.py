"""The smallest network of a search space: what its caps must leave room for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Literal

from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._graph import Genes
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._graph import Value
from optuna_codeepneat.search_space._layer import extremes


if TYPE_CHECKING:
    from optuna_codeepneat.search_space._space import SearchSpace


def smallest(space: SearchSpace, size: Literal["num_params", "macs"]) -> Architecture:
    """A network of one layer, each gene at the end of its range that makes it smaller."""

    def sizes(architecture: Architecture) -> tuple[int, int]:
        both = (architecture.num_params, architecture.macs)
        return both if size == "num_params" else both[::-1]

    def with_layer(layer: str) -> Architecture:
        genes = {name: extremes(dist)[0] for name, dist in space.layers[layer].items()}
        head: dict[str, Value] = {}

        def build() -> Architecture:
            pool: dict[str, Value] = {"pool": False} if space.blueprint_genes else {}
            return space.architecture(
                Graph((Node("0", space.slots[0], genes=Genes(pool)),), genes=Genes(head)),
                {space.slots[0]: Graph((Node("0", layer, genes=Genes(genes)),))},
                {name: extremes(dist)[0] for name, dist in space.hyperparameters.items()},
            )

        for values, ranges in ((genes, space.layers[layer]), (head, space.graph_genes)):
            for name, distribution in ranges.items():
                built = []
                for value in extremes(distribution):
                    values[name] = value
                    built.append((sizes(build()), value))
                values[name] = min(built, key=lambda pair: pair[0])[1]
        return build()

    return min(map(with_layer, space.layers), key=sizes)
