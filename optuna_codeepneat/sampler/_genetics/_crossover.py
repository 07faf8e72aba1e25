"""Crossover of genomes that are lined up by their innovation ids."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node


if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, kw_only=True)
class Crossover:
    """Crosses two genomes; a frozen ``(fitter, other, rng) -> genome``.

    Nodes with the same innovation id are matched: the child takes each gene from either parent at
    random. What only one parent has, it takes from the fitter (NEAT, Stanley and Miikkulainen
    2002, section 3.2), so the child has the fitter parent's structure. Genes of the whole graph,
    such as a learning rate, it takes from whichever parent has them.

    Args:
        prob:
            Probability that a child has two parents; 0.75 after Stanley and Miikkulainen 2004.
        swap_prob:
            Probability that a matching gene comes from the other parent.
        interspecies_prob:
            Probability that the second parent is of another species; 0.05 after Stanley and
            Miikkulainen 2004.
    """

    prob: float = 0.75
    swap_prob: float = 0.5
    interspecies_prob: float = 0.05

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("prob", "swap_prob", "interspecies_prob"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"`{name}` must be from 0 to 1, got {value}.")

    def __call__(self, fitter: Graph, other: Graph, rng: np.random.Generator) -> Graph:
        """The child; the parents stay as they are."""

        def mixed(own: Genes, theirs: Genes) -> Genes:
            taken = {
                name: theirs[name]
                for name in own
                if name in theirs and rng.random() < self.swap_prob
            }
            return own | taken

        nodes: list[Node] = []
        for node in fitter.nodes:
            match = other.by_id.get(node.id)
            if match is not None and match.kind == node.kind:
                node = replace(node, genes=mixed(node.genes, match.genes))
            elif match is not None and rng.random() < self.swap_prob:
                # Another layer's genes mean nothing here: kind and genes come together.
                node = replace(node, kind=match.kind, genes=match.genes)
            nodes.append(node)
        genes = mixed(fitter.genes, other.genes)
        only_theirs = {name: v for name, v in other.genes.items() if name not in fitter.genes}
        return Graph(tuple(nodes), fitter.merge, genes | only_theirs)
