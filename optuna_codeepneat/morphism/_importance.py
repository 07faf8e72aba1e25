"""Which units of a layer matter: a descendant that has fewer keeps these."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import get_layer


_ROWS = (
    "weight",
    "pointwise.weight",
    "write.weight",
    "weight_ih_l0",
    "weight_ih_l0_reverse",
)
"""Weights of a core with a row for each unit, or as many rows for each as it has gates."""


def importance_of(
    architecture: Architecture, weights: Mapping[str, Tensor]
) -> dict[str, list[float]]:
    """For each layer of a network, how much each of its units does.

    Behind a normalisation that is its gain (Liu et al. 2017); else the sum of its absolute
    weights (Li et al. 2017, Pruning Filters for Efficient ConvNets).

    Args:
        architecture:
            The network.
        weights:
            See `weights_of`.

    Returns:
        By the operation's name, a number for each of its `width` units.
    """
    importance: dict[str, list[float]] = {}
    for operation in architecture.operations:
        if operation.slot is None or len(operation.inputs) != 1:
            continue
        width, rule = operation.genes.get("width"), get_layer(operation.kind).inheritance
        if width is None or rule is None:
            continue
        innovation_id = architecture.innovation_id(operation.name)
        rows = [weights.get(f"{innovation_id}/norm.weight")]
        if rows[0] is None:
            rows = [weights.get(f"{innovation_id}/core.{name}") for name in _ROWS]
        sums = [
            row.abs().reshape(-1, int(width), *row.shape[1:]).transpose(0, 1).flatten(1).sum(1)
            for row in rows
            if row is not None and len(row) % int(width) == 0
        ]
        if sums:
            importance[operation.name] = [float(value) for value in sum(sums[1:], sums[0])]
    return importance
