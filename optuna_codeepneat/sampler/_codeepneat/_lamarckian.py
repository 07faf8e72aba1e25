"""Whose weights an assembled network inherits: Lamarckian evolution for CoDeepNEAT (ours)."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from math import prod

from optuna_codeepneat._ranking import ranking
from optuna_codeepneat.sampler._algorithm import NOTHING_SEEN
from optuna_codeepneat.sampler._algorithm import Proposer
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import best_of
from optuna_codeepneat.search_space import Architecture


Sizes = Mapping[tuple[str, str], tuple[int, int, int]]
"""Of each operation, by its innovation id and its kind: parameters, channels in and out."""


@dataclass(frozen=True)
class Donors:
    """Finished networks whose weights are kept: each network inherits those it overlaps most with.

    Args:
        results:
            Those of the donors, the best first.
        assembler:
            What assembles the networks that inherit.
    """

    results: Sequence[Result]
    assembler: Assembler

    @classmethod
    def of(cls, assembler: Assembler, seen: Seen) -> Donors:
        """The archive and the last results, and what would be in the archive by now."""
        state, own = assembler.state, assembler.settings
        # NOTE: not all of the newer ones: a later generation may have counted them already, and
        # no longer keep the weights of those that are not in its archive.
        now = [*state.archive, *seen.newer]
        best = best_of(now, own.archive_size, own.selection.front_order) if now else ()
        every = {r.position: r for r in (*state.archive, *state.recent, *best) if r.completed}
        results = [every[number] for number in sorted(every)]  # the older first among equals
        order = ranking([result.score for result in results])
        return cls([results[i] for i in order], assembler)

    def heir(self, proposal: Proposal) -> Proposal:
        """A network with the donor that it has most parameters in common with.

        Of equal ones it is the parent, even where it shares no layer as it is, or else the best.
        """
        assert proposal.architecture is not None
        own, parent = _sizes(proposal.architecture), proposal.origin.parent
        shared = [_shared(own, theirs) for theirs in self._sizes]
        most = max(shared, default=0.0)
        equal = [r for r, n in zip(self.results, shared, strict=True) if n == most]
        best = next((r for r in equal if r.position == parent), equal[0] if most > 0.0 else None)
        if best is None:
            return proposal
        inheritance = self.assembler.settings.inheritance
        origin = replace(proposal.origin, donor=best.position, inheritance=inheritance)
        return replace(proposal, origin=origin, heritage=best.bequest)

    @cached_property
    def _sizes(self) -> list[Sizes]:
        return [_sizes(self.assembler.architecture_of(result)) for result in self.results]


@dataclass(frozen=True)
class Lamarckian:
    """Names for each network that another part proposes the one that it overlaps most with."""

    proposer: Proposer
    assembler: Assembler  # whose state's donors they are

    def assemble(self, place: int, seen: Seen = NOTHING_SEEN) -> Proposal:
        """The network for a place of the generation, with its donor."""
        proposal = self.proposer.assemble(place, seen)
        if proposal.origin.donor is not None:  # that a model knew of when it chose
            return proposal
        return Donors.of(self.assembler, seen).heir(proposal)


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
