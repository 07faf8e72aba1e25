"""Which of many candidates is evaluated: the one that a model expects most of."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from functools import partial
from statistics import NormalDist
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

import numpy as np

from optuna_codeepneat._ranking import front
from optuna_codeepneat._recent import Recent
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._cheap import cheap_value
from optuna_codeepneat.sampler._genetics import Evaluated
from optuna_codeepneat.sampler._genetics import Heritage
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._surrogate._features import Bag
from optuna_codeepneat.sampler._surrogate._features import Row
from optuna_codeepneat.sampler._surrogate._features import Table
from optuna_codeepneat.sampler._surrogate._features import bag_of_genes
from optuna_codeepneat.sampler._surrogate._features import bag_of_structure
from optuna_codeepneat.sampler._surrogate._gain import gains
from optuna_codeepneat.sampler._surrogate._gaussian_process import GaussianProcess
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.sampler._surrogate._gaussian_process import scaled
from optuna_codeepneat.sampler._surrogate._settings import Surrogate
from optuna_codeepneat.sampler._surrogate._warping import Warping
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


_NORMAL = NormalDist()

_QUANTILES = np.array([_NORMAL.inv_cdf(share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)])
"""Where a prediction is looked at, in standard deviations: the gain is the mean over these."""

_ALWAYS_KNOWN = ("num_params", "macs", "depth")

_MANY_TIMES = 20.0
"""From which ratio of the largest to the least on an objective is seen by its logarithm."""

_GENES = 8.0
"""How many features of genes count as much as all those of the structure."""

_FIRST = 20

_LITTLE = 0.003
"""Below which gain the model has seen it all, or knows too little."""

_HERITAGE = 0.4
"""Share of a squared distance that is that of the weights to begin with, where any inherit.

