"""What finished networks tell of others: a model, fitted to them once."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from functools import partial
from statistics import NormalDist

import numpy as np

from optuna_codeepneat.sampler._genetics import Heritage
from optuna_codeepneat.sampler._surrogate._features import Row
from optuna_codeepneat.sampler._surrogate._features import Table
from optuna_codeepneat.sampler._surrogate._gaussian_process import GaussianProcess
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.sampler._surrogate._scaling import Scaling
from optuna_codeepneat.sampler._surrogate._warping import Warping


_NORMAL = NormalDist()

_GENES = 8.0
"""How many features of genes count as much as all those of the structure."""

_MANY_TIMES = 20.0
"""From which ratio of the largest to the least on an objective is seen by its logarithm.

Of several objectives, one that is no known cost has to spread more evenly so as well: what merely
comes near 0, as those of DTLZ2 do, is no matter of scale."""

_LEAST = 1e-300

_HERITAGE = 0.4
"""Share of a squared distance that is that of the weights to begin with, where any inherit.

On MNIST-1D, three studies of LEMONADE, each result predicted from those before: rank correlation
.90 without and .92 with it, .52 and .59 among networks of a size."""


@dataclass(frozen=True)
class Network:
    """A network as the model sees it."""

    structure: Row  # empty in hyperparameter-only mode
    genes: Row  # of the parameters beside the architecture
    costs: tuple[float, ...]  # one for each cheap objective
    num_params: int
    heritage: Heritage | None


@dataclass(frozen=True)
class Model:
    """What is known of an objective from what finished networks had, and of their feasibility."""

    known: Sequence[Network]
    beside: Sequence[Network]  # others, in whose features these are seen as well
    losses: np.ndarray  # (known, objectives)
    violations: np.ndarray  # (known,), 0 where a network is feasible
    stopped: np.ndarray  # (known,), whether it was stopped early
    tuner: Tuner
    tables: tuple[Table, Table]  # of structure and of genes
    weighs_features: bool

    @property
    def is_feasible(self) -> np.ndarray:
        """Which of the known networks violate no constraint, ``(known,)``."""
        return self.violations <= 0.0

    @property
    def counts(self) -> np.ndarray:
        """Which of them may be on a front, ``(known,)``: feasible, and trained to their end."""
        return np.asarray(self.is_feasible & ~self.stopped)

    @cached_property
    def believed(self) -> np.ndarray:
        """The losses of the known networks as the model believes them, ``(known, objectives)``."""
        believed = [
            self.losses[:, j] if objective is None else objective.unseen(objective.believed)
            for j, objective in enumerate(self.objectives)
        ]
        return np.stack(believed, axis=1)

    @cached_property
    def costs(self) -> list[KnownCost | None]:
        """The cost that each objective is, if it is known before training."""
        return [self._cost(losses) for losses in self.losses.T]

    @cached_property
    def objectives(self) -> list[Objective | None]:
        """What is modelled of each objective, None where it is a known cost."""
        return [
            None if cost is not None else self._objective(j) for j, cost in enumerate(self.costs)
        ]

    def _objective(self, j: int) -> Objective:
        losses = self.losses[:, j]
        donors = _losses_of_donors(self.known, j)
        # What donors lost may be 0 where all that finished is above.
        may_be = is_wide(losses) and bool((donors[np.isfinite(donors)] > 0.0).all())
        single = self.losses.shape[1] == 1
        logarithmic = may_be and (single or _is_even_in_logarithms(losses))
        seen = np.log(losses) if logarithmic else losses

        def seen_of_donors(networks: Sequence[Network]) -> np.ndarray:
            own = _losses_of_donors(networks, j)
            return np.log(np.maximum(own, _LEAST)) if logarithmic else own

        fit = self._fit(seen, partial(Warping.of, zooms=single), seen_of_donors)
        return Objective(seen, fit, self.known, logarithmic)

    def _cost(self, losses: np.ndarray) -> KnownCost | None:
        for i in range(len(self.known[0].costs)):
            costs = np.array([network.costs[i] for network in self.known])
            for sign in (1.0, -1.0):
                if np.allclose(sign * costs, losses, rtol=1e-9, atol=0.0):
                    return KnownCost(i, sign)
        return None

    def feasibility(self, networks: Sequence[Network]) -> np.ndarray:
        """The probability that networks are feasible, ``(n,)``."""
        if not self.violations.any():
            return np.ones(len(networks))
        if self._limit is not None:
            cost, limit = self._limit
            excess = cost.of(networks) - limit
            return np.where(excess <= 0.0, 1.0, 0.5 / (2.0 + np.maximum(excess, 0.0)))
        mean, deviation = self._feasibility_fit.predict(networks)
        return np.array([_NORMAL.cdf(z) for z in mean / np.maximum(deviation, 1e-9)])

    @cached_property
    def _limit(self) -> tuple[KnownCost, float] | None:
        """What is known beforehand and limited by the constraints, and the limit."""
        violates = ~self.is_feasible
        for i in range(len(self.known[0].costs)):
            for sign in (1.0, -1.0):
                costs = KnownCost(i, sign).of(self.known)
                limits = (costs - self.violations)[violates]
                is_one = len(limits) > 1 and np.allclose(limits, limits[0], rtol=1e-9, atol=0.0)
                if is_one and (costs <= limits[0])[~violates].all():
                    return KnownCost(i, sign), float(limits[0])
        return None

    @cached_property
    def _feasibility_fit(self) -> Fit:
        return self._fit(np.where(self.is_feasible, 1.0, -1.0), Warping.none)

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder.of([*self.known, *self.beside], self.tables)

    def _fit(
        self,
        losses: np.ndarray,
        warp: Callable[[np.ndarray], Warping],
        of_donors: Callable[[Sequence[Network]], np.ndarray] | None = None,
    ) -> Fit:
        """What predicts such losses of networks.

        Where networks inherit, `of_donors` says what those lost whom they inherit from, nan for
        new weights.

        The kernel is that of the first networks alone, so that it is seldom sought anew.
        """
        n = self.tuner.n_tuned(len(losses))
        first, warping = warp(losses[:n]), warp(losses)
        encoder, weighs = self._encoder, self.weighs_features
        looked_at = Encoder.of(self.known[:n], self.tables)
        if of_donors is not None and np.isfinite(of_donors(self.known[:n])).any():
            weighs = False
            looked_at = looked_at.with_heritage(of_donors, first, self.known[:n])
            encoder = encoder.with_heritage(of_donors, warping, self.known)
        points, kinds, _ = looked_at.fitted_to(self.known[:n])
        kernel = self.tuner(points, first(losses[:n]), kinds if weighs else ())
        points, kinds, scalings = encoder.fitted_to(self.known, self.beside)
        process = GaussianProcess.fit(points, warping(losses), kernel, kinds)
        return Fit(process, warping, encoder, scalings)


@dataclass(frozen=True)
class KnownCost:
    """A cheap objective that is, or whose negative is, an objective of the study."""

    index: int
    sign: float

    def of(self, networks: Sequence[Network]) -> np.ndarray:
        """That loss of networks, ``(n,)``."""
        return self.sign * np.array([network.costs[self.index] for network in networks])


@dataclass(frozen=True)
class Objective:
    """What is believed of an objective that training costs."""

    losses: np.ndarray  # of the known networks, as they are seen
    fit: Fit
    known: Sequence[Network]
    logarithmic: bool  # whether they are seen by their logarithms

    @cached_property
    def believed(self) -> np.ndarray:
        """What the known networks are believed to lose, as it is seen, ``(known,)``."""
        return self.predicted(self.known)

    def predicted(self, networks: Sequence[Network]) -> np.ndarray:
        """The losses that networks are expected to have, as they are seen, ``(n,)``."""
        mean, _ = self.fit.predict(networks)
        return self.fit.warping.back(mean)

    def quantiles(self, networks: Sequence[Network], at: np.ndarray) -> np.ndarray:
        """Losses as they are seen, so many deviations from the mean, ``(len(at), n)``."""
        mean, deviation = self.fit.predict(networks)
        losses = self.fit.warping.back((mean + at[:, None] * deviation).ravel())
        return losses.reshape(len(at), len(networks))

    def unseen(self, losses: np.ndarray) -> np.ndarray:
        """Losses as the study has them."""
        return np.exp(losses) if self.logarithmic else losses


@dataclass(frozen=True)
class Fit:
    """A Gaussian process of warped losses, and what places networks for it."""

    process: GaussianProcess
    warping: Warping
    encoder: Encoder
    scalings: Sequence[Scaling]

    def predict(self, networks: Sequence[Network]) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation of the warped losses of networks, ``(n,)`` each."""
        points, novelty = self.encoder.placed(networks, self.scalings)
        return self.process.predict(points, novelty)


