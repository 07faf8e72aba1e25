"""Which of many candidates is evaluated: the one that a model expects most of."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._recent import Recent
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._cheap import cheap_value
from optuna_codeepneat.sampler._genetics import Evaluated
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
from optuna_codeepneat.sampler._surrogate._forecast import Network
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
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
        self._ranges: Mapping[str, BaseDistribution] = {}
        self._structure, self._genes = Table(), Table()
        self._bag_of_genes = BagOfGenes({})
        self._networks: Recent[str, Network] = Recent(_REMEMBERED)

    def is_ready(self, seen: Seen) -> bool:
        """Whether enough is known to choose by."""
        return len(_scored(seen.results)) >= self.settings.n_initial

    def pick(
        self,
        candidates: Sequence[Proposal],
        known: Evaluated,
        ranges: Mapping[str, BaseDistribution],
        place: int,
        *,
        allow_duplicates: bool,
    ) -> Proposal | None:
        """The candidate to evaluate; None if one is to be bred without a model.

        So it is where all were evaluated before, and, since a model may be wrong, in every second
        place where it expects little of any.
        """
        choice = self.choose(candidates, known.seen, ranges)
        if not choice.expects_much and place % 2:
            return None
        in_order = (candidates[i] for i in choice.order)
        return next((c for c in in_order if allow_duplicates or not known.has(c)), None)

    def best(
        self,
        candidates: Sequence[Proposal],
        known: Evaluated,
        ranges: Mapping[str, BaseDistribution],
        n: int,
    ) -> list[Proposal]:
        """The up to `n` candidates that most is expected of, none that was evaluated before."""
        order = self.choose(candidates, known.seen, ranges).order
        return list(islice((candidates[i] for i in order if not known.has(candidates[i])), n))

    def choose(
        self,
        candidates: Sequence[Proposal],
        seen: Seen,
        ranges: Mapping[str, BaseDistribution],
    ) -> Choice:
        """Which candidates to evaluate rather than others.

        Args:
            candidates:
                Networks.
            seen:
                What is known.
            ranges:
                Those of the parameters beside the architecture.
        """
        if not candidates:
            return Choice((), expects_much=False)
        if ranges != self._ranges:  # what networks look like depends on them
            self._ranges = dict(ranges)
            self._networks.clear()
            self._genes = Table()
            self._bag_of_genes = BagOfGenes(ranges)
        results = _scored(seen.results)
        asked = _Asked(results)
        forecast = Forecast(
            known=[self._of_result(result) for result in results],
            candidates=[self._of_proposal(proposal, asked) for proposal in candidates],
            pending=[self._of_proposal(proposal, asked) for proposal in seen.pending],
            losses=-np.array([r.score.values for r in results if r.score is not None]),
            violations=np.array([r.score.violation for r in results if r.score is not None]),
            tuner=self._tuner,
            tables=(self._structure, self._genes),
            weighs_features=self.settings.weighs_features,
        )
        return forecast.choice

    def _of_result(self, result: Result) -> Network:
        digest = "" if result.key is None else result.key.digest
        if digest in self._networks:
            network = self._networks[digest]
        else:
            assert result.completed is not None
            names = () if result.key is None else result.key.names

            def asked(genes: Mapping[str, Any]) -> Mapping[str, Any]:
                return {name: genes[name] for name in names if name in genes}

            genome = NetworkGenome(result.completed, result.modules)
            network = self._of_proposal(Proposal.of(genome, self._space), asked)
            if digest:
                self._networks[digest] = network
        # A network that is trained once more may begin with other weights.
        same = network.heritage is result.heritage
        return network if same else replace(network, heritage=result.heritage)

    def _of_proposal(self, proposal: Proposal, asked: Callable[..., Any]) -> Network:
        architecture, genes = proposal.architecture, asked(proposal.genes)
        structure: Bag = {} if architecture is None else bag_of_structure(architecture)
        of = genes if architecture is None else architecture
        return Network(
            structure=self._structure.row(structure),
            genes=self._genes.row(self._bag_of_genes(genes)),
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


def _scored(results: Sequence[Result]) -> list[Result]:
    return [
        result
        for result in results
        if result.score is not None
        and result.completed is not None
        and max(map(abs, result.score.values)) < _HUGE
    ]
