"""A blueprint and its modules -> the operations of one network (LEAF, algorithm 1, step 6)."""

from __future__ import annotations

from collections.abc import Hashable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._graph import IN
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._registry import get_layer
from optuna_codeepneat.search_space._shapes import Shape
from optuna_codeepneat.search_space._shapes import head_features
from optuna_codeepneat.search_space._shapes import merge_cost
from optuna_codeepneat.search_space._shapes import merged
from optuna_codeepneat.search_space._shapes import pooled


@dataclass(frozen=True)
class Operation:
    """One step of an assembled network.

    Args:
        name:
            ``"in"``, ``"out"``, or made of its place: ``"1.0"`` is node 0 of the module at
            blueprint node 1, ``"1.0.merge"`` what joins its inputs, ``"1.merge"`` and ``"1.pool"``
            stand in front of and behind the whole module.
        kind:
            ``"input"``, a layer's name, a merge's (``"sum"``, ``"concat"``, ``"scaled_sum"``,
            ``"convex"``), ``"max_pool"`` or ``"output"``.
        inputs:
            Names of the operations that it reads.
        input_shapes:
            Their shapes, ``(channels, *sizes)``.
        shape:
            The shape of what it returns.
        genes:
            Its gene values, for a layer; ``factor`` of a pool; ``pool`` of the output;
            ``padding_index`` of the input, where networks leave padding out.
        slot:
            The module slot that it comes from, None outside of modules.
        num_params:
            Its parameters.
        macs:
            Its multiply-adds for one example.
        shares:
            Name of the earlier operation whose core (the weights of its layer, but for
            normalisation and residual sum) it uses instead of one of its own, which
            `num_params` then leaves out.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    shape: Shape
    genes: Genes = field(default_factory=Genes)
    slot: str | None = None
    num_params: int = 0
    macs: int = 0
    shares: str | None = None

    @property
    def full_num_params(self) -> int:
        """Its parameters if it had a core of its own."""
        if self.shares is None:
            return self.num_params
        layer = get_layer(self.kind)
        return self.num_params + layer.num_params(self.input_shapes[0], self.genes)


@dataclass
class _Assembler:
    """Collects operations; each method returns the name of what it added."""

    weight_sharing: bool = False
    cores: dict[Hashable, str] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)

    def add(self, operation: Operation) -> str:
        self.operations.append(operation)
        self.shapes[operation.name] = operation.shape
        return operation.name

    def layer(self, name: str, node: Node, source: str, slot: str) -> str:
        kind, genes = node.kind, node.genes
        layer, shape = get_layer(kind), self.shapes[source]
        num_params, macs = layer.cost(shape, genes)
        shares = self.shared_core(name, node, shape, slot)
        if shares is not None:
            num_params -= layer.num_params(shape, genes)
        out = layer.shape(shape, genes)
        cost = (num_params, macs, shares)
        return self.add(Operation(name, kind, (source,), (shape,), out, genes, slot, *cost))

    def shared_core(self, name: str, node: Node, shape: Shape, slot: str) -> str | None:
        """The earlier operation at this position of the module whose core fits, if any."""
        layer = get_layer(node.kind)
        if not self.weight_sharing or not layer.num_params(shape, node.genes):
            return None
        fits = layer.sharing_key(shape, node.genes) if layer.sharing_key else shape
        first = self.cores.setdefault((slot, node.id, fits), name)
        return None if first == name else first

    def merge(
        self, name: str, merge: str | None, sources: Sequence[str], slot: str | None = None
    ) -> str:
        if len(sources) == 1:
            return sources[0]
        assert merge is not None
        shapes = tuple(self.shapes[source] for source in sources)
        out, cost = merged(merge, shapes), merge_cost(merge, shapes)
        return self.add(Operation(name, merge, tuple(sources), shapes, out, Genes(), slot, *cost))

    def pool(self, name: str, source: str, times: int) -> str:
        shape = self.shapes[source]
        out = pooled(shape, 2**times)
        if out == shape:
            return source
        genes = Genes(factor=2**times)
        return self.add(Operation(name, "max_pool", (source,), (shape,), out, genes))

    def graph(self, prefix: str, graph: Graph, source: str, slot: str) -> str:
        """A whole module, behind the operation `source`."""
        names = {IN: source}
        for i, node in enumerate(graph.nodes):
            place = f"{prefix}.{i}"
            inputs = [names[j] for j in node.inputs]
            joined = self.merge(f"{place}.merge", node.merge, inputs, slot)
            names[node.id] = self.layer(place, node, joined, slot)
        sinks = [names[j] for j in graph.sinks]
        return self.merge(f"{prefix}.out", graph.merge, sinks, slot)


def pools_per_node(blueprint: Graph, min_pooling: int) -> list[int]:
    """How often each blueprint node halves the sizes.

    Once where its gene ``pool`` is on. Where no path from the input to the output has as many as
    `min_pooling`, the missing are spread evenly: behind a node at depth d of D the sizes have
    been halved at least ``d * min_pooling // D`` times, unless genes will make up for it. (A
    merge pools to the smallest, so what counts is the path with the most.)
    """
    own = {node.id: int(bool(node.genes.get("pool", False))) for node in blueprint.nodes}
    depth, later = {IN: 0}, dict.fromkeys(own, 0)
    for node in blueprint.nodes:
        depth[node.id] = 1 + max(depth[source] for source in node.inputs)
    for node in reversed(blueprint.nodes):
        for source in set(node.inputs) - {IN}:
            later[source] = max(later[source], own[node.id] + later[node.id])
    halved, pools = {IN: 0}, []
    for node in blueprint.nodes:
        before = max(halved[source] for source in node.inputs)
        so_far = before + own[node.id]
        due = depth[node.id] * min_pooling // max(depth.values())
        missing = min(due - so_far, min_pooling - so_far - later[node.id])
        halved[node.id] = so_far + max(0, missing)
        pools.append(halved[node.id] - before)
    return pools


def assemble(
    blueprint: Graph,
    modules: Mapping[str, Graph],
    *,
    input_shape: Shape,
    num_outputs: int,
    vocab_size: int | None = None,
    min_pooling: int = 0,
    weight_sharing: bool = False,
    padding_index: int | None = None,
) -> tuple[Operation, ...]:
    """The operations of the network in topological order, from the input to the output.

    Every blueprint node becomes the module that `modules` holds for its slot, each with weights
    of its own; with `weight_sharing` (Liang et al. 2019, table 3) a layer uses the core of the
    same layer in an earlier module of the slot, where that fits the channels it reads. Nothing
    is dead: what no node reads is merged into the output.
    """
    net = _Assembler(weight_sharing)
    embedding = 0 if vocab_size is None else vocab_size * input_shape[0]
    # A gene, as a network that leaves padding out is another one than without.
    padding = Genes() if padding_index is None else Genes(padding_index=padding_index)
    names = {IN: net.add(Operation(IN, "input", (), (), input_shape, padding, None, embedding))}
    pools = pools_per_node(blueprint, min_pooling)
    for i, (node, times) in enumerate(zip(blueprint.nodes, pools, strict=True)):
        inputs = [names[j] for j in node.inputs]
        source = net.merge(f"{i}.merge", node.merge, inputs)
        module = net.graph(str(i), modules[node.kind], source, node.kind)
        names[node.id] = net.pool(f"{i}.pool", module, times)
    source = net.merge("merge", blueprint.merge, [names[j] for j in blueprint.sinks])
    shape = net.shapes[source]
    pool = str(blueprint.genes.get("head.pool", "mean"))
    features = head_features(pool, shape)
    genes = Genes(pool=pool) if len(shape) > 1 else Genes()
    size = ((features + 1) * num_outputs, features * num_outputs)
    net.add(Operation("out", "output", (source,), (shape,), (num_outputs,), genes, None, *size))
    return tuple(net.operations)


def signature(operations: Sequence[Operation]) -> str:
    """Content hash of a network, independent of the names and of the order of its operations.

    Each operation is hashed with all that leads to it, then with all that follows it (two rounds
    of the Weisfeiler-Lehman test, exact on trees); networks are equal if the multisets are, and
    those of the groups of operations that share a core.
    """
    ahead: dict[str, str] = {}
    for op in operations:
        # Equal numbers have equal digests: 0 and 0.0 are the same gene value.
        genes = {k: v if isinstance(v, str) else float(v) for k, v in op.genes.items()}
        label = [op.kind, op.shape, genes, op.full_num_params]
        ahead[op.name] = content_hash([label, sorted(ahead[i] for i in op.inputs)])
    readers: dict[str, list[str]] = {op.name: [] for op in operations}
    both: dict[str, str] = {}
    for op in reversed(operations):
        both[op.name] = content_hash([ahead[op.name], sorted(readers[op.name])])
        for source in op.inputs:
            readers[source].append(both[op.name])
    groups: dict[str, list[str]] = {}
    for op in operations:
        if op.shares is not None:
            groups.setdefault(op.shares, [both[op.shares]]).append(both[op.name])
    content = content_hash(sorted(both.values()))
    if not groups:
        return content
    return content_hash([content, sorted(sorted(group) for group in groups.values())])


def depth(operations: Sequence[Operation]) -> int:
    """The most layers with parameters on one path from input to output, the head included."""
    depths: dict[str, int] = {}
    for op in operations:
        longest = max((depths[i] for i in op.inputs), default=0)
        is_layer = len(op.inputs) == 1 and (op.slot is not None or op.kind == "output")
        depths[op.name] = longest + (is_layer and op.full_num_params > 0)
    return depths["out"]
