"""A network as a bag of structural features: what there is of what, not where."""

from __future__ import annotations

import math
from collections import Counter
from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

import numpy as np
from optuna.distributions import CategoricalDistribution

from optuna_codeepneat.sampler._genetics import Scale
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import plain


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from optuna_codeepneat.search_space import Operation


Bag: TypeAlias = Mapping["tuple[str, str]", float]
"""Features by (kind, name); those that are missing are 0.

What is of one kind has one relevance for the model: a parameter beside the architecture is a kind
of its own.
"""

_LEAST_ALIKE = 3
"""From how many parameters with the same choices on it counts how often each is chosen."""


Row: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""A bag as columns of a `Table` and the values in them."""


class Table:
    """Gives each feature a column, so that bags become rows of a matrix."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], int] = {}

    def row(self, bag: Bag) -> Row:
        """A bag in the columns of this table."""
        columns = [self._columns.setdefault(name, len(self._columns)) for name in bag]
        return np.array(columns, dtype=int), np.array(list(bag.values()), dtype=float)

    def columns(self, rows: Sequence[Row]) -> np.ndarray:
        """The columns that some row has a value in, in alphabetical order of their features.

        So it is all the same what else was seen.
        """
        used = np.zeros(len(self._columns), dtype=bool)
        for columns, _ in rows:
            used[columns] = True
        names = sorted(name for name, column in self._columns.items() if used[column])
        return np.array([self._columns[name] for name in names], dtype=int)

    def kinds(self, columns: np.ndarray) -> list[str]:
        """The kinds of the features in columns."""
        names = list(self._columns)
        return [names[column][0] for column in columns]

    def matrix(self, rows: Sequence[Row], columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows as a matrix ``(rows, columns)``, and the sum of what each has elsewhere."""
        whole = np.zeros((len(rows), len(self._columns)))
        i = np.repeat(np.arange(len(rows)), [len(own) for own, _ in rows])
        own = np.concatenate([own for own, _ in rows] or [np.zeros(0, dtype=int)])
        whole[i, own] = np.concatenate([values for _, values in rows] or [np.zeros(0)])
        is_elsewhere = np.ones(len(self._columns), dtype=bool)
        is_elsewhere[columns] = False
        return whole[:, columns], np.abs(whole[:, is_elsewhere]).sum(axis=1)


def bag_of_structure(architecture: Architecture) -> Bag:
    """Sizes, receptive field, and counts of layers, of their genes, and of adjacent kinds.

    Pairs of adjacent kinds are the labels of the Weisfeiler-Lehman test after one round.
    """
    bag: defaultdict[tuple[str, str], float] = defaultdict(float)
    operations = architecture.operations
    kinds = {op.name: op.kind for op in operations}
    log_params = math.log(max(architecture.num_params, 1))
    bag["size", "log params"], bag["size", "log params squared"] = log_params, log_params**2
    bag["size", "log macs"] = math.log(architecture.macs + 1)
    bag["depth", "layers"] = float(architecture.depth)
    bag["depth", "modules"] = float(len(architecture.blueprint.nodes))
    reach, step = _receptive_field(operations)
    bag["reach", "log reach"], bag["reach", "log step"] = math.log(reach), math.log(step)
    inner = [op for op in operations if op.kind not in ("input", "output")]
    layers = {op.name for op in inner if op.slot is not None and len(op.inputs) == 1}
    for op in operations:
        if op.kind == "input":
            continue
        bag["layers", op.kind] += 1.0
        for source in op.inputs:
            bag["pairs", f"{kinds[source]} > {op.kind}"] += 1.0
        for gene, value in op.genes.items():
            if isinstance(value, str | bool):
                bag["genes", f"{op.kind} {gene} {value}"] += 1.0
                if op.name in layers:
                    bag["shares", f"{gene} {value}"] += 1.0 / len(layers)
            else:
                bag["genes", f"{op.kind} {gene}"] += float(value)
                bag["logarithms", gene] += math.log2(value) if value > 0 else 0.0
    widths = [math.log(op.shape[0]) for op in inner] or [0.0]
    bag["widths", "least"], bag["widths", "most"] = min(widths), max(widths)
    bag["widths", "mean"], bag["widths", "last"] = sum(widths) / len(widths), widths[-1]
    return dict(bag)


class BagOfGenes:
    """Bags of the parameters beside the architecture, each on its own scale.

    An absent one has a flag. Where several have the same choices, as the operations at the edges
    of a cell do, it counts how often each was made.

    Args:
        ranges:
            Those of the parameters.
    """

    def __init__(self, ranges: Mapping[str, BaseDistribution]) -> None:
        alike = Counter(
            tuple(map(str, distribution.choices))
            for distribution in ranges.values()
            if isinstance(distribution, CategoricalDistribution)
        )
        self._numbers: list[tuple[str, Scale]] = []
        self._categories: list[tuple[str, tuple[str, ...], float]] = []
        for name, distribution in ranges.items():
            if distribution.single():
                continue
            if not isinstance(distribution, CategoricalDistribution):
                self._numbers.append((name, Scale.of(distribution)))
                continue
            choices = tuple(map(str, distribution.choices))
            n_alike = alike[choices]
            counts = 1.0 / math.sqrt(n_alike) if n_alike >= _LEAST_ALIKE else 0.0
            self._categories.append((name, choices, counts))

    def __call__(self, genes: Mapping[str, Any]) -> Bag:
        """The bag of a network with these genes."""
        bag: dict[tuple[str, str], float] = {}
        for name, scale in self._numbers:
            if name in genes:
                bag[f"gene {name}", "value"] = scale(genes[name])
            else:
                bag[f"gene {name}", "absent"] = 1.0
        for name, choices, counts in self._categories:
            if name not in genes:
                bag[f"gene {name}", "absent"] = 1.0
                continue
            choice = f"is {plain(genes[name])}"
            # So that two choices are 1 apart.
            bag[f"gene {name}", choice] = math.sqrt(0.5)
            if counts:
                of_all = f"gene {choices}", choice
                bag[of_all] = bag.get(of_all, 0.0) + counts
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
