"""The sums of the distances of each genome to all others, for all genomes at once.

They say who may be in the middle of a species without a comparison of every pair: as arrays, a
thousand genomes take a fraction of a second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution

from optuna_codeepneat.sampler._genetics import GenomeSpace
from optuna_codeepneat.sampler._genetics import Ranges
from optuna_codeepneat.sampler._genetics import distance
from optuna_codeepneat.sampler._genetics import to_unit
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph


if TYPE_CHECKING:
    from numpy.typing import NDArray
    from optuna.distributions import BaseDistribution

_ROWS = 256
"""Genomes that are compared with all others at a time, which bounds the memory."""


def sums_of_distances(
    genomes: Sequence[Graph], space: GenomeSpace, structure_weight: float, gene_weight: float
) -> NDArray[np.float64]:
    """What `Speciation.distance` to all genomes comes to for each, but for rounding.

    Returns:
        ``(genomes,)``.
    """
    markings = _markings(genomes)
    n_markings = markings.sum(axis=1)
    parts = list(_parts(genomes, space))
    sums = np.empty(len(genomes))
    for low in range(0, len(genomes), _ROWS):
        rows = slice(low, low + _ROWS)
        ours, theirs = n_markings[rows, None], n_markings[None, :]
        disjoint = ours + theirs - 2.0 * (markings[rows] @ markings.T)
        structure = disjoint / np.maximum(np.maximum(ours, theirs), 1.0)
        gaps, n_gaps = np.zeros_like(structure), np.zeros_like(structure)
        for part in parts:
            part.add(low, gaps, n_gaps)
        genes = gaps / np.maximum(n_gaps, 1.0)
        sums[rows] = (structure_weight * structure + gene_weight * genes).sum(axis=1)
    return sums


def _markings(genomes: Sequence[Graph]) -> NDArray[np.float64]:
    """Which node ids and edges a genome has, 1 or 0, ``(genomes, markings)``."""
    columns: dict[Any, int] = {}
    held = [[columns.setdefault(m, len(columns)) for m in (*g.by_id, *g.edges)] for g in genomes]
    markings = np.zeros((len(genomes), len(columns)))
    for row, own in zip(markings, held, strict=True):
        row[own] = 1.0
    return markings


@dataclass(frozen=True)
class _Part:
    """Genomes that share a place, and how far apart the genes there are.

    The genes of whole graphs are one place, each node id is another; two genomes with the same id
    but not the same kind of node are one gap apart.
    """

    members: NDArray[np.intp]  # ascending
    kinds: NDArray[np.intp] | None  # None if this is about the genes of one kind
    columns: Sequence[NDArray[np.float64]] = ()  # a value for each member, NaN where it has none
    categorical: Sequence[bool] = ()
    counted: NDArray[np.bool_] | None = None  # of the graphs' genes: who has any

    def add(self, low: int, gaps: NDArray[np.float64], n_gaps: NDArray[np.float64]) -> None:
        """Adds this part to the rows from `low` of ``(rows, genomes)`` gaps, and to how many."""
        first, end = np.searchsorted(self.members, [low, low + len(gaps)])
        if first == end:
            return
        rows = slice(first, end)
        pairs = np.ix_(self.members[rows] - low, self.members)
        if self.kinds is not None:
            gaps[pairs] += self.kinds[rows, None] != self.kinds[None, :]
            n_gaps[pairs] += 1.0
            return
        total = np.zeros((end - first, len(self.members)))
        n_names = np.zeros_like(total)
        for column, categorical in zip(self.columns, self.categorical, strict=True):
            ours, theirs = column[rows, None], column[None, :]
            gap = (ours != theirs) * 1.0 if categorical else np.abs(ours - theirs)
            lacking = np.isnan(column)
            if lacking.any():
                one, both = lacking[rows, None] | lacking, lacking[rows, None] & lacking
                gap = np.where(both, 0.0, np.where(one, 1.0, gap))
                n_names += ~both
            else:
                n_names += 1.0
            total += gap
        gaps[pairs] += total / np.maximum(n_names, 1.0)
        if self.counted is not None:
            n_gaps[pairs] += self.counted[rows, None] | self.counted


def _parts(genomes: Sequence[Graph], space: GenomeSpace) -> Iterator[_Part]:
    counted = np.array([bool(genome.genes) for genome in genomes])
    everyone = np.arange(len(genomes))
    yield _genes(everyone, [genome.genes for genome in genomes], space.genes, counted)
    holders: dict[str, list[int]] = defaultdict(list)
    for i, genome in enumerate(genomes):
        for id in genome.by_id:
            holders[id].append(i)
    for id, members in holders.items():
        kinds = [genomes[i].by_id[id].kind for i in members]
        known = sorted(set(kinds))
        numbers = np.array([known.index(kind) for kind in kinds])
        yield _Part(np.array(members), numbers)
        for number, kind in enumerate(known):
            alike = np.array(members)[numbers == number]
            own = [genomes[i].by_id[id].genes for i in alike]
            yield _genes(alike, own, space.kinds[kind], None)


def _genes(
    members: NDArray[np.intp],
    genes: Sequence[Genes],
    ranges: Ranges,
    counted: NDArray[np.bool_] | None,
) -> _Part:
    names = [name for name in sorted(ranges) if not ranges[name].single()]
    columns = [
        np.array([_number(ranges[name], own[name]) if name in own else np.nan for own in genes])
        for name in names
    ]
    categorical = [isinstance(ranges[name], CategoricalDistribution) for name in names]
    return _Part(members, None, columns, categorical, counted)


def _number(distribution: BaseDistribution, value: Any) -> float:
    """The place of a value on the unit interval, or of a category among the choices."""
    if not isinstance(distribution, CategoricalDistribution):
        return to_unit(distribution, value)
    choices = enumerate(distribution.choices)
    equal = (i for i, choice in choices if distance(distribution, choice, value) == 0.0)
    return float(next(equal, -1))
