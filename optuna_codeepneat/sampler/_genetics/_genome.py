"""Genomes: graphs whose node ids are innovation ids, and the space that they live in.

An innovation id, NEAT's historical marking, is the content hash of the structural event that made
the node, so that every worker computes the same id for the same event and nothing has to be
shared (Stanley and Miikkulainen 2002, section 3.2, keep a global counter instead).
"""

from __future__ import annotations

from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import inputs_of


if TYPE_CHECKING:
    import numpy as np
    from optuna.distributions import BaseDistribution

    from optuna_codeepneat.search_space import SearchSpace

OUT = "out"
"""The end of the edges that lead from a graph's sinks to its output."""

Ranges = Mapping[str, "BaseDistribution"]


@dataclass(frozen=True, kw_only=True)
class GenomeSpace:
    """What a genome may be: the operators' view of a search space.

    Args:
        kinds:
            For each layer (or slot) the ranges of its genes.
        genes:
            Ranges of the genes of the whole graph.
        max_nodes:
            The most nodes; 0 in hyperparameter-only mode.
        max_inputs:
            The most inputs of a node.
        merges:
            How several inputs may become one.
    """

    kinds: Mapping[str, Ranges]
    genes: Ranges
    max_nodes: int
    max_inputs: int
    merges: tuple[str, ...]

    def draw_genes(self, ranges: Ranges, rng: np.random.Generator) -> Genes:
        """New values for all genes."""
        return Genes({name: draw(ranges[name], rng) for name in sorted(ranges)})

    def draw_node(self, rng: np.random.Generator) -> tuple[str, Genes]:
        """The kind and the genes of a new node."""
        kinds = tuple(self.kinds)
        kind = kinds[int(rng.integers(len(kinds)))]
        return kind, self.draw_genes(self.kinds[kind], rng)

    def draw_inputs(self, position: int, rng: np.random.Generator) -> tuple[str, ...]:
        """What the node at a position reads, with positions for ids."""
        return tuple(draw(inputs_of(position, self.max_inputs), rng).split("+"))

    def draw_merge(self, rng: np.random.Generator) -> str:
        """How several inputs become one."""
        return self.merges[int(rng.integers(len(self.merges)))]


def module_space(space: SearchSpace) -> GenomeSpace:
    """The space of module genomes."""
    return GenomeSpace(
        kinds=space.layers,
        genes={},
        max_nodes=space.max_module_nodes,
        max_inputs=space.max_inputs,
        merges=tuple(map(str, space.merge.choices)),
    )


def blueprint_space(space: SearchSpace | None, global_genes: Ranges) -> GenomeSpace:
    """The space of blueprint genomes; without a search space they have global genes alone."""
    if space is None:
        return GenomeSpace(kinds={}, genes=global_genes, max_nodes=0, max_inputs=1, merges=())
    return GenomeSpace(
        kinds={slot: space.blueprint_genes for slot in space.slots},
        genes={**space.graph_genes, **space.hyperparameters, **global_genes},
        max_nodes=space.max_blueprint_nodes,
        max_inputs=space.max_inputs,
        merges=tuple(map(str, space.merge.choices)),
    )


def innovation_id(source: str, target: str, taken: Container[str]) -> str:
    """The innovation id of a node put on the edge from `source` to `target`.

    The same event gives the same id in any genome; a genome in which it happens again (after the
    edge was made anew) numbers the further ones.
    """
    repeat = 0
    while True:
        id = content_hash([source, target, repeat], length=8)
        if id not in taken:
            return id
        repeat += 1


def random_genome(space: GenomeSpace, rng: np.random.Generator, most: int = 1) -> Graph:
    """A genome of 1 to `most` nodes, of none in hyperparameter-only mode.

    With one node it is a chromosome of minimal complexity (LEAF, section 3.1); with more it is
    drawn as `optuna.samplers.RandomSampler` would draw it: kinds, genes, and inputs among all
    sets that are allowed.
    """
    nodes: list[Node] = []
    for i in range(int(rng.integers(most)) + 1 if space.max_nodes else 0):
        kind, genes = space.draw_node(rng)
        inputs = space.draw_inputs(i, rng)
        merge = space.draw_merge(rng) if len(inputs) > 1 else None
        nodes.append(Node(str(i), kind, inputs, genes, merge))
    genes = space.draw_genes(space.genes, rng)
    merge = space.draw_merge(rng) if len(Graph(tuple(nodes)).sinks) > 1 else None
    return with_innovation_ids(Graph(tuple(nodes), merge, genes))


def with_innovation_ids(graph: Graph) -> Graph:
    """A genome for a graph without innovation ids, such as a hand-written or a foreign network.

    Its nodes are marked as if each had been appended behind the last node that it reads, so that
    chains line up with chains that evolved.
    """
    innovation_ids = {IN: IN}
    for node in graph.nodes:
        source = innovation_ids[node.inputs[-1]]
        innovation_ids[node.id] = innovation_id(source, OUT, set(innovation_ids.values()))
    nodes = (
        replace(
            node, id=innovation_ids[node.id], inputs=tuple(innovation_ids[i] for i in node.inputs)
        )
        for node in graph.nodes
    )
    return Graph(tuple(nodes), graph.merge, graph.genes)


def with_node(graph: Graph, changed: Node) -> Graph:
    """The graph with a node in place of the one that has its id."""
    nodes = tuple(changed if node.id == changed.id else node for node in graph.nodes)
    return replace(graph, nodes=nodes)


def normalized(
    nodes: Iterable[Node], merge: str | None, genes: Genes, default_merge: str
) -> Graph:
    """The graph of nodes, in topological order, with inputs in order and merges where needed.

    The merge is that of the sinks; the default one is taken where one has become necessary.
    """
    order = {IN: -1}
    in_order = []
    for position, node in enumerate(nodes):
        order[node.id] = position
        inputs = tuple(sorted(set(node.inputs), key=order.__getitem__))
        node_merge = (node.merge or default_merge) if len(inputs) > 1 else None
        in_order.append(replace(node, inputs=inputs, merge=node_merge))
    graph = Graph(tuple(in_order), None, genes)
    return replace(graph, merge=merge or default_merge) if len(graph.sinks) > 1 else graph


def genome_id(genome: Graph) -> str:
    """Content hash of a genome: equal genomes, equal ids."""
    return content_hash(genome.to_json(), length=10)
