"""Mutation: structure grows and shrinks by one node or connection, genes are perturbed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from optuna.distributions import CategoricalDistribution

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat.sampler._genetics._genes import distance
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._genes import perturb
from optuna_codeepneat.sampler._genetics._genome import OUT
from optuna_codeepneat.sampler._genetics._genome import GenomeSpace
from optuna_codeepneat.sampler._genetics._genome import Ranges
from optuna_codeepneat.sampler._genetics._genome import innovation_id
from optuna_codeepneat.sampler._genetics._genome import normalized
from optuna_codeepneat.sampler._genetics._genome import with_node
from optuna_codeepneat.sampler._genetics._later import later
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import contains


_STRUCTURE = 0.5
"""Probability that a small change is one of the structure."""

Operator: TypeAlias = Callable[[Graph, np.random.Generator, GenomeSpace], Graph]
"""``(genome, rng, space) -> genome``; the genome itself where nothing is possible."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """Mutates a module or a blueprint; a frozen ``(genome, rng, space) -> genome``.

    Every structural operator is applied with its probability, then every gene is perturbed with
    its own; a genome that comes out unchanged is mutated again, since it would be evaluated twice.

    Args:
        add_node_prob:
            Probability that a node is put on an edge (LEAF, table 2).
        add_connection_prob:
            Probability that a node gets one more input (LEAF, table 2).
        remove_node_prob:
            Probability that a node is taken out. Ours: NEAT only grows.
        remove_connection_prob:
            Probability that a node loses an input. Ours.
        change_kind_prob:
            Probability that a node becomes another layer, or points to another slot. The genes
            that both layers have are kept. Ours.
        gene_prob:
            Probability that a gene is perturbed. Ours: LEAF's is not published.
        sigma:
            Standard deviation for numbers, as a share of the gene's range. Ours, likewise.
        duplicate_prob:
            Probability that a new node copies kind and genes of the one that it is put behind,
            instead of drawing them. Ours: repeated layers are what hand-made networks consist of.
        redraw_prob:
            Probability that a number of the whole graph, such as a learning rate, is drawn anew
            where all its categories have changed; less in proportion where only some have. Ours:
            what a number is worth depends on the categories.
    """

    add_node_prob: float = 0.2
    add_connection_prob: float = 0.1
    remove_node_prob: float = 0.1
    remove_connection_prob: float = 0.1
    change_kind_prob: float = 0.1
    gene_prob: float = 0.15
    sigma: float = 0.2
    duplicate_prob: float = 0.5
    redraw_prob: float = later(1.0, before=0.0)

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for field in fields(self):
            value = getattr(self, field.name)
            high = 1.0 if field.name.endswith("_prob") else float("inf")
            if not 0.0 <= value <= high:
                raise ValueError(f"`{field.name}` must be from 0 to {high:g}, got {value}.")

    def __call__(self, genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
        """A mutated genome; `genome` stays as it is."""
        for _ in range(10):
            child = genome
            for prob, operator in (
                (self.add_node_prob, self.add_node),
                (self.add_connection_prob, add_connection),
                (self.remove_node_prob, remove_node),
                (self.remove_connection_prob, remove_connection),
                (self.change_kind_prob, change_kind),
            ):
                if space.max_nodes and rng.random() < prob:
                    child = operator(child, rng, space)
            child = perturb_genes(child, rng, space, prob=self.gene_prob, sigma=self.sigma)
            if child != genome:
                return redraw_numbers(child, genome, rng, space, prob=self.redraw_prob)
        return perturb_one(genome, rng, space, sigma=self.sigma)

    def edit(self, genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
        """The genome after one small change: a gene, or a node or connection more or less.

        Structural operators are as likely among each other as in a mutation.
        """
        operators = (
            (self.add_node_prob, self.add_node),
            (self.add_connection_prob, add_connection),
            (self.remove_node_prob, remove_node),
            (self.remove_connection_prob, remove_connection),
            (self.change_kind_prob, change_kind),
        )
        odds = np.array([prob for prob, _ in operators])
        if space.max_nodes and odds.sum() > 0.0 and rng.random() < _STRUCTURE:
            for _ in range(4):
                _, operator = operators[int(rng.choice(len(operators), p=odds / odds.sum()))]
                child = operator(genome, rng, space)
                if child != genome:
                    return child
        # Near and far, since nobody knows how smooth the objective is.
        sigma = self.sigma * 10.0 ** rng.uniform(-1.5, 0.3)
        child = perturb_one(genome, rng, space, sigma=sigma)
        return redraw_numbers(child, genome, rng, space, prob=self.redraw_prob)

    def add_node(self, genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
        """Puts a new node on an edge, as NEAT does (the old edge is gone, not disabled)."""
        if len(genome.nodes) >= space.max_nodes:
            return genome
        edges = edges_of(genome)
        source, target = edges[int(rng.integers(len(edges)))]
        if source != IN and rng.random() < self.duplicate_prob:
            kind, genes = genome.by_id[source].kind, genome.by_id[source].genes
        else:
            kind, genes = space.draw_node(rng)
        return insert_node(genome, source, target, kind, genes, space.merges[0])


def edges_of(genome: Graph) -> list[tuple[str, str]]:
    """All edges, those from the sinks to the output included."""
    return [*genome.edges, *((sink, OUT) for sink in genome.sinks)]


def insert_node(
    genome: Graph, source: str, target: str, kind: str, genes: Genes, default_merge: str
) -> Graph:
    """Puts a node on the edge from `source` to `target`, which is gone."""
    id = innovation_id(source, target, genome.by_id)
    new = Node(id, kind, (source,), genes)
    nodes: list[Node] = []
    for node in genome.nodes:
        if node.id == target:
            inputs = tuple(id if i == source else i for i in node.inputs)
            nodes += [new, replace(node, inputs=inputs)]
        else:
            nodes.append(node)
    if target == OUT:
        nodes.append(new)
    return normalized(nodes, genome.merge, genome.genes, default_merge)


def add_connection(genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
    """Lets a node read one more earlier node, by a merge drawn for it."""
    earlier = [IN]
    pairs = []
    for node in genome.nodes:
        if len(node.inputs) < space.max_inputs:
            pairs += [(source, node.id) for source in earlier if source not in node.inputs]
        earlier.append(node.id)
    if not pairs:
        return genome
    source, target = pairs[int(rng.integers(len(pairs)))]
    node = genome.by_id[target]
    merge = node.merge or space.draw_merge(rng)
    changed = with_node(genome, replace(node, inputs=(*node.inputs, source), merge=merge))
    return normalized(changed.nodes, genome.merge, genome.genes, space.merges[0])


def remove_node(genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
    """Takes a node out; what read it reads its inputs (as many as are allowed)."""
    if len(genome.nodes) <= 1:
        return genome
    removed = genome.nodes[int(rng.integers(len(genome.nodes)))]
    order = [IN, *(node.id for node in genome.nodes)]
    nodes = []
    for node in genome.nodes:
        if removed.id in node.inputs:
            inputs = {*node.inputs, *removed.inputs} - {removed.id}
            kept = sorted(inputs, key=order.index)[-space.max_inputs :]
            node = replace(node, inputs=tuple(kept))
        if node.id != removed.id:
            nodes.append(node)
    return normalized(nodes, genome.merge, genome.genes, space.merges[0])


def remove_connection(genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
    """Takes one of several inputs from a node."""
    pairs = [(i, node.id) for node in genome.nodes if len(node.inputs) > 1 for i in node.inputs]
    if not pairs:
        return genome
    source, target = pairs[int(rng.integers(len(pairs)))]
    node = genome.by_id[target]
    kept = tuple(i for i in node.inputs if i != source)
    changed = with_node(genome, replace(node, inputs=kept))
    return normalized(changed.nodes, genome.merge, genome.genes, space.merges[0])


def change_kind(genome: Graph, rng: np.random.Generator, space: GenomeSpace) -> Graph:
    """Makes a node another layer, or lets it point to another slot; its id stays."""
    node = genome.nodes[int(rng.integers(len(genome.nodes)))]
    others = [kind for kind in space.kinds if kind != node.kind]
    if not others:
        return genome
    kind = others[int(rng.integers(len(others)))]
    ranges = space.kinds[kind]
    kept = {g: v for g, v in node.genes.items() if g in ranges and contains(ranges[g], v)}
    missing = {name: ranges[name] for name in ranges if name not in kept}
    new = space.draw_genes(missing, rng)
    genes = Genes({name: kept.get(name, new.get(name)) for name in ranges})  # type: ignore[misc]
    return with_node(genome, replace(node, kind=kind, genes=genes))


def perturb_genes(
    genome: Graph, rng: np.random.Generator, space: GenomeSpace, *, prob: float, sigma: float
) -> Graph:
    """Perturbs every gene, a node's merge among them, with probability `prob`."""

    def perturbed(genes: Genes, ranges: Ranges) -> Genes:
        changed = {
            name: perturb(ranges[name], value, rng, sigma)
            for name, value in genes.items()
            if name in ranges and not ranges[name].single() and rng.random() < prob
        }
        return genes | changed if changed else genes

    def flipped(merge: str | None) -> str | None:
        return space.draw_merge(rng) if merge is not None and rng.random() < prob else merge

    nodes = tuple(
        replace(
            node, genes=perturbed(node.genes, space.kinds[node.kind]), merge=flipped(node.merge)
        )
        for node in genome.nodes
    )
    return Graph(nodes, flipped(genome.merge), perturbed(genome.genes, space.genes))