On MNIST-1D, three studies of LEMONADE, each result predicted from those before: rank correlation
.90 without and .92 with it, .52 and .59 among networks of a size."""

_HUGE = 1e100
_REMEMBERED = 4096


@dataclass(frozen=True)
class _Network:
    """A network as the model sees it."""

    structure: Row  # empty in hyperparameter-only mode
    genes: Row  # of the parameters beside the architecture
    costs: tuple[float, ...]  # one for each cheap objective
    num_params: int
    heritage: Heritage | None


@dataclass(frozen=True)
class Choice:
    """What a model says of candidates."""

    order: tuple[int, ...]  # their indices, that of which most is expected first
    expects_much: bool  # whether one of them is worth the while, as far as the model knows


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
        self._networks: Recent[str, _Network] = Recent(_REMEMBERED)

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
        results = _scored(seen.results)
        asked = _Asked(results)
        forecast = _Forecast(
            known=[self._of_result(result) for result in results],
            candidates=[self._of_proposal(proposal, asked) for proposal in candidates],
            pending=[self._of_proposal(proposal, asked) for proposal in seen.pending],
            losses=-np.array([r.score.values for r in results if r.score is not None]),
            violations=np.array([r.score.violation for r in results if r.score is not None]),
            tuner=self._tuner,
            tables=(self._structure, self._genes),
        )
        return forecast.choice

    def _of_result(self, result: Result) -> _Network:
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
        return replace(network, heritage=result.heritage)

    def _of_proposal(self, proposal: Proposal, asked: Callable[..., Any]) -> _Network:
        architecture, genes = proposal.architecture, asked(proposal.genes)
        structure: Bag = {} if architecture is None else bag_of_structure(architecture)
        of = genes if architecture is None else architecture
        return _Network(
            structure=self._structure.row(structure),
            genes=self._genes.row(bag_of_genes(genes, self._ranges)),
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


@dataclass(frozen=True)
class _Forecast:
    """What the objectives of some networks are expected to be, given those of others."""

    known: Sequence[_Network]
    candidates: Sequence[_Network]
    pending: Sequence[_Network]
    losses: np.ndarray  # (known, objectives)
    violations: np.ndarray  # (known,), 0 where a network is feasible
    tuner: Tuner
    tables: tuple[Table, Table]  # of structure and of genes

    @property
    def choice(self) -> Choice:
        """By how much hypervolume the candidates are expected to add to the front."""
        front_of_known, mean, samples = self._objectives
        expected = np.mean([gains(front_of_known, sample) for sample in samples], axis=0)
        expects_much = bool(np.round(expected.max(), 9) > _LITTLE)
        if not (expected > 0.0).any():
            expected = -mean.sum(axis=1)
        share = self._probability
        # What is likely to violate a constraint comes last, the least likely of it first.
        worth = np.where(share >= 0.5, expected * share, expected.min() - 2.0 + share)
        # Rounded, so that two machines choose the same.
        order = np.argsort(-np.round(worth, 9), kind="stable")
        return Choice(tuple(map(int, order)), expects_much)

    @property
    def feasible(self) -> np.ndarray:
        """Which of the known networks violate no constraint, ``(known,)``."""
        return self.violations <= 0.0

    @property
    def _groups(self) -> tuple[Sequence[_Network], ...]:
        return self.known, self.candidates, self.pending

    @cached_property
    def _raw(self) -> list[_Part]:
        """Features of structure and of genes."""
        of_structure, of_genes = self.tables
        structure = of_structure.matrices([[n.structure for n in group] for group in self._groups])
        genes = of_genes.matrices([[n.genes for n in group] for group in self._groups])
        n_genes = genes[0].shape[1]
        share = n_genes / (n_genes + _GENES) if structure[0].shape[1] else 1.0
        return [(structure, 1.0 - share), (genes, share)]

    def _with_heritage(
        self, donors: Sequence[np.ndarray], warping: Warping, n: int
    ) -> list[_Part]:
        """The same with features of the weights that networks begin with.

        They are whether it inherits, what its donor was worth, and by how much it is larger.
        The first `n` known networks say what is usual.
        """
        spread, rows = float(warping.warped.std()) or 1.0, []
        for group, losses in zip(self._groups, donors, strict=True):
            inherits = np.isfinite(losses)
            worth = warping(np.where(inherits, losses, 0.0)) / spread
            growth = np.array([_growth(network) for network in group])
            rows.append(np.stack([np.ones(len(group)), worth, growth], axis=1) * inherits[:, None])
        # One that does not inherit is in the middle of those that do, but for the first feature.
        heirs = rows[0][:n][rows[0][:n, 0] > 0.0]
        middle = heirs.mean(axis=0) * [0.0, 1.0, 1.0]
        heritage = [part - part[:, :1] * middle for part in rows]
        raw = [(groups, (1.0 - _HERITAGE) * share) for groups, share in self._raw]
        return [*raw, (heritage, _HERITAGE)]

    def _fit(
        self,
        losses: np.ndarray,
        see: Callable[[np.ndarray], Warping],
        donors: Sequence[np.ndarray] = (),
    ) -> tuple[GaussianProcess, Warping, list[np.ndarray]]:
        """A model of losses of the known networks, warped, and the points of all networks.

        Where networks inherit, `donors` are the losses of those that they inherit from, nan for
        none, of known, candidate and pending networks.
        """
        n = self.tuner.n_tuned(len(losses))
        first, warping = see(losses[:n]), see(losses)
        inherits = len(donors) > 0 and bool(np.isfinite(donors[0][:n]).any())
        parts = self._with_heritage(donors, first, n) if inherits else self._raw
        looked_at, *_ = _points([([groups[0][:n]], share) for groups, share in parts])
        length, noise = self.tuner(looked_at, first(losses[:n]))
        parts = self._with_heritage(donors, warping, len(losses)) if inherits else self._raw
        points = _points(parts)
        return GaussianProcess.fit(points[0], warping(losses), length, noise), warping, points

    @cached_property
    def _objectives(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What gains see: the front, and of the candidates the mean and each quantile.

        From 0 to 1 over what was observed, or is offered.
        """
        n_objectives = self.losses.shape[1]
        usual = self.feasible if self.feasible.any() else np.ones(len(self.known), dtype=bool)
        front_parts, pending_parts, sample_parts, mean_parts = [], [], [], []
        for j in range(n_objectives):
            losses = self.losses[:, j]
            exact = self._exact(losses)
            donors = [_losses_of_donors(group, j) for group in self._groups]
            # What candidates cost, or donors lost, may be 0 where all that finished is above.
            every = np.concatenate([losses, *(exact or donors)])
            is_positive = bool((every[np.isfinite(every)] > 0.0).all())
            logarithmic = is_positive and losses.max() > _MANY_TIMES * losses.min()
            see: Callable[[np.ndarray], np.ndarray] = np.log if logarithmic else np.asarray
            seen = see(losses)
            least = seen[usual].min()
            # Of one objective: how much better than the first ones were, before it was known.
            first = seen[usual][:_FIRST]
            most = np.median(first) if n_objectives == 1 else seen[usual].max()
            if exact is not None:
                (known, mean, pending) = (see(values) for values in exact)
                if n_objectives > 1:
                    # Else nothing larger than the largest so far would be worth its training.
                    most = max(most, mean.max())
                samples = np.tile(mean, (len(_QUANTILES), 1))
            else:
                known, mean, pending, samples = self._modelled(seen, [see(d) for d in donors])
            width = float(most - least) or 1.0
            front_parts.append((known - least) / width)
            pending_parts.append((pending - least) / width)
            mean_parts.append((mean - least) / width)
            sample_parts.append((samples - least) / width)
        points = np.vstack(
            [np.stack(front_parts, axis=1)[self.feasible], np.stack(pending_parts, axis=1)]
        )
        if len(points) and n_objectives > 1:
            points = points[front(-points, twins=False)]
        return points, np.stack(mean_parts, axis=1), np.stack(sample_parts, axis=2)

    def _exact(self, losses: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """The losses of known, candidate and pending networks, if they are known beforehand."""
        for i in range(len(self.known[0].costs)):
            costs = np.array([network.costs[i] for network in self.known])
            for sign in (1.0, -1.0):
                if np.allclose(sign * costs, losses, rtol=1e-9, atol=0.0):
                    known, candidates, pending = (
                        sign * np.array([network.costs[i] for network in group])
                        for group in self._groups
                    )
                    return known, candidates, pending
        return None

    def _modelled(
        self, losses: np.ndarray, donors: Sequence[np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The losses as the model believes them: known, mean, pending, and by quantile."""
        warp = partial(Warping.of, zooms=self.losses.shape[1] == 1)
        model, warping, (known, candidates, pending) = self._fit(losses, warp, donors)
        mean, deviation = model.predict(candidates)
        samples = warping.back((mean + _QUANTILES[:, None] * deviation).ravel())
        believed = warping.back(model.predict(known)[0])
        running = warping.back(model.predict(pending)[0]) if len(pending) else np.zeros(0)
        return believed, warping.back(mean), running, samples.reshape(len(_QUANTILES), -1)

    @property
    def _excess(self) -> np.ndarray | None:
        """By how much the candidates violate a limit of something that is known beforehand."""
        violates = self.violations > 0.0
        for i in range(len(self.known[0].costs)):
            costs = np.array([network.costs[i] for network in self.known])
            for sign in (1.0, -1.0):
                limits = (sign * costs - self.violations)[violates]
                is_one = len(limits) > 1 and np.allclose(limits, limits[0], rtol=1e-9, atol=0.0)
                if is_one and (sign * costs <= limits[0])[~violates].all():
                    own = np.array([network.costs[i] for network in self.candidates])
                    return np.asarray(sign * own - limits[0])
        return None

    @cached_property
    def _probability(self) -> np.ndarray:
        """That the candidates are feasible."""
        if not self.violations.any():
            return np.ones(len(self.candidates))
        exact = self._excess
        if exact is not None:
            return np.where(exact <= 0.0, 1.0, 0.5 / (2.0 + np.maximum(exact, 0.0)))
        model, _, points = self._fit(np.where(self.feasible, 1.0, -1.0), Warping.none)
        mean, deviation = model.predict(points[1])
        return np.array([_NORMAL.cdf(z) for z in mean / np.maximum(deviation, 1e-9)])


_Part: TypeAlias = "tuple[list[np.ndarray], float]"
"""Features of known, candidate and pending networks, ``(n, features)`` each, and the share of a
squared distance that is theirs."""


def _points(parts: Sequence[_Part]) -> list[np.ndarray]:
    """All features side by side and scaled, of each group of networks."""
    scaled_parts = [[np.sqrt(share) * part for part in scaled(*groups)] for groups, share in parts]
    return [np.hstack(side_by_side) for side_by_side in zip(*scaled_parts, strict=True)]


def _losses_of_donors(networks: Sequence[_Network], objective: int) -> np.ndarray:
    """What those lost whose weights networks inherit; nan for new weights."""
    return np.array(
        [np.nan if n.heritage is None else -n.heritage.score.values[objective] for n in networks]
    )


def _growth(network: _Network) -> float:
    """By how much a network is larger than its donor, as a logarithm."""
    if network.heritage is None:
        return 0.0
    return math.log(max(network.num_params, 1) / max(network.heritage.num_params, 1))


def _scored(results: Sequence[Result]) -> list[Result]:
    return [
        result
        for result in results
        if result.score is not None
        and result.completed is not None
        and max(map(abs, result.score.values)) < _HUGE
    ]
