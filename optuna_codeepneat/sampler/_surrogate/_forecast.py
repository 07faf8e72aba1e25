"""What a model expects of networks, and how much hypervolume that would add."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from functools import partial
from statistics import NormalDist

import numpy as np

from optuna_codeepneat._ranking import front
from optuna_codeepneat.sampler._genetics import Heritage
from optuna_codeepneat.sampler._surrogate._features import Row
from optuna_codeepneat.sampler._surrogate._features import Table
from optuna_codeepneat.sampler._surrogate._gain import gains
from optuna_codeepneat.sampler._surrogate._gaussian_process import GaussianProcess
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.sampler._surrogate._gaussian_process import scaled
from optuna_codeepneat.sampler._surrogate._warping import Warping


_NORMAL = NormalDist()

_QUANTILES = np.array([_NORMAL.inv_cdf(share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)])
"""Where a prediction is looked at, in standard deviations: the gain is the mean over these."""

_ORDERS = ((0, 1, 2, 3, 4), (0, 4, 3, 2, 1), (2, 3, 0, 4, 1))
"""In which order each objective's quantiles meet those of the others: what is better in one than
expected need not be so in all (a Latin hypercube, McKay et al. 1979)."""

_MANY_TIMES = 20.0
"""From which ratio of the largest to the least on an objective is seen by its logarithm.

Of several objectives, one that is no known cost has to spread more evenly so as well: what merely
comes near 0, as those of DTLZ2 do, is no matter of scale."""

_GENES = 8.0
"""How many features of genes count as much as all those of the structure."""

_FIRST = 20

_LITTLE = 0.003
"""Below which gain the model has seen it all, or knows too little."""

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
class Choice:
    """What a model says of candidates."""

    order: tuple[int, ...]  # their indices, that of which most is expected first
    expects_much: bool  # whether one of them is worth the while, as far as the model knows


@dataclass(frozen=True)
class Forecast:
    """What the objectives of some networks are expected to be, given those of others."""

    known: Sequence[Network]
    candidates: Sequence[Network]
    pending: Sequence[Network]
    losses: np.ndarray  # (known, objectives)
    violations: np.ndarray  # (known,), 0 where a network is feasible
    tuner: Tuner
    tables: tuple[Table, Table]  # of structure and of genes
    weighs_features: bool

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
    def _groups(self) -> tuple[Sequence[Network], ...]:
        return self.known, self.candidates, self.pending

    @cached_property
    def _raw(self) -> list[_Part]:
        """Features of structure and of genes."""
        of_structure, of_genes = self.tables
        structure = of_structure.matrices([[n.structure for n in group] for group in self._groups])
        genes = of_genes.matrices([[n.genes for n in group] for group in self._groups])
        n_genes = len(genes[1])
        share = n_genes / (n_genes + _GENES) if structure[1] else 1.0
        return [_Part(*structure, 1.0 - share), _Part(*genes, share)]

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
        raw = [replace(part, share=(1.0 - _HERITAGE) * part.share) for part in self._raw]
        return [*raw, _Part(heritage, ("heritage",) * 3, _HERITAGE)]

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
        (looked_at, *_), kinds = _points([part.of_first(n) for part in parts])
        weighs = self.weighs_features and not inherits
        kernel = self.tuner(looked_at, first(losses[:n]), kinds if weighs else ())
        parts = self._with_heritage(donors, warping, len(losses)) if inherits else self._raw
        points, kinds = _points(parts)
        return GaussianProcess.fit(points[0], warping(losses), kernel, kinds), warping, points

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
            is_wide = is_positive and losses.max() > _MANY_TIMES * losses.min()
            is_told = n_objectives == 1 or exact is not None
            logarithmic = is_wide and (is_told or _is_even_in_logarithms(losses))
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
                samples = samples[list(_ORDERS[j % len(_ORDERS)])]
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


@dataclass(frozen=True)
class _Part:
    """Features of known, candidate and pending networks, ``(n, features)`` each."""

    groups: Sequence[np.ndarray]
    kinds: Sequence[str]  # of the features
    share: float  # of a squared distance

    def of_first(self, n: int) -> _Part:
        """That of the first known networks alone."""
        return replace(self, groups=[self.groups[0][:n]])


def _points(parts: Sequence[_Part]) -> tuple[list[np.ndarray], list[str]]:
    """All features side by side and scaled, of each group of networks, and their kinds."""
    kinds: list[str] = []
    scaled_parts = []
    for part in parts:
        points, used = scaled(*part.groups)
        scaled_parts.append([np.sqrt(part.share) * group for group in points])
        kinds += [kind for kind, is_used in zip(part.kinds, used, strict=True) if is_used]
    return [np.hstack(side_by_side) for side_by_side in zip(*scaled_parts, strict=True)], kinds


def _losses_of_donors(networks: Sequence[Network], objective: int) -> np.ndarray:
    """What those lost whose weights networks inherit; nan for new weights."""
    return np.array(
        [np.nan if n.heritage is None else -n.heritage.score.values[objective] for n in networks]
    )


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