@dataclass(frozen=True)
class Encoder:
    """Networks as features: those that some known network has, and what there is beside them."""

    tables: tuple[Table, Table]
    columns: tuple[np.ndarray, np.ndarray]
    heritage: Callable[[Sequence[Network]], np.ndarray] | None = None

    @classmethod
    def of(cls, known: Sequence[Network], tables: tuple[Table, Table]) -> Encoder:
        """That of the features of known networks."""
        of_structure, of_genes = tables
        structure = of_structure.columns([network.structure for network in known])
        genes = of_genes.columns([network.genes for network in known])
        return cls(tables, (structure, genes))

    def with_heritage(
        self,
        of_donors: Callable[[Sequence[Network]], np.ndarray],
        warping: Warping,
        known: Sequence[Network],
    ) -> Encoder:
        """The same with features of the weights that networks begin with.

        They are whether it inherits, what its donor was worth, and by how much it is larger.
        """
        spread = float(warping.warped.std()) or 1.0

        def features(networks: Sequence[Network]) -> np.ndarray:
            losses = of_donors(networks)
            inherits = np.isfinite(losses)
            worth = warping(np.where(inherits, losses, 0.0)) / spread
            growth = np.array([_growth(network) for network in networks])
            rows = np.stack([np.ones(len(networks)), worth, growth], axis=1)
            return np.asarray(rows * inherits[:, None])

        # One that does not inherit is in the middle of those that do, but for the first feature.
        heirs = features(known)
        middle = heirs[heirs[:, 0] > 0.0].mean(axis=0) * [0.0, 1.0, 1.0]

        def heritage(networks: Sequence[Network]) -> np.ndarray:
            rows = features(networks)
            return np.asarray(rows - rows[:, :1] * middle)

        return Encoder(self.tables, self.columns, heritage)

    def fitted_to(
        self, known: Sequence[Network], beside: Sequence[Network] = ()
    ) -> tuple[np.ndarray, list[str], list[Scaling]]:
        """The points of known networks, the kinds of their features, and their scalings.

        Features are scaled by those of the networks beside them as well.
        """
        points, kinds, scalings = [], [], []
        parts = self._features([*known, *beside])
        for (features, _), share, own in zip(parts, self._shares, self._kinds, strict=True):
            scaling = Scaling.of(features, share)
            scalings.append(scaling)
            points.append(scaling.points(features[: len(known)]))
            kinds += [kind for kind, is_used in zip(own, scaling.is_used, strict=True) if is_used]
        return np.hstack(points), kinds, scalings

    def placed(
        self, networks: Sequence[Network], scalings: Sequence[Scaling]
    ) -> tuple[np.ndarray, np.ndarray]:
        """The points of networks, and how far they are from all known ones in what is new."""
        parts = list(zip(self._features(networks), scalings, strict=True))
        points = [scaling.points(features) for (features, _), scaling in parts]
        novelty = [scaling.novelty(features, beyond) for (features, beyond), scaling in parts]
        return np.hstack(points), np.sum(novelty, axis=0)

    def _features(self, networks: Sequence[Network]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Of structure, of genes, and of heritage if there is any."""
        (of_structure, of_genes), (structure, genes) = self.tables, self.columns
        parts = [
            of_structure.matrix([network.structure for network in networks], structure),
            of_genes.matrix([network.genes for network in networks], genes),
        ]
        if self.heritage is not None:
            parts.append((self.heritage(networks), np.zeros(len(networks))))
        return parts

    @property
    def _shares(self) -> list[float]:
        """Of a squared distance: of structure, of genes, and of heritage."""
        structure, genes = map(len, self.columns)
        of_genes = genes / (genes + _GENES) if structure else 1.0
        if self.heritage is None:
            return [1.0 - of_genes, of_genes]
        return [(1.0 - _HERITAGE) * (1.0 - of_genes), (1.0 - _HERITAGE) * of_genes, _HERITAGE]

    @property
    def _kinds(self) -> list[list[str]]:
        kinds = [t.kinds(own) for t, own in zip(self.tables, self.columns, strict=True)]
        return kinds if self.heritage is None else [*kinds, ["heritage"] * 3]


def _losses_of_donors(networks: Sequence[Network], objective: int) -> np.ndarray:
    """What those lost whose weights networks inherit, ``(n,)``; nan for new weights."""
    return np.array(
        [np.nan if n.heritage is None else -n.heritage.score.values[objective] for n in networks]
    )


def is_wide(values: np.ndarray) -> bool:
    """Whether positive values are so far apart that logarithms may tell more."""
    return bool(values.min() > 0.0 and values.max() > _MANY_TIMES * values.min())


def _growth(network: Network) -> float:
    """By how much a network is larger than its donor, as a logarithm."""
    if network.heritage is None:
        return 0.0
    return math.log(max(network.num_params, 1) / max(network.heritage.num_params, 1))


def _is_even_in_logarithms(values: np.ndarray) -> bool:
    """Whether logarithms spread more evenly to both sides of their mean than the values."""
    return abs(_skewness(np.log(values))) < abs(_skewness(values))


def _skewness(values: np.ndarray) -> float:
    deviations = values - values.mean()
    return float((deviations**3).mean() / max(float((deviations**2).mean()) ** 1.5, 1e-300))
