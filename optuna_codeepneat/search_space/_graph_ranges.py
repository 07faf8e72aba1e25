"""`GraphRanges`: the parameters of one graph, in the order in which they are asked for."""

from __future__ import annotations

from collections.abc import Mapping

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._layer import extremes
from optuna_codeepneat.search_space._parameters import Choose
from optuna_codeepneat.search_space._parameters import GraphNames
from optuna_codeepneat.search_space._parameters import ask
from optuna_codeepneat.search_space._parameters import inputs_of


class GraphRanges:
    """What the blueprint, or the module in a slot, may be.

    Args:
        graph:
            `BLUEPRINT` or the slot.
        kinds:
            The range of genes by what a node can be: a slot, or a layer.
        max_nodes:
            The most nodes.
        max_inputs:
            The most inputs of a node.
        merge:
            How several inputs may become one.
        genes:
            The ranges of the graph's own genes, by their whole names.
    """

    def __init__(
        self,
        graph: str,
        kinds: Mapping[str, Mapping[str, BaseDistribution]],
        *,
        max_nodes: int,
        max_inputs: int,
        merge: CategoricalDistribution,
        genes: Mapping[str, BaseDistribution],
    ) -> None:
        self._names = GraphNames(graph)
        self._kinds = kinds
        # What every node asks for, made once.
        self._kind = CategoricalDistribution(tuple(kinds))
        self._fixed_and_free = {kind: _fixed_and_free(ranges) for kind, ranges in kinds.items()}
        self._n_nodes = IntDistribution(1, max_nodes)
        self._max_inputs = max_inputs
        self._merge = merge
        self._genes = genes

    def walk(self, choose: Choose) -> Graph:
        """Builds a graph, asking `choose` for each parameter that is in use."""
        n_nodes = ask(choose, self._names.n_nodes, self._n_nodes)
        nodes: list[Node] = []
        for i in range(n_nodes):
            own = self._names.node(i)
            kind = ask(choose, own[0], self._kind)
            inputs = tuple(ask(choose, own[1], inputs_of(i, self._max_inputs)).split("+"))
            merge = ask(choose, own[2], self._merge) if len(inputs) > 1 else None
            fixed, free = self._fixed_and_free[kind]
            begin = self._names.genes(i, kind)
            genes = fixed | {gene: choose(begin + gene, dist) for gene, dist in free}
            nodes.append(Node(str(i), kind, inputs, Genes(genes), merge))
        several = len(Graph(tuple(nodes)).sinks) > 1
        merge = ask(choose, self._names.merge, self._merge) if several else None
        genes = {gene: ask(choose, gene, dist) for gene, dist in self._genes.items()}
        return Graph(tuple(nodes), merge, Genes(genes))

    @property
    def parameters(self) -> dict[str, BaseDistribution]:
        """The range of every parameter that such a graph may have, fixed ones included."""
        names, max_nodes = self._names, self._n_nodes.high
        ranges = {**self._genes, names.n_nodes: self._n_nodes, names.merge: self._merge}
        for i in range(max_nodes):
            own = (self._kind, inputs_of(i, self._max_inputs), self._merge)
            ranges |= zip(names.node(i), own, strict=True)
            for kind, of_kind in self._kinds.items():
                begin = names.genes(i, kind)
                ranges |= {begin + gene: of_kind[gene] for gene in of_kind}
        return ranges


def _fixed_and_free(
    ranges: Mapping[str, BaseDistribution],
) -> tuple[dict[str, Value], list[tuple[str, BaseDistribution]]]:
    """The values of the genes that are no parameters, and the ranges of those that are."""
    fixed = {name: extremes(dist)[0] for name, dist in ranges.items() if dist.single()}
    return fixed, [(name, dist) for name, dist in ranges.items() if name not in fixed]
