"""Graphs that are written by hand get the genes that they leave out."""

from __future__ import annotations

from collections.abc import Mapping

from optuna.distributions import BaseDistribution

from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._ranges import with_defaults
from optuna_codeepneat.search_space._registry import get_layer


def filled_blueprint(
    blueprint: Graph,
    node_genes: Mapping[str, BaseDistribution],
    graph_genes: Mapping[str, BaseDistribution],
) -> Graph:
    """The blueprint with every gene of these ranges, and without the graph's others.

    Those are of a genome, which carries a trial's hyperparameters too.
    """
    nodes = tuple(
        Node(n.id, n.kind, n.inputs, with_defaults(node_genes, {}, n.genes), n.merge)
        for n in blueprint.nodes
    )
    own = {name: blueprint.genes[name] for name in graph_genes if name in blueprint.genes}
    return Graph(nodes, blueprint.merge, with_defaults(graph_genes, {}, own))


def filled_module(module: Graph, layers: Mapping[str, Mapping[str, BaseDistribution]]) -> Graph:
    """The module with every gene of its layers; `ValueError` for one that is not among them."""
    nodes = []
    for node in module.nodes:
        if node.kind not in layers:
            raise ValueError(
                f"layer {node.kind!r} is not in the search space, which has {', '.join(layers)}."
            )
        genes = with_defaults(layers[node.kind], get_layer(node.kind).defaults, node.genes)
        same = genes is node.genes
        nodes.append(node if same else Node(node.id, node.kind, node.inputs, genes, node.merge))
    return Graph(tuple(nodes), module.merge, module.genes)
