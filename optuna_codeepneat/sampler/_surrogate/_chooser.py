"""Which of many candidates is evaluated: the one that a model expects most of."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from itertools import islice
from operator import is_
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._recent import Recent
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._cheap import cheap_value
from optuna_codeepneat.sampler._genetics import Evaluated
from optuna_codeepneat.sampler._genetics import Key
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._surrogate._features import Bag
from optuna_codeepneat.sampler._surrogate._features import BagOfGenes
from optuna_codeepneat.sampler._surrogate._features import Table
from optuna_codeepneat.sampler._surrogate._features import bag_of_structure
from optuna_codeepneat.sampler._surrogate._forecast import Choice
from optuna_codeepneat.sampler._surrogate._forecast import Forecast
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.sampler._surrogate._model import Model
from optuna_codeepneat.sampler._surrogate._model import Network
from optuna_codeepneat.sampler._surrogate._settings import Surrogate
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_ALWAYS_KNOWN = ("num_params", "macs", "depth")

_HUGE = 1e100
_REMEMBERED = 4096


class Chooser:
    """Chooses among candidates by a model of what finished; the same choice on any machine.

    Args:
        space:
            The search space, None in hyperparameter-only mode.
        settings:
            How it chooses.
        cheap:
            Objectives that are known before training, beside the sizes of networks. A study's
            objective that was equal to one of them in every finished trial enters exactly.
    """

    def __init__(
        self, space: SearchSpace | None, settings: Surrogate, cheap: Sequence[Cheap] = ()
    ) -> None:
        self.settings = settings
        self._space = space
        measured = [objective for objective in cheap if getattr(objective, "is_measured", False)]
        always = () if space is None else _ALWAYS_KNOWN
        self._cheap = (*(own for own in cheap if own not in measured), *always)
        self._tuner = Tuner(settings.model)
        self._looks = _Looks(space, self._cheap, {})
        self._last: _Known | None = None

    def is_ready(self, seen: Seen) -> bool:
        """Whether enough is known to choose by."""
        known = scored(seen.results)
        return len(known) >= self.settings.n_initial and any(r.is_scored for r in known)

    def judge(
        self,
        seen: Seen,
        ranges: Mapping[str, BaseDistribution],
        beside: Sequence[Proposal] = (),
    ) -> Judge:
        """What a model makes of all that finished.

        Args:
            seen:
                What is known.
            ranges:
                Those of the parameters beside the architecture.
            beside:
                Candidates, in whose features what is known is seen as well: those in which they
                differ much count for more.
        """
        looks = self._looks
        if ranges != looks.ranges:
            looks = self._looks = _Looks(self._space, self._cheap, dict(ranges))
        results, last = scored(seen.results), self._last
        # Threads may share a chooser: what one of them uses is not taken from it.
        is_same = last is not None and last.looks is looks and _are_same(last.results, results)
        if last is None or beside or not is_same:
            last = _Known.of(looks, results, self._tuner, self.settings.weighs_features, beside)
            self._last = self._last if beside else last
        return Judge(last, seen.pending)


class Judge:
    """What a model makes of networks, given all that finished or are evaluated now."""

    def __init__(self, known: _Known, pending: Sequence[Proposal]) -> None:
        self._known = known
        self._pending = [known.looks.of_pending(proposal, known.asked) for proposal in pending]

    @property
    def believed(self) -> list[Result]:
        """The results with the scores that the model believes in, of those that have one.

        A lucky network is believed to be no better than those like it were. What is known before
        training, and by how much constraints are violated, is as it was.
        """
        believed = (-self._known.model.believed).tolist()
        return [
            replace(result, score=replace(result.score, values=tuple(values)))
            for result, values in zip(self._known.results, believed, strict=True)
            if result.score is not None
        ]

    def pick(
        self,
        candidates: Sequence[Proposal],
        evaluated: Evaluated,
        place: int,
        *,
        allow_duplicates: bool,
    ) -> Proposal | None:
        """The candidate to evaluate; None if one is to be bred without a model.

        So it is where all were evaluated before, and, since a model may be wrong, in every second
        place where it expects little of any.
        """
        choice = self.choose(candidates)
        if not choice.expects_much and place % 2:
            return None
        in_order = (candidates[i] for i in choice.order)
        return next((c for c in in_order if allow_duplicates or not evaluated.has(c)), None)

    def best(self, candidates: Sequence[Proposal], evaluated: Evaluated, n: int) -> list[Proposal]:
        """The up to `n` candidates that most is expected of, none that was evaluated before."""
        in_order = (candidates[i] for i in self.choose(candidates).order)
        return list(islice((c for c in in_order if not evaluated.has(c)), n))

    def choose(self, candidates: Sequence[Proposal]) -> Choice:
        """Which candidates to evaluate rather than others."""
        if not candidates:
            return Choice((), expects_much=False)
        networks = [self._known.network(proposal) for proposal in candidates]
        return Forecast(self._known.model, networks, self._pending).choice


@dataclass(frozen=True)
class _Known:
    """The model of results, and what it sees of networks."""

    looks: _Looks
    results: Sequence[Result]
    asked: _Asked
    model: Model

    @classmethod
    def of(
        cls,
        looks: _Looks,
        results: Sequence[Result],
        tuner: Tuner,
        weighs_features: bool,
        beside: Sequence[Proposal],
    ) -> _Known:
        """The model of results that all have a score."""
        asked = _Asked(results)
        model = Model(
            known=[looks.of_result(result) for result in results],
            beside=[looks.of_proposal(proposal, asked) for proposal in beside],
            losses=-np.array([r.score.values for r in results if r.score is not None]),
            violations=np.array([r.score.violation for r in results if r.score is not None]),
            stopped=np.array([r.score.stopped for r in results if r.score is not None]),
            tuner=tuner,
            tables=(looks.structure, looks.genes),
            weighs_features=weighs_features,
        )
        return cls(looks, results, asked, model)

    def network(self, proposal: Proposal) -> Network:
        """What a network looks like that may be evaluated."""
        return self.looks.of_proposal(proposal, self.asked)


class _Looks:
    """What networks look like to a model, which depends on the ranges of their parameters."""

    def __init__(
        self,
        space: SearchSpace | None,
        cheap: Sequence[Cheap],
        ranges: Mapping[str, BaseDistribution],
    ) -> None:
        self.ranges = ranges
        self.structure, self.genes = Table(), Table()
        self._space, self._cheap = space, cheap
        self._bag_of_genes = BagOfGenes(ranges)
        self._networks: Recent[str, Network] = Recent(_REMEMBERED)

    def of_result(self, result: Result) -> Network:
        """A finished network."""
        digest = "" if result.key is None else result.key.digest
        if digest in self._networks:
            network = self._networks[digest]
        else:
            assert result.completed is not None
            names = () if result.key is None else result.key.names

            def asked(genes: Mapping[str, Any]) -> Mapping[str, Any]:
                return {name: genes[name] for name in names if name in genes}

            genome = NetworkGenome(result.completed, result.modules)
            network = self.of_proposal(Proposal.of(genome, self._space), asked)
            if digest:
                self._networks[digest] = network
        # A network that is trained once more may begin with other weights.
        same = network.heritage is result.heritage
        return network if same else replace(network, heritage=result.heritage)

    def of_pending(self, proposal: Proposal, asked: Callable[..., Any]) -> Network:
        """One that another worker evaluates: it is looked at again, and will be a result."""
        digest = Key.of(proposal.signature, asked(proposal.genes)).digest
        if digest not in self._networks:
            self._networks[digest] = self.of_proposal(proposal, asked)
        network = self._networks[digest]
        same = network.heritage is proposal.heritage
        return network if same else replace(network, heritage=proposal.heritage)

    def of_proposal(self, proposal: Proposal, asked: Callable[..., Any]) -> Network:
        """One that may be evaluated; `asked` says which of its genes an objective asks for."""
        architecture, genes = proposal.architecture, asked(proposal.genes)
        structure: Bag = {} if architecture is None else bag_of_structure(architecture)
        of = genes if architecture is None else architecture
        return Network(
            structure=self.structure.row(structure),
            genes=self.genes.row(self._bag_of_genes(genes)),
            costs=tuple(cheap_value(cheap, of) for cheap in self._cheap),
            num_params=0 if architecture is None else architecture.num_params,
            heritage=proposal.heritage,
        )


class _Asked:
    """Says which of its genes an objective will ask a network for.

    Some ask for parameters of the branch alone that others lead to; genomes may carry those of
    all. It will be what it asked for where the categories were most alike.
    """

    def __init__(self, results: Sequence[Result]) -> None:
        self._examples: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for result in results:
            if result.key is not None and result.completed is not None:
                own = {name: result.completed.genes.get(name) for name in result.key.names}
                self._examples.setdefault(result.key.names, []).append(own)

    def __call__(self, genes: Mapping[str, Any]) -> Mapping[str, Any]:
        """The genes that will be asked for."""
        if len(self._examples) < 2:
            return genes
        names = max(self._examples, key=lambda names: self._likeness(names, genes))
        return {name: genes[name] for name in names if name in genes}

    def _likeness(self, names: tuple[str, ...], genes: Mapping[str, Any]) -> tuple[float, int]:
        """The most values that a network with these names shares with the genes."""
        if not all(name in genes for name in names):
            return -1.0, 0
        alike = (
            sum(own[name] == genes[name] for name in names if not isinstance(own[name], float))
            for own in self._examples[names]
        )
        return max(alike) - 0.5 * len(names) / (1.0 + len(genes)), len(names)


def scored(results: Iterable[Result]) -> list[Result]:
    """The results that a model may be fitted to: with a network and with finite values.

    Those that were stopped early are among them, with what they had come to: a model of the others
    alone would expect as much of networks like them.
    """
    return [
        result
        for result in results
        if result.score is not None
        and result.completed is not None
        and max(map(abs, result.score.values)) < _HUGE
    ]


def _are_same(some: Sequence[Result], others: Sequence[Result]) -> bool:
    return len(some) == len(others) and all(map(is_, some, others))
