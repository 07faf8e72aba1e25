"""Which networks are not to be evaluated again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from optuna_codeepneat.sampler._population import Key
from optuna_codeepneat.sampler._population import State


if TYPE_CHECKING:
    from optuna_codeepneat.sampler._assembly import Proposal


@dataclass(frozen=True)
class Known:
    """All that was evaluated, or is about to be.

    Args:
        state:
            The state of the evolution, with what it counts.
        finished:
            Keys of networks that were evaluated since.
        planned:
            Hashes (`Key.digest`) of networks that others are about to evaluate.
    """

    state: State
    finished: Collection[Key]
    planned: Collection[str]

    @cached_property
    def _asked(self) -> frozenset[tuple[str, ...]]:
        return frozenset(key.names for key in self.finished)

    def has(self, proposal: Proposal) -> bool:
        """Whether an objective would do again what it did."""
        if proposal.key.digest in self.planned and self._is_settled(proposal):
            return True
        if proposal.is_one_of(self.finished, self._asked):
            return True
        return proposal.is_one_of(self.state.evaluated, self.state.asked)

    def _is_settled(self, proposal: Proposal) -> bool:
        """Whether the genome says all there is: no gene is left for the objective to draw."""
        known = self.state.global_genes
        if proposal.architecture is None and not known:
            return False
        return all(name in proposal.network.blueprint.genes for name in known)
