"""Where tensors meet in a network: also the places where only one arrives."""

from __future__ import annotations

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space._graph import IN
from optuna_codeepneat.search_space._graph import Graph


def joins_of(architecture: Architecture) -> dict[str, tuple[str, ...]]:
    """For each place where tensors may meet, the operations that arrive there.

    Places are named as the merge there would be (`Operation`), whether it exists or not: in front
    of every node, behind every module, and in front of the output.
    """
    existing = {operation.name for operation in architecture.operations}
    joins: dict[str, tuple[str, ...]] = {}

    def arrive(place: str, sources: list[str]) -> str:
        joins[place] = tuple(sources)
        return place if len(sources) > 1 else sources[0]

    def pass_through(prefix: str, graph: Graph, source: str) -> str:
        names = {IN: source}
        for i, node in enumerate(graph.nodes):
            arrive(f"{prefix}.{i}.merge", [names[j] for j in node.inputs])
            names[node.id] = f"{prefix}.{i}"
        return arrive(f"{prefix}.out", [names[j] for j in graph.sinks])

    names = {IN: IN}
    for i, node in enumerate(architecture.blueprint.nodes):
        source = arrive(f"{i}.merge", [names[j] for j in node.inputs])
        module = pass_through(str(i), architecture.modules[node.kind], source)
        names[node.id] = f"{i}.pool" if f"{i}.pool" in existing else module
    arrive("merge", [names[j] for j in architecture.blueprint.sinks])
    return joins
