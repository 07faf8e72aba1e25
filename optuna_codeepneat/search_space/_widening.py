"""`widened`: a network with several times the channels, for a final training."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node


if TYPE_CHECKING:
    from optuna_codeepneat.search_space._space import SearchSpace

WIDTH = "width"
"""The gene of every layer that says how many channels it returns."""


def widened(architecture: Architecture, space: SearchSpace, factor: float) -> Architecture:
    """The network with each width multiplied (LEAF, Liang et al. 2019, section 4.2).

    It keeps its innovation ids, so that it can begin with the weights of the narrow network. The
    new widths may lie beyond the ranges of the space, and the network over its caps: what is
    trained finally is no longer searched.

    Args:
        architecture:
            The network.
        space:
            Its search space, whose ranges say in which steps a width grows.
        factor:
            What widths are multiplied by, from 1 on.

    Raises:
        ValueError: If `factor` is less than 1.
    """
    if not (isfinite(factor) and factor >= 1.0):
        raise ValueError(f"`factor` must be a finite number from 1, got {factor}.")
    modules = {
        slot: Graph(
            tuple(_wider(node, space, factor) for node in graph.nodes), graph.merge, graph.genes
        )
        for slot, graph in architecture.modules.items()
    }
    wide = replace(architecture, modules=modules)
    return wide.with_innovation_ids(architecture.innovation_ids)


def _wider(node: Node, space: SearchSpace, factor: float) -> Node:
    width = node.genes.get(WIDTH)
    if not isinstance(width, int) or isinstance(width, bool):
        return node
    ranges = space.layers[node.kind].get(WIDTH) if node.kind in space.layers else None
    return replace(node, genes=node.genes | {WIDTH: _in_steps(ranges, width, factor)})


def _in_steps(ranges: BaseDistribution | None, width: int, factor: float) -> int:
    """The nearest width that the range has steps for, and beyond its end any whole number."""
    wanted = width * factor
    if isinstance(ranges, IntDistribution) and ranges.step is not None:
        return width + ranges.step * round((wanted - width) / ranges.step)
    if isinstance(ranges, CategoricalDistribution):
        choices = [c for c in ranges.choices if isinstance(c, int) and c >= width]
        if choices and wanted <= max(choices):
            return min(choices, key=lambda choice: abs(choice - wanted))
    return round(wanted)
