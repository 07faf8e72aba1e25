"""The shapes that flow through a network of genomes, by the innovation ids of its nodes."""

from __future__ import annotations

from collections.abc import Mapping

from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Shape


Flow = Mapping[str, Shape]
"""For each node of a graph, and for its input, the shape that it returns."""


def flows(network: NetworkGenome, architecture: Architecture) -> dict[str | None, list[Flow]]:
    """The flows of the blueprint (None) and of each slot, one for each place of its module.

    The architecture is what the network's genomes make.
    """
    shapes = {op.name: op.shape for op in architecture.operations}

    def last(place: str, sinks: list[str]) -> Shape:
        for end in ("pool", "out"):
            if f"{place}.{end}" in shapes:
                return shapes[f"{place}.{end}"]
        return shapes[f"{place}.{sinks[0]}"]

    whole: dict[str, Shape] = {IN: shapes[IN]}
    found: dict[str | None, list[Flow]] = {None: [whole]}
    for i, node in enumerate(network.blueprint.nodes):
        module = network.modules[node.kind]
        positions = {own.id: str(j) for j, own in enumerate(module.nodes)}
        first = shapes[f"{i}.merge"] if len(node.inputs) > 1 else whole[node.inputs[0]]
        inside = {IN: first} | {m: shapes[f"{i}.{j}"] for m, j in positions.items()}
        found.setdefault(node.kind, []).append(inside)
        whole[node.id] = last(str(i), [positions[sink] for sink in module.sinks])
    return found
