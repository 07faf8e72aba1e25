"""A network as a bag of structural features: what there is of what, not where."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

import numpy as np
from optuna.distributions import CategoricalDistribution

from optuna_codeepneat.sampler._genetics import to_unit
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import plain


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from optuna_codeepneat.search_space import Operation


Bag: TypeAlias = Mapping[str, float]
"""Features by name; those that are missing are 0."""

_LEAST_ALIKE = 3
"""From how many parameters with the same choices on it counts how often each is chosen."""


Row: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""A bag as columns of a `Table` and the values in them."""


class Table:
    """Gives each feature a column, so that bags become rows of a matrix."""

    def __init__(self) -> None:
        self._columns: dict[str, int] = {}

    def row(self, bag: Bag) -> Row:
        """A bag in the columns of this table."""
        columns = [self._columns.setdefault(name, len(self._columns)) for name in bag]
        return np.array(columns, dtype=int), np.array(list(bag.values()), dtype=float)

    def matrices(self, groups: Sequence[Sequence[Row]]) -> list[np.ndarray]:
        """Groups of rows as matrices ``(rows, features)``, in the alphabetical order of features.

        Only what is in some row has a column, so that it is all the same what else was seen.
        """
        names = sorted(self._columns)
        order = np.array([self._columns[name] for name in names], dtype=int)
        matrices = []
        used = np.zeros(len(names), dtype=bool)
        for group in groups:
            matrix = np.zeros((len(group), len(names)))
            for values, (columns, own) in zip(matrix, group, strict=True):
                values[columns] = own
                used[columns] = True
            matrices.append(matrix)
        order = order[used[order]]
        return [matrix[:, order] for matrix in matrices]


def bag_of_structure(architecture: Architecture) -> Bag:
    """Sizes, receptive field, and counts of layers, of their genes, and of adjacent kinds.

    Pairs of adjacent kinds are the labels of the Weisfeiler-Lehman test after one round.
    """
    bag: defaultdict[str, float] = defaultdict(float)
    operations = architecture.operations
    kinds = {op.name: op.kind for op in operations}
    log_params = math.log(max(architecture.num_params, 1))
    bag["log params"], bag["log params squared"] = log_params, log_params**2
    bag["log macs"] = math.log(architecture.macs + 1)
    bag["depth"] = float(architecture.depth)
    bag["modules"] = float(len(architecture.blueprint.nodes))
    reach, step = _receptive_field(operations)
    bag["log reach"], bag["log step"] = math.log(reach), math.log(step)
    inner = [op for op in operations if op.kind not in ("input", "output")]
    layers = {op.name for op in inner if op.slot is not None and len(op.inputs) == 1}
    for op in operations:
        if op.kind == "input":
            continue
        bag[f"n {op.kind}"] += 1.0
        for source in op.inputs:
            bag[f"{kinds[source]} > {op.kind}"] += 1.0
        for gene, value in op.genes.items():
            if isinstance(value, str | bool):
                bag[f"{op.kind} {gene} {value}"] += 1.0
                if op.name in layers:
                    bag[f"share {gene} {value}"] += 1.0 / len(layers)
            else:
                bag[f"{op.kind} {gene}"] += float(value)
                bag[f"log {gene}"] += math.log2(value) if value > 0 else 0.0
    widths = [math.log(op.shape[0]) for op in inner] or [0.0]
    bag["least width"], bag["most width"] = min(widths), max(widths)
    bag["mean width"], bag["last width"] = sum(widths) / len(widths), widths[-1]
    return dict(bag)


def bag_of_genes(genes: Mapping[str, Any], ranges: Mapping[str, BaseDistribution]) -> Bag:
    """Parameters beside the architecture, each on its own scale; an absent one has a flag.

    Where several have the same choices, as the operations at the edges of a cell do, it counts
    how often each was made.
    """
    bag: defaultdict[str, float] = defaultdict(float)
    alike: defaultdict[tuple[Any, ...], int] = defaultdict(int)
    for distribution in ranges.values():
        if isinstance(distribution, CategoricalDistribution):
            alike[tuple(map(str, distribution.choices))] += 1
    for name, distribution in ranges.items():
        if distribution.single():
            continue
        if name not in genes:
            bag[f"no {name}"] = 1.0
        elif isinstance(distribution, CategoricalDistribution):
            choice, choices = plain(genes[name]), tuple(map(str, distribution.choices))
            # So that two choices are 1 apart.
            bag[f"{name} {choice}"] = math.sqrt(0.5)
            if alike[choices] >= _LEAST_ALIKE:
                bag[f"{choices} {choice}"] += 1.0 / math.sqrt(alike[choices])
        else:
            bag[name] = to_unit(distribution, genes[name])
    return bag


def _receptive_field(operations: tuple[Operation, ...]) -> tuple[float, float]:
    """How many positions an output sees at most, and how far two of them are apart."""
    fields: dict[str, tuple[float, float]] = {}
    for op in operations:
        reach, step = max((fields[source] for source in op.inputs), default=(1.0, 1.0))
        kernel, factor = op.genes.get("kernel"), op.genes.get("factor")
        if kernel is not None:
            reach += (float(kernel) - 1.0) * float(op.genes.get("dilation", 1)) * step
            step *= float(op.genes.get("stride", 1))
        elif factor is not None:
            reach += (float(factor) - 1.0) * step
            step *= float(factor)
        fields[op.name] = reach, step
    return fields["out"]
