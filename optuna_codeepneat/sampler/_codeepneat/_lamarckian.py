"""Whose weights an assembled network inherits: Lamarckian evolution for CoDeepNEAT (ours)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from math import prod

from optuna_codeepneat._ranking import ranking
from optuna_codeepneat.sampler._algorithm import NOTHING_SEEN
from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import State
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


Sizes = Mapping[tuple[str, str], tuple[int, int, int]]
"""Of each operation, by its innovation id and its kind: parameters, channels in and out."""


@dataclass(frozen=True)
class Lamarckian:
    """Names for each network that another part proposes the one that it overlaps most with."""

    proposer: Proposer
    state: State  # whose archive and last results are the donors
    space: SearchSpace
    inheritance: str

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation, with its donor."""
        proposal = self.proposer.assemble(place, seen)
        donor = self._donor(proposal)
        if donor is None:
            return proposal
        origin = replace(proposal.origin, donor=donor, inheritance=self.inheritance)
        return replace(proposal, origin=origin)

    def _donor(self, proposal: Proposal) -> Position | None:
        """The candidate with the most parameters in common; of equal ones the better."""
        assert proposal.architecture is not None
        own = _sizes(proposal.architecture)
        shared = [_shared(own, theirs) for theirs in self._sizes]
        most = max(shared, default=0.0)
        return self._candidates[shared.index(most)].position if most > 0.0 else None

    @cached_property
    def _candidates(self) -> list[Result]:
        """The archive and the last results, the best first, the older first among equals."""
        every = {r.position: r for r in (*self.state.archive, *self.state.recent) if r.completed}
        results = [every[number] for number in sorted(every)]
        return [results[i] for i in ranking([result.score for result in results])]

    @cached_property
    def _sizes(self) -> list[Sizes]:
        networks = [NetworkGenome(r.completed, r.modules) for r in self._candidates if r.completed]
        return [_sizes(network.architecture(self.space)) for network in networks]


def _sizes(architecture: Architecture) -> Sizes:
    return {
        (architecture.innovation_id(op.name), op.kind): (
            op.num_params,
            sum(shape[0] for shape in op.input_shapes),
            op.shape[0],
        )
        for op in architecture.operations
        if op.num_params and op.kind not in ("input", "output")
    }


def _shared(own: Sizes, theirs: Sizes) -> float:
    """About how many parameters a network would inherit.

    NOTE: `alignment.plan` knows it exactly, channel by channel, and takes as long as a whole ask.
    """
    shared = 0.0
    for place, (n, channels, width) in own.items():
        if place in theirs:
            their_n, their_channels, their_width = theirs[place]
            kernel = their_n / (their_channels * their_width) / (n / (channels * width))
            matches = (kernel, their_channels / channels, their_width / width)
            shared += n * prod(min(1.0, match) for match in matches)
    return shared
