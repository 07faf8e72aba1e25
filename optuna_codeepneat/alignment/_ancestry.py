"""The ancestor: its operations by their innovation ids, and the channels of its tensors."""

from __future__ import annotations

import numpy as np

from optuna_codeepneat.alignment._channels import NEW
from optuna_codeepneat.alignment._channels import Channels
from optuna_codeepneat.alignment._channels import Origins
from optuna_codeepneat.alignment._channels import concatenated
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import smallest


class AncestorIndex:
    """The ancestor: its operations by their innovation ids, and the channels of its tensors."""

    def __init__(self, architecture: Architecture) -> None:
        self.origins = Origins()
        self.operations: dict[str, Operation] = {}
        self.reads: dict[str, list[Channels]] = {}
        self.joins: dict[str, list[Channels]] = {}
        self._outputs: dict[str, Channels] = {}
        self._rectified: set[str] = set()
        for operation in architecture.operations:
            innovation_id = architecture.innovation_id(operation.name)
            self.operations[innovation_id] = operation
            self.reads[innovation_id] = self._read(operation)
            self._outputs[operation.name] = self._output(operation, self.reads[innovation_id])
            genes = operation.genes
            if genes.get("activation") == "relu" and not genes.get("residual"):
                self._rectified.add(operation.name)
        for place, sources in joins_of(architecture).items():
            self.joins[architecture.innovation_id(place)] = [self._outputs[s] for s in sources]

    def never_negative(self, tensor: Channels) -> np.ndarray:
        """Which channels of a tensor come from a rectifier, or are not the ancestor's."""
        return np.array(
            [
                key == NEW or self.origins.operation_of(key) in self._rectified
                for key in tensor.keys.tolist()
            ]
        )

    def _read(self, operation: Operation) -> list[Channels]:
        sources = [self._outputs[name] for name in operation.inputs]
        if len(sources) < 2:
            return sources
        sizes = smallest(operation.input_shapes)
        return [self.origins.pooled(source, sizes) for source in sources]

    def _output(self, operation: Operation, reads: list[Channels]) -> Channels:
        if operation.kind == "concat":
            return concatenated(reads)
        if operation.kind == "max_pool":
            return self.origins.pooled(reads[0], operation.shape[1:])
        if is_transparent(operation):
            return reads[0]
        return self.origins.output_of(operation.name, operation.shape[0], operation.shape[1:])


def is_transparent(operation: Operation) -> bool:
    """Whether a layer returns what it is given, but for noise while training."""
    if operation.slot is None or len(operation.inputs) > 1:
        return False
    rule = get_layer(operation.kind).inheritance
    return rule is not None and rule.transparent


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
