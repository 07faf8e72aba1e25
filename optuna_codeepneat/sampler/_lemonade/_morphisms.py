"""Network morphisms: operators after which a network can compute the same function as before.

Elsken, Metzen and Hutter 2019 (LEMONADE), section 3. Each is a pure function ``(network, rng,
space) -> network`` that returns the network itself where nothing is possible. A place that looks
right may not be: sizes change where a blueprint grows, since pools are spread over its depth, and
what is summed channel by channel may get other positions. So `optuna_codeepneat.alignment.plan`,
which also says what weights the child starts with, has the last word.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import TypeAlias
from typing import TypeVar

from optuna.distributions import CategoricalDistribution

from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import edges_of
from optuna_codeepneat.sampler._genetics import insert_node
from optuna_codeepneat.sampler._genetics import normalized
from optuna_codeepneat.sampler._genetics import with_node
from optuna_codeepneat.sampler._lemonade._flow import Flow
from optuna_codeepneat.sampler._lemonade._flow import flows
from optuna_codeepneat.sampler._lemonade._transparent import is_transparent
from optuna_codeepneat.sampler._lemonade._transparent import transparent_layer
from optuna_codeepneat.sampler._lemonade._widths import at_least
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import contains
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import smallest


if TYPE_CHECKING:
    import numpy as np

Morphism: TypeAlias = Callable[[NetworkGenome, "np.random.Generator", SearchSpace], NetworkGenome]
"""``(network, rng, space) -> network``; the network itself where nothing is possible."""

_Item = TypeVar("_Item")

_CHECKED = 8
"""How many places an operator tries before it gives up: large networks have hundreds."""


_FLATTENED = 0.2
"""How often the output layer is widened rather than another."""


def deepen(network: NetworkGenome, rng: np.random.Generator, space: SearchSpace) -> NetworkGenome:
    """Inserts a layer into a module that passes on what it is given.

    A residual one, whose scale starts at 0; a linear one; or a rectifier behind a rectifier,
    which is idempotent.
    """
    return _deepen(network, rng, space, sorted(network.modules))


def widen(network: NetworkGenome, rng: np.random.Generator, space: SearchSpace) -> NetworkGenome:
    """Gives a layer 1.25 to 2 times as many channels or heads, or a kernel larger by 2.

    What is new has no weight in what follows. Or the output layer reads every position of what it
    read the mean of, each with its share of the weight.
    """
    if "flatten" in _head_pools(space) and rng.random() < _FLATTENED:
        blueprint = network.blueprint
        genes = blueprint.genes | {"head.pool": "flatten"}
        flattened = replace(network, blueprint=replace(blueprint, genes=genes))
        if blueprint.genes.get("head.pool") != "flatten":
            grown = _first_exact(network, [flattened], space)
            if grown is not network:
                return grown
    return _widen(network, rng, space, sorted(network.modules))


def connect(network: NetworkGenome, rng: np.random.Generator, space: SearchSpace) -> NetworkGenome:
    """Lets a node of a module or of the blueprint read one more earlier node.

    By a concatenation, whose new channels have no weight; by a scaled sum or a convex
    combination, which start at the old path; by a plain sum only where the new input is narrower,
    so that it gets a projection, which starts at 0.
    """
    architecture = network.architecture(space)
    flow = flows(network, architecture)
    places = [
        (slot, source, node)
        for slot, graph in _graphs(network)
        for node in graph.nodes
        if len(node.inputs) < space.max_inputs
        for source in _earlier(graph, node)
        # A sink that is read is none any more: the output would lose it.
        if source not in node.inputs and source not in graph.sinks
    ]

    def children() -> Iterator[NetworkGenome]:
        for slot, source, node in _shuffled(places, rng):
            known = (node.merge,) if node.merge is not None else tuple(space.merge.choices)
            for merge in _shuffled(known, rng):
                if all(_joins(str(merge), f, node.inputs, source) for f in flow[slot]):
                    yield _with_input(network, slot, node, source, str(merge), space)

    return _first_exact(network, children(), space)


def split_module(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace
) -> NetworkGenome:
    """Gives one of several nodes that share a module its own copy, and widens or deepens it."""
    blueprint = network.blueprint
    kinds = [node.kind for node in blueprint.nodes]
    free = [slot for slot in space.slots if slot not in kinds]
    shared = [node for node in blueprint.nodes if kinds.count(node.kind) > 1]
    if not free or not shared:
        return network
    node = shared[int(rng.integers(len(shared)))]
    parted = replace(
        network,
        blueprint=with_node(blueprint, replace(node, kind=free[0])),
        modules={**network.modules, free[0]: network.modules[node.kind]},
    )
    for edit in _shuffled((_widen, _deepen), rng):
        changed = edit(parted, rng, space, [free[0]])
        if changed is not parted:
            return changed
    return network


def add_module(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace
) -> NetworkGenome:
    """Inserts a node into the blueprint whose module passes on what it is given.

    A module of residual layers that the network has, or a new one of a single layer.
    """
    blueprint = network.blueprint
    if len(blueprint.nodes) >= space.max_blueprint_nodes:
        return network
    genes = Genes({"pool": False}) if space.blueprint_genes else Genes()
    (flow,) = flows(network, network.architecture(space))[None]
    free = [slot for slot in space.slots if slot not in network.modules]

    def children() -> Iterator[NetworkGenome]:
        for source, target in _shuffled(edges_of(blueprint), rng):
            shapes = [flow[source]]
            modules = {s: m for s, m in network.modules.items() if is_transparent(m, shapes)}
            if free:
                layer = transparent_layer(space, shapes, rng, None)
                if layer is not None:
                    single = insert_node(Graph(()), IN, "out", *layer, _first_merge(space))
                    modules[free[0]] = single
            for slot in _shuffled(sorted(modules), rng):
                grown = insert_node(blueprint, source, target, slot, genes, _first_merge(space))
                yield replace(network, blueprint=grown).with_module(slot, modules[slot])

    return _first_exact(network, children(), space)


# -- details ---------------------------------------------------------------------------------


def _deepen(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace, slots: Sequence[str]
) -> NetworkGenome:
    flow = flows(network, network.architecture(space))
    places = [
        (slot, edge)
        for slot in slots
        if len(network.modules[slot].nodes) < space.max_module_nodes
        for edge in edges_of(network.modules[slot])
    ]

    def children() -> Iterator[NetworkGenome]:
        for slot, (source, target) in _shuffled(places, rng):
            module = network.modules[slot]
            shapes = [f[source] for f in flow[slot]]
            layer = transparent_layer(space, shapes, rng, module.by_id.get(source))
            if layer is not None:
                grown = insert_node(module, source, target, *layer, _first_merge(space))
                yield network.with_module(slot, grown)

    return _first_exact(network, children(), space)


def _widen(
    network: NetworkGenome, rng: np.random.Generator, space: SearchSpace, slots: Sequence[str]
) -> NetworkGenome:
    flow = flows(network, network.architecture(space))
    places = [
        (slot, node, gene)
        for slot in slots
        for node in network.modules[slot].nodes
        for gene in ("width", "heads", "kernel")
        # "heads" may mean another thing in a layer of a user.
        if isinstance(node.genes.get(gene), int) and gene in space.layers[node.kind]
    ]

    def children() -> Iterator[NetworkGenome]:
        for slot, node, gene in _shuffled(places, rng):
            ranges, value = space.layers[node.kind][gene], node.genes[gene]
            assert isinstance(value, int)
            if gene == "kernel":
                larger = value + 2 if contains(ranges, value + 2) else None
            else:
                larger = at_least(ranges, value * float(rng.uniform(1.25, 2.0)))
            if larger is None or larger <= value:
                continue
            wider = replace(node, genes=node.genes | {gene: larger})
            reads = [_merged_input(f, node) for f in flow[slot]]
            count = get_layer(node.kind).num_params
            # A kernel that reaches beyond the map is cut: a larger one would be the same.
            if all(count(s, wider.genes) == count(s, node.genes) for s in reads):
                continue
            module = with_node(network.modules[slot], wider)
            yield network.with_module(slot, module)

    return _first_exact(network, children(), space)


def _first_exact(
    network: NetworkGenome, children: Iterable[NetworkGenome], space: SearchSpace
) -> NetworkGenome:
    """The first of some children that can compute the network's function, else the network."""
    before = network.architecture(space)
    for _, child in zip(range(_CHECKED), children, strict=False):
        if plan(before, child.architecture(space)).exact:
            return child
    return network


