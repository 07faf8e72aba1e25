"""A network to evaluate, and which networks were evaluated already."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.sampler._genetics._origin import Origin
from optuna_codeepneat.sampler._genetics._origin import Position
from optuna_codeepneat.sampler._genetics._population import Heritage
from optuna_codeepneat.sampler._genetics._population import Key
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True)
class Proposal:
    """A network to evaluate, with what follows from it."""

    network: NetworkGenome
    architecture: Architecture | None  # None in hyperparameter-only mode
    genes: Mapping[str, Any]  # the parameters beside the graph of the blueprint
    origin: Origin[Position]
    heritage: Heritage | None = None  # for a model of it, and there only where one is used

    @classmethod
    def of(
        cls,
        network: NetworkGenome,
        space: SearchSpace | None,
        origin: Origin[Position] = Origin(),
        heritage: Heritage | None = None,
    ) -> Proposal:
        """The proposal of a network."""
        architecture = None if space is None else network.architecture(space)
        return cls(network, architecture, network.global_genes(space), origin, heritage)

    @property
    def signature(self) -> str:
        """Content hash of the network, empty in hyperparameter-only mode."""
        return "" if self.architecture is None else self.architecture.signature

    @cached_property
    def key(self) -> Key:
        """What tells it from all others, genes included that the objective may not ask."""
        return Key.of(self.signature, self.genes)

    def is_one_of(self, keys: Collection[Key], asked: Collection[tuple[str, ...]]) -> bool:
        """Whether an objective would do what it did for a network with one of these keys.

        An objective that asked for some parameters and got these very values asks for no others;
        what else the genome holds, such as genes of a branch not taken, makes no difference.
        What was `asked` are all `names` among the keys.
        """
        return any(
            Key.of(self.signature, {name: self.genes[name] for name in names}) in keys
            for names in asked
            if all(name in self.genes for name in names)
        )


@dataclass(frozen=True)
class Seen:
    """What is known beside the state of a generation when a network is proposed.

    Results and pending networks are for a model of them, and there only where one is used.
    """

    finished: Collection[Key] = ()  # evaluated since the state was bred
    running: Collection[str] = ()  # `Key.digest` of those that others are about to evaluate
    results: Sequence[Result] = ()  # of finished trials, those that the state counts among them
    pending: Sequence[Proposal] = ()  # that others are about to evaluate
    global_genes: Mapping[str, BaseDistribution] = field(
        default_factory=dict
    )  # as results show them
    n_counted: int = 0  # from this position on results are those that the state does not count

    @property
    def newer(self) -> list[Result]:
        """The finished networks with a score that the state does not count yet."""
        return [
            result
            for result in self.results
            if result.position >= self.n_counted
            and result.is_scored
            and result.completed is not None
        ]


@dataclass(frozen=True)
class Evaluated:
    """All that was evaluated, or is about to be."""

    state: State
    seen: Seen

    @cached_property
    def _asked(self) -> frozenset[tuple[str, ...]]:
        return frozenset(key.names for key in self.seen.finished)

    def has(self, proposal: Proposal) -> bool:
        """Whether an objective would do again what it did."""
        if proposal.key.digest in self.seen.running and self._is_settled(proposal):
            return True
        if proposal.is_one_of(self.seen.finished, self._asked):
            return True
        return proposal.is_one_of(self.state.evaluated, self.state.asked)

    def _is_settled(self, proposal: Proposal) -> bool:
        """Whether the genome says all there is: no gene is left for the objective to draw."""
        known = self.state.global_genes
        if proposal.architecture is None and not known:
            return False
        return all(name in proposal.network.blueprint.genes for name in known)
