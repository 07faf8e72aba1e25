"""`Architecture`: one network as a value, with its shapes and exact sizes."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.search_space import _operations
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._operations import Operation
from optuna_codeepneat.search_space._registry import get_layer
from optuna_codeepneat.search_space._shapes import Shape


if TYPE_CHECKING:
    import networkx as nx

_FORMAT = 1
BLUEPRINT = "blueprint"


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """An assembled network: what `SearchSpace.suggest` returns and `build_network` builds.

    Equal architectures have equal structure in equal order; `signature` also sees through
    renamed slots and reordered nodes.

    Args:
        blueprint:
            The graph of modules: each node's `kind` is a slot of `modules`, its gene ``pool``
            halves the sizes behind it. Its genes hold ``head.pool``, the global pooling.
        modules:
            The module that each slot in use holds, a graph of layers.
        input_shape:
            ``(features,)``, ``(channels, length)`` or ``(channels, height, width)``; for text
            (`vocab_size`) channels are those of the embedding, and the network reads integers
            ``(batch, length)``.
        num_outputs:
            Length of the output vector.
        vocab_size:
            How many tokens the embedding knows, None for networks that read numbers.
        padding_index:
            The token behind the end of a text, which networks then leave out; None where there is
            no such token. See `SearchSpace`.
        min_pooling:
            How many times at least sizes are halved; missing pools are spread evenly.
        hyperparameters:
            Values of the search space's own hyperparameters; the network does not depend on
            them.
        weight_sharing:
            Whether modules of the same slot share weights; see `SearchSpace`.

    Attributes:
        innovation_ids: The innovation ids of the nodes in their order, of the ``"blueprint"`` and
            of the module in each slot, by which a network lines up with its ancestors: the ids
            that the graphs came with, which are positions where the architecture was made of
            parameters alone. Two architectures are equal whatever their innovation ids.

    Raises:
        ValueError: If a graph is broken, or a slot or a layer is unknown.
    """

    blueprint: Graph
    modules: Mapping[str, Graph]
    input_shape: Shape
    num_outputs: int
    vocab_size: int | None = None
    min_pooling: int = 0
    hyperparameters: Genes = field(default_factory=Genes)
    weight_sharing: bool = False
    padding_index: int | None = None
    innovation_ids: Mapping[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, graph in [("blueprint", self.blueprint), *self.modules.items()]:
            try:
                graph.lint()
            except ValueError as error:
                raise ValueError(f"in {name}: {error}") from None
            if not graph.nodes:
                raise ValueError(f"in {name}: there are no nodes.")
        used = {node.kind for node in self.blueprint.nodes}
        missing = sorted(used - set(self.modules))
        if missing:
            raise ValueError(f"the blueprint points to slots {missing} that hold no module.")
        for layer in sorted({node.kind for slot in used for node in self.modules[slot].nodes}):
            get_layer(layer)
        set_field = object.__setattr__
        graphs = {BLUEPRINT: self.blueprint} | {slot: self.modules[slot] for slot in sorted(used)}
        innovation_ids = {
            name: tuple(node.id for node in graph.nodes) for name, graph in graphs.items()
        }
        set_field(self, "innovation_ids", innovation_ids)
        set_field(self, "blueprint", self.blueprint.positional())
        modules = {slot: self.modules[slot].positional() for slot in sorted(used)}
        set_field(self, "modules", modules)
        set_field(self, "input_shape", tuple(self.input_shape))
        set_field(self, "hyperparameters", Genes(self.hyperparameters))

    def __hash__(self) -> int:
        return hash(self.signature)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """The network's steps in topological order, with shapes and costs."""
        return _operations.assemble(
            self.blueprint,
            self.modules,
            input_shape=self.input_shape,
            num_outputs=self.num_outputs,
            vocab_size=self.vocab_size,
            min_pooling=self.min_pooling,
            weight_sharing=self.weight_sharing,
            padding_index=self.padding_index,
        )

    @cached_property
    def graph(self) -> nx.DiGraph[str]:
        """The network as a graph: nodes hold `operation`, edges the `shape` that flows."""
        import networkx as nx  # here: it would double the time to import the package

        graph: nx.DiGraph[str] = nx.DiGraph()
        for op in self.operations:
            graph.add_node(op.name, operation=op)
            for source, shape in zip(op.inputs, op.input_shapes, strict=True):
                graph.add_edge(source, op.name, shape=shape)
        return graph

    @cached_property
    def num_params(self) -> int:
        """Trainable parameters, exactly those of the built network."""
        return sum(op.num_params for op in self.operations)

    @cached_property
    def macs(self) -> int:
        """Multiply-adds for one example: half of what `torch.utils.flop_counter` counts.

        It sees into an LSTM and into attention only where no fused kernel computes them; on a CPU
        that is under ``torch.backends.mkldnn.flags(enabled=False)`` and
        ``torch.nn.attention.sdpa_kernel(SDPBackend.MATH)``.
        """
        return sum(op.macs for op in self.operations)

    @cached_property
    def depth(self) -> int:
        """The most layers with parameters on a path from input to output."""
        return _operations.depth(self.operations)

    @cached_property
    def signature(self) -> str:
        """Content hash of the network, blind to slot names and to the order of nodes."""
        return _operations.signature(self.operations)

    def with_innovation_ids(self, innovation_ids: Mapping[str, Sequence[str]]) -> Architecture:
        """The same architecture with these innovation ids, given as `innovation_ids` has them.

        Raises:
            ValueError: If they are not one for each node, each once.
        """
        for name, own in self.innovation_ids.items():
            if len(set(innovation_ids.get(name, ()))) != len(own):
                raise ValueError(
                    f"`innovation_ids[{name!r}]` must hold one for each node, each once."
                )
        marked = replace(self)
        kept = {name: tuple(innovation_ids[name]) for name in self.innovation_ids}
        object.__setattr__(marked, "innovation_ids", kept)
        return marked

    def innovation_id(self, operation: str) -> str:
        """The name of an operation with innovation ids for positions.

        The same node has it in all descendants that kept the node: ``"1.0.merge"`` becomes
        ``"<id of blueprint node 1>.<id of node 0 in its module>.merge"``.
        """
        place, *rest = operation.split(".")
        if not place.isdigit():
            return operation
        marked = [self.innovation_ids[BLUEPRINT][int(place)]]
        if rest and rest[0].isdigit():
            slot = self.blueprint.nodes[int(place)].kind
            marked.append(self.innovation_ids[slot][int(rest.pop(0))])
        return ".".join([*marked, *rest])

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value without the innovation ids; `from_json` is its inverse."""
        value: dict[str, Any] = {
            "format": _FORMAT,
            "blueprint": self.blueprint.to_json(),
            "modules": {slot: graph.to_json() for slot, graph in self.modules.items()},
            "input_shape": list(self.input_shape),
            "num_outputs": self.num_outputs,
            "vocab_size": self.vocab_size,
            "min_pooling": self.min_pooling,
            "hyperparameters": dict(self.hyperparameters),
        }
        # Only where they are on, so that what was written before there were such things is equal.
        if self.weight_sharing:
            value["weight_sharing"] = True
        if self.padding_index is not None:
            value["padding_index"] = self.padding_index
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Architecture:
        """The architecture that `to_json` wrote.

        Raises:
            ValueError: If a newer version of the package wrote it, or a layer is not registered.
        """
        if value.get("format") != _FORMAT:
            raise ValueError(
                f"this architecture has format {value.get('format')!r}; "
                f"this version of optuna-codeepneat reads format {_FORMAT}."
            )
        return cls(
            blueprint=Graph.from_json(value["blueprint"]),
            modules={slot: Graph.from_json(graph) for slot, graph in value["modules"].items()},
            input_shape=tuple(value["input_shape"]),
            num_outputs=value["num_outputs"],
            vocab_size=value["vocab_size"],
            min_pooling=value["min_pooling"],
            hyperparameters=Genes(value["hyperparameters"]),
            weight_sharing=value.get("weight_sharing", False),
            padding_index=value.get("padding_index"),
        )

    def __str__(self) -> str:
        """A table: operations, what they read, shapes, parameters and multiply-adds."""
        rows = [("operation", "layer", "reads", "shape", "parameters", "macs", "genes")]
        for op in self.operations:
            genes = " ".join(f"{k}={_short(v)}" for k, v in op.genes.items())
            genes += "" if op.shares is None else f" (weights of {op.shares})"
            name = op.name if op.slot is None else f"{op.name} [{op.slot}]"
            shape = "x".join(map(str, op.shape))
            sizes = (f"{op.num_params:,}", f"{op.macs:,}")
            rows.append((name, op.kind, " ".join(op.inputs), shape, *sizes, genes))
        total = f"{self.num_params:,} parameters, {self.macs:,} multiply-adds, depth {self.depth}"
        widths = [max(len(row[i]) for row in rows) for i in range(6)]
        right = (4, 5)
        lines = [
            "  ".join(
                cell.rjust(width) if i in right else cell.ljust(width)
                for i, (cell, width) in enumerate(zip(row, (*widths, 0), strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, total])


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
