"""Which of many candidates is evaluated: the one that a model expects most of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._ranking import front
from optuna_codeepneat._recent import Recent
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._cheap import cheap_value
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._surrogate._features import Bag
from optuna_codeepneat.sampler._surrogate._features import bag_of_genes
from optuna_codeepneat.sampler._surrogate._features import bag_of_structure
from optuna_codeepneat.sampler._surrogate._gain import gains
from optuna_codeepneat.sampler._surrogate._gaussian_process import GaussianProcess
from optuna_codeepneat.sampler._surrogate._gaussian_process import scaled
from optuna_codeepneat.sampler._surrogate._settings import Surrogate
from optuna_codeepneat.sampler._surrogate._warping import Warping
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

    from optuna_codeepneat.search_space import Architecture

_QUANTILES = np.array([NormalDist().inv_cdf(share) for share in (0.1, 0.3, 0.5, 0.7, 0.9)])
"""Where a prediction is looked at, in standard deviations: the gain is the mean over these."""

_ALWAYS_KNOWN = ("num_params", "macs", "depth")

_MANY_TIMES = 20.0
"""From which ratio of the largest to the least on an objective is seen by its logarithm."""

_HUGE = 1e299
_REMEMBERED = 4096


@dataclass(frozen=True)
class _Network:
    """A network as the model sees it."""

    structure: Bag  # empty in hyperparameter-only mode
    genes: Mapping[str, Any]  # the parameters beside the architecture
    costs: tuple[float, ...]  # one for each cheap objective


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
        self._networks: Recent[str, _Network] = Recent(_REMEMBERED)

    def is_ready(self, seen: Seen) -> bool:
        """Whether enough is known to choose by."""
        return len(_scored(seen.results)) >= self.settings.n_initial

    def choose(
        self,
        candidates: Sequence[Proposal],
        seen: Seen,
        ranges: Mapping[str, BaseDistribution],
    ) -> Proposal:
        """The candidate of which most is expected.

        Args:
            candidates:
                At least one.
            seen:
                What is known.
            ranges:
                Those of the parameters beside the architecture.
        """
        results = _scored(seen.results)
        forecast = _Forecast(
            known=[self._of_result(result) for result in results],
            candidates=[self._described(c.architecture, c.genes) for c in candidates],
            pending=[self._of_genome(network) for network in seen.pending],
            losses=-np.array([r.score.values for r in results if r.score is not None]),
            feasible=np.array([r.score is not None and r.score.feasible for r in results]),
            ranges=ranges,
            model=self.settings.model,
        )
        return candidates[forecast.best]

    def _of_result(self, result: Result) -> _Network:
        digest = "" if result.key is None else result.key.digest
        if not digest or digest not in self._networks:
            assert result.completed is not None
            network = self._of_genome(NetworkGenome(result.completed, result.modules))
            if not digest:
                return network
            self._networks[digest] = network
        return self._networks[digest]

    def _of_genome(self, network: NetworkGenome) -> _Network:
        architecture = None if self._space is None else network.architecture(self._space)
        return self._described(architecture, network.global_genes(self._space))

    def _described(self, architecture: Architecture | None, genes: Mapping[str, Any]) -> _Network:
        structure = {} if architecture is None else bag_of_structure(architecture)
        of = genes if architecture is None else architecture
        return _Network(structure, genes, tuple(cheap_value(c, of) for c in self._cheap))


@dataclass(frozen=True)
class _Forecast:
    """What the objectives of some networks are expected to be, given those of others."""

    known: Sequence[_Network]
    candidates: Sequence[_Network]
    pending: Sequence[_Network]
    losses: np.ndarray  # (known, objectives)
    feasible: np.ndarray  # (known,)
    ranges: Mapping[str, BaseDistribution]
    model: str

    @property
    def best(self) -> int:
        """The candidate that is expected to add most hypervolume to the front."""
        front_of_known, mean, samples = self._objectives
        expected = np.mean([gains(front_of_known, sample) for sample in samples], axis=0)
        if not (expected > 0.0).any():
            expected = -mean.sum(axis=1)
        # Rounded, so that two machines choose the same.
        return int(np.argmax(np.round(expected * self._probability, 9)))

    @cached_property
    def _points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All features of known, candidate and pending networks, ``(n, features)`` each."""
        groups = (self.known, self.candidates, self.pending)
        genes = [[bag_of_genes(n.genes, self.ranges) for n in group] for group in groups]
        structures = [[n.structure for n in group] for group in groups]
        varying = sum(not distribution.single() for distribution in self.ranges.values())
        share = 1.0 if not any(structures[0]) else varying / (varying + 8.0)
        of_genes = scaled(*_matrices(genes))
        of_structure = scaled(*_matrices(structures))
        parts = [
            np.hstack([np.sqrt(1.0 - share) * s, np.sqrt(share) * g])
            for s, g in zip(of_structure, of_genes, strict=True)
        ]
        return parts[0], parts[1], parts[2]

    @cached_property
    def _objectives(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The front, the mean of the candidates, and their values at each quantile, as gains see
        them: 0 to 1 over what was observed.
        """
        n_objectives = self.losses.shape[1]
        usual = self.feasible if self.feasible.any() else np.ones(len(self.known), dtype=bool)
        front_parts, pending_parts, sample_parts, mean_parts = [], [], [], []
        for j in range(n_objectives):
            losses = self.losses[:, j]
            exact = self._exact(losses)
            logarithmic = losses.min() > 0 and losses.max() > _MANY_TIMES * losses.min()
            see = np.log if logarithmic else np.asarray
            seen = see(losses)
            least, most = seen[usual].min(), seen[usual].max()
            width = float(most - least) or 1.0
            if exact is not None:
                (known, mean, pending) = (see(values) for values in exact)
                samples = np.tile(mean, (len(_QUANTILES), 1))
            else:
                known, mean, pending, samples = self._modelled(seen)
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
                    groups = (self.known, self.candidates, self.pending)
                    known, candidates, pending = (
                        sign * np.array([network.costs[i] for network in group])
                        for group in groups
                    )
                    return known, candidates, pending
        return None

    def _modelled(
        self, losses: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """The losses as the model believes them: known, mean, pending, and by quantile."""
        known, candidates, pending = self._points
        warping = Warping.of(losses)
        model = GaussianProcess.fit(known, warping(losses), self.model)
        mean, deviation = model.predict(candidates)
        samples = warping.back((mean + _QUANTILES[:, None] * deviation).ravel())
        believed = warping.back(model.predict(known)[0]) if BELIEF else losses
        running = warping.back(model.predict(pending)[0]) if len(pending) else np.zeros(0)
        return believed, warping.back(mean), running, samples.reshape(len(_QUANTILES), -1)

    @cached_property
    def _probability(self) -> np.ndarray | float:
        """That the candidates are feasible."""
        if self.feasible.all():
            return 1.0
        known, candidates, _ = self._points
        model = GaussianProcess.fit(known, self.feasible.astype(float), self.model)
        return np.clip(model.predict(candidates)[0], 0.01, 1.0)


BELIEF = bool(os.environ.get("BELIEF"))


def _scored(results: Sequence[Result]) -> list[Result]:
    return [
        result
        for result in results
        if result.score is not None
        and result.completed is not None
        and max(map(abs, result.score.values)) < _HUGE
    ]


def _matrices(groups: Sequence[Sequence[Bag]]) -> list[np.ndarray]:
    """Bags as matrices ``(networks, features)`` with the same columns."""
    names = sorted({name for group in groups for bag in group for name in bag})
    column = {name: i for i, name in enumerate(names)}
    matrices = []
    for group in groups:
        matrix = np.zeros((len(group), len(names)))
        for i, bag in enumerate(group):
            matrix[i, [column[name] for name in bag]] = list(bag.values())
        matrices.append(matrix)
    return matrices