def redraw_numbers(
    genome: Graph, before: Graph, rng: np.random.Generator, space: GenomeSpace, *, prob: float
) -> Graph:
    """Draws numbers of the whole graph anew, since its categories are no longer those before.

    With probability `prob` each, times the share of the categories that have changed.
    """
    if prob == 0.0 or genome.genes == before.genes:
        return genome
    own = {n: space.genes[n] for n in genome.genes if n in before.genes and n in space.genes}
    changes = [
        distance(ranges, before.genes[name], genome.genes[name]) > 0.0
        for name, ranges in own.items()
        if isinstance(ranges, CategoricalDistribution) and not ranges.single()
    ]
    if not any(changes):
        return genome
    prob *= sum(changes) / len(changes)
    drawn = {
        name: draw(ranges, rng)
        for name, ranges in own.items()
        if not isinstance(ranges, CategoricalDistribution) and rng.random() < prob
    }
    return replace(genome, genes=genome.genes | drawn) if drawn else genome


def perturb_one(
    genome: Graph, rng: np.random.Generator, space: GenomeSpace, *, sigma: float
) -> Graph:
    """Perturbs one gene, whichever; the genome itself if there is none."""
    places = [(n.id, g) for n in genome.nodes for g in n.genes if not _fixed(space, n.kind, g)]
    own = [("", g) for g in genome.genes if g in space.genes and not space.genes[g].single()]
    if not places + own:
        return genome
    node_id, gene = (places + own)[int(rng.integers(len(places + own)))]
    if not node_id:
        value = perturb(space.genes[gene], genome.genes[gene], rng, sigma)
        return replace(genome, genes=genome.genes | {gene: value})
    node = genome.by_id[node_id]
    value = perturb(space.kinds[node.kind][gene], node.genes[gene], rng, sigma)
    return with_node(genome, replace(node, genes=node.genes | {gene: value}))


def _fixed(space: GenomeSpace, kind: str, gene: str) -> bool:
    return space.kinds[kind][gene].single()