def _head_pools(space: SearchSpace) -> Sequence[object]:
    ranges = space.graph_genes.get("head.pool")
    return ranges.choices if isinstance(ranges, CategoricalDistribution) else ()


def _graphs(network: NetworkGenome) -> list[tuple[str | None, Graph]]:
    return [(None, network.blueprint), *sorted(network.modules.items())]


def _earlier(graph: Graph, node: Node) -> list[str]:
    ids = [own.id for own in graph.nodes]
    return [IN, *ids[: ids.index(node.id)]]


def _joins(merge: str, flow: Flow, inputs: Sequence[str], source: str) -> bool:
    """Whether a merge can begin with what it was before the source came in."""
    own, new = [flow[i] for i in inputs], flow[source]
    # All inputs are pooled to the smallest.
    if any(size < least for size, least in zip(new[1:], smallest(own), strict=True)):
        return False
    return merge != "sum" or new[0] < max(shape[0] for shape in own)


def _with_input(
    network: NetworkGenome,
    slot: str | None,
    node: Node,
    source: str,
    merge: str,
    space: SearchSpace,
) -> NetworkGenome:
    graph = network.blueprint if slot is None else network.modules[slot]
    joined = replace(node, inputs=(*node.inputs, source), merge=merge)
    changed = with_node(graph, joined)
    in_order = normalized(changed.nodes, graph.merge, graph.genes, _first_merge(space))
    if slot is None:
        return replace(network, blueprint=in_order)
    return network.with_module(slot, in_order)


def _first_merge(space: SearchSpace) -> str:
    """What `normalized` would take where it has to; nothing here makes a merge necessary."""
    return str(space.merge.choices[0])


def _merged_input(flow: Flow, node: Node) -> tuple[int, ...]:
    """What a node of a module reads; of several inputs the channels of one are as good."""
    shapes = [flow[i] for i in node.inputs]
    return (shapes[0][0], *smallest(shapes))


def _shuffled(items: Sequence[_Item], rng: np.random.Generator) -> list[_Item]:
    return [items[int(i)] for i in rng.permutation(len(items))]
