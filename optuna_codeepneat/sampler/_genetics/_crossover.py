"""Crossover of genomes that are lined up by their innovation ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from optuna.distributions import CategoricalDistribution

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat.sampler._genetics._genes import between
from optuna_codeepneat.sampler._genetics._genome import Ranges
from optuna_codeepneat.sampler._genetics._later import later
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import Value


if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class Crossover:
    """Crosses two genomes; a frozen ``(fitter, other, rng, ranges) -> genome``.

    Nodes with the same innovation id are matched: the child takes each gene from either parent at
    random. What only one parent has, it takes from the fitter (NEAT, Stanley and Miikkulainen
    2002, section 3.2), so the child has the fitter parent's structure. Genes of the whole graph,
    such as a learning rate, it takes from whichever parent has them; a number that both have comes
    to lie between theirs, or a little beyond, so that the steps become smaller as the parents
    become alike.

    Args:
        prob:
            Probability that a child has two parents; 0.75 after Stanley and Miikkulainen 2004.
        swap_prob:
            Probability that a matching gene comes from the other parent.
        interspecies_prob:
            Probability that the second parent is of another species; 0.05 after Stanley and
            Miikkulainen 2004.
        blend:
            How far beyond the parents' numbers a child's may lie, as a share of the distance
            between them, on the scale of the range (BLX-alpha, Eshelman and Schaffer 1993, with
            alpha 0.5); only for genes of the whole graph. None if they are swapped like all other
            genes.
    """

    prob: float = 0.75
    swap_prob: float = 0.5
    interspecies_prob: float = 0.05
    blend: float | None = later(0.3, before=None)

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("prob", "swap_prob", "interspecies_prob"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"`{name}` must be from 0 to 1, got {value}.")
        if self.blend is not None and not 0.0 <= self.blend < float("inf"):
            raise ValueError(f"`blend` must be a number from 0 or None, got {self.blend}.")

    def __call__(
        self,
        fitter: Graph,
        other: Graph,
        rng: np.random.Generator,
        ranges: Ranges = MappingProxyType({}),
    ) -> Graph:
        """The child; the parents stay as they are.

        Without their ranges, the numbers of the whole graph are swapped.
        """
        blended: dict[str, Value] = {}
        if self.blend is not None:
            blended = {
                name: between(
                    ranges[name],
                    own,
                    other.genes[name],
                    float(rng.uniform(-self.blend, 1.0 + self.blend)),
                )
                for name, own in fitter.genes.items()
                if name in other.genes
                and name in ranges
                and not isinstance(ranges[name], CategoricalDistribution)
            }

        def mixed(own: Genes, theirs: Genes, blended: Mapping[str, Value]) -> Genes:
            taken = {
                name: theirs[name]
                for name in own
                if name in theirs and name not in blended and rng.random() < self.swap_prob
            }
            return own | taken | blended

        nodes: list[Node] = []
        for node in fitter.nodes:
            match = other.by_id.get(node.id)
            if match is not None and match.kind == node.kind:
                node = replace(node, genes=mixed(node.genes, match.genes, {}))
            elif match is not None and rng.random() < self.swap_prob:
                # Another layer's genes mean nothing here: kind and genes come together.
                node = replace(node, kind=match.kind, genes=match.genes)
            nodes.append(node)
        genes = mixed(fitter.genes, other.genes, blended)
        only_theirs = {name: v for name, v in other.genes.items() if name not in fitter.genes}
        return Graph(tuple(nodes), fitter.merge, genes | only_theirs)
