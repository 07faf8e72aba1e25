"""Species: how far genomes are apart, and which slot a genome belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat.sampler._genetics import GenomeSpace
from optuna_codeepneat.sampler._genetics import Ranges
from optuna_codeepneat.sampler._genetics import distance
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph


if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class Speciation:
    """Sorts genomes into a fixed number of species with stable names.

    NEAT opens and closes species as it goes. A blueprint's pointer would lose its meaning, so here
    the species are slots that stay (ours): each keeps a representative, and a new genome joins
    the species it was bred in while it is within `threshold` of the representative, else the
    species with the nearest one.

    Args:
        structure_weight:
            c1 = c2 of NEAT's compatibility distance ``c1 E/N + c2 D/N + c3 W``. Markings that are
            content hashes have no order, so excess and disjoint genes are one thing.
        gene_weight:
            c3; W is the mean distance of the genes of matching nodes, each from 0 to 1 (ours).
        threshold:
            The compatibility threshold of the first generation.
        threshold_step:
            By how much it moves each generation towards as many species as there are slots, up
            or down (Stanley and Miikkulainen 2004, with 0.3 on another scale).
    """

    structure_weight: float = 1.0
    gene_weight: float = 1.0
    threshold: float = 0.5
    threshold_step: float = 0.05

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("structure_weight", "gene_weight", "threshold", "threshold_step"):
            if getattr(self, name) < 0:
                raise ValueError(f"`{name}` must be at least 0, got {getattr(self, name)}.")

    def distance(self, a: Graph, b: Graph, space: GenomeSpace) -> float:
        """The compatibility distance of two genomes: symmetric, 0 for equal ones."""
        ours, theirs = {*a.by_id, *a.edges}, {*b.by_id, *b.edges}
        larger = max(len(ours), len(theirs), 1)
        gaps = [_gap(a.genes, b.genes, space.genes)] if a.genes or b.genes else []
        for node in a.nodes:
            match = b.by_id.get(node.id)
            if match is None:
                continue
            if match.kind == node.kind:
                gaps.append(_gap(node.genes, match.genes, space.kinds[node.kind]))
            else:
                gaps.append(1.0)
        structure = len(ours ^ theirs) / larger
        genes = sum(gaps) / len(gaps) if gaps else 0.0
        return self.structure_weight * structure + self.gene_weight * genes

    def assign(
        self,
        genome: Graph,
        home: str,
        representatives: Mapping[str, Graph],
        threshold: float,
        space: GenomeSpace,
    ) -> str:
        """The species that a genome bred in the species `home` belongs to."""
        if self.distance(genome, representatives[home], space) <= threshold:
            return home
        return min(
            representatives,
            key=lambda s: (self.distance(genome, representatives[s], space), s != home, s),
        )

    def adjust(
        self, threshold: float, genomes: Sequence[Graph], wanted: int, space: GenomeSpace
    ) -> float:
        """The threshold of the next generation, from how many species this one would make."""
        founders: list[Graph] = []
        for genome in genomes:
            if all(self.distance(genome, founder, space) > threshold for founder in founders):
                founders.append(genome)
        if len(founders) > wanted:
            return threshold + self.threshold_step
        if len(founders) < wanted:
            return max(self.threshold_step, threshold - self.threshold_step)
        return threshold

    def seed_species(
        self,
        genomes: Sequence[Graph],
        names: Sequence[str],
        space: GenomeSpace,
        rng: np.random.Generator,
    ) -> list[str]:
        """The species of the first generation: of nearly equal size around far-apart founders."""
        founders = [int(rng.integers(len(genomes)))]
        nearest = [self.distance(g, genomes[founders[0]], space) for g in genomes]
        while len(founders) < min(len(names), len(genomes)):
            for founder in founders:
                nearest[founder] = -1.0
            founders.append(max(range(len(genomes)), key=nearest.__getitem__))
            added = genomes[founders[-1]]
            gaps = (self.distance(genome, added, space) for genome in genomes)
            nearest = [min(pair) for pair in zip(nearest, gaps, strict=True)]
        room = {names[i]: -(-len(genomes) // len(names)) for i in range(len(founders))}
        species = [""] * len(genomes)
        for name, founder in zip(names, founders, strict=False):
            species[founder] = name
            room[name] -= 1
        for i, genome in enumerate(genomes):
            if species[i]:
                continue
            species[i] = min(
                (name for name in room if room[name] > 0),
                key=lambda n: self.distance(
                    genome, genomes[founders[list(names).index(n)]], space
                ),
            )
            room[species[i]] -= 1
        return species

    def representative(self, genomes: Sequence[Graph], space: GenomeSpace) -> Graph:
        """The genome with the least distance to all others of its species."""
        sums = [sum(self.distance(a, b, space) for b in genomes) for a in genomes]
        return genomes[sums.index(min(sums))]


def _gap(a: Genes, b: Genes, ranges: Ranges) -> float:
    """Mean distance of the genes that may vary; one that only one side has counts 1."""
    names = [g for g in sorted({*a, *b}) if g in ranges and not ranges[g].single()]
    if not names:
        return 0.0
    return sum(
        distance(ranges[name], a[name], b[name]) if name in a and name in b else 1.0
        for name in names
    ) / len(names)
