"""The one data structure of structure: a small acyclic graph of nodes that carry genes.

A module is a graph whose nodes are layers; a blueprint is a graph whose nodes point to module
slots (Liang et al. 2019, section 3.1). The same class serves as *genome*, where a node's id is
its innovation id, and as part of an *architecture*, where it is the node's position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import Any

from optuna_codeepneat.search_space._genes import Genes


IN = "in"
"""The id of a graph's input, as it stands among a node's inputs."""


@dataclass(frozen=True)
class Node:
    """A node of a module or of a blueprint.

    Args:
        id:
            Its name within the graph: a position ("0", "1", ...) or a innovation id.
        kind:
            A layer's name in a module, a slot's in a blueprint.
        inputs:
            Ids of the nodes it reads, in the order of the graph; ``"in"`` is the graph's input.
        genes:
            Its gene values.
        merge:
            How several inputs become one, None where there is one.
    """

    id: str
    kind: str
    inputs: tuple[str, ...] = (IN,)
    genes: Genes = field(default_factory=Genes)
    merge: str | None = None

    def __post_init__(self) -> None:
        # A hand-written node may say `genes={"width": 16}` and `inputs=["in"]`.
        if type(self.genes) is not Genes:
            object.__setattr__(self, "genes", Genes(self.genes))
        if type(self.inputs) is not tuple:
            object.__setattr__(self, "inputs", tuple(self.inputs))


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order, a merge of those that nothing reads, and genes of the whole.

    Args:
        nodes:
            The nodes, each after all it reads.
        merge:
            How several sinks become the graph's output, None where there is one sink.
        genes:
            Genes of the graph itself: in a blueprint the global ones.
    """

    nodes: tuple[Node, ...]
    merge: str | None = None
    genes: Genes = field(default_factory=Genes)

    def __post_init__(self) -> None:
        if type(self.nodes) is not tuple:
            object.__setattr__(self, "nodes", tuple(self.nodes))
        if type(self.genes) is not Genes:
            object.__setattr__(self, "genes", Genes(self.genes))

    @cached_property
    def by_id(self) -> dict[str, Node]:
        """The nodes by their ids."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def sinks(self) -> tuple[str, ...]:
        """Ids of the nodes that no other reads; together they are the output."""
        read = {source for node in self.nodes for source in node.inputs}
        return tuple(node.id for node in self.nodes if node.id not in read)

    @cached_property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """Pairs (source id, id), the sources in the order of each node's inputs."""
        return tuple((source, node.id) for node in self.nodes for source in node.inputs)

    def lint(self) -> None:
        """Raises ValueError if an invariant is broken, naming the node."""
        seen = {IN: 0}
        for node in self.nodes:
            if node.id in seen:
                raise ValueError(f"node id {node.id!r} stands twice.")
            if not node.inputs:
                raise ValueError(f"node {node.id!r} ({node.kind}) has no inputs.")
            unknown = [source for source in node.inputs if source not in seen]
            if unknown:
                raise ValueError(
                    f"node {node.id!r} ({node.kind}) reads {unknown}, which is no earlier node."
                )
            if list(node.inputs) != sorted(set(node.inputs), key=seen.__getitem__):
                raise ValueError(
                    f"node {node.id!r} ({node.kind}) reads {list(node.inputs)}; each input "
                    "stands once, in the order of the nodes."
                )
            if (node.merge is None) != (len(node.inputs) == 1):
                raise ValueError(
                    f"node {node.id!r} ({node.kind}) has {len(node.inputs)} input(s) "
                    f"and the merge {node.merge!r}."
                )
            seen[node.id] = len(seen)
        if (self.merge is None) != (len(self.sinks) <= 1):
            raise ValueError(f"{len(self.sinks)} sink(s) and the merge {self.merge!r}.")

    def positional(self) -> Graph:
        """The same graph with positions ("0", "1", ...) for ids."""
        names = {IN: IN} | {node.id: str(i) for i, node in enumerate(self.nodes)}
        if all(id == name for id, name in names.items()):
            return self
        nodes = [
            Node(names[n.id], n.kind, tuple([names[i] for i in n.inputs]), n.genes, n.merge)
            for n in self.nodes
        ]
        return Graph(tuple(nodes), self.merge, self.genes)

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible value; `from_json` is its inverse."""
        nodes = [[n.id, n.kind, list(n.inputs), n.merge, dict(n.genes)] for n in self.nodes]
        return {"nodes": nodes, "merge": self.merge, "genes": dict(self.genes)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Graph:
        """The graph that `to_json` wrote; TypeError, ValueError or LookupError if it did not."""
        nodes = tuple(
            Node(_text(id), _text(kind), tuple(map(_text, inputs)), _genes(genes), _merge(merge))
            for id, kind, inputs, merge, genes in value["nodes"]
        )
        return cls(nodes, _merge(value["merge"]), _genes(value["genes"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _merge(value: Any) -> str | None:
    return None if value is None else _text(value)


def _genes(value: Any) -> Genes:
    if not isinstance(value, dict) or any(isinstance(v, list | dict) for v in value.values()):
        raise TypeError(f"{value!r} are no genes")
    return Genes(value)
