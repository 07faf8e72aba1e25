"""`Trainer`: one training, whatever it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat import training


if TYPE_CHECKING:
    import torch

    from optuna_codeepneat.network import Network
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import FitResult
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Metric
    from optuna_codeepneat.training import Recipe


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """Builds, trains and scores a network of a problem: what all its trainings have in common.

    Args:
        loss:
            What is minimised.
        metric:
            What is measured.
        initialize:
            Gives a new network other weights to begin with; None for none.
        device:
            Where to train.
        seed:
            Of the initial weights and the order of the examples.
        deadline:
            `time.monotonic` at which the training ends at the latest.
        on_progress:
            See `optuna_codeepneat.training.fit`.
    """

    loss: Loss
    metric: Metric
    initialize: Callable[[Network], None] | None
    device: torch.device | str
    seed: int
    deadline: float | None = None
    on_progress: Callable[[int, int, float], None] | None = None

    def build(self, architecture: Architecture) -> Network:
        """A network with new weights."""
        # Here, so that a problem's space can be read where torch is not installed.
        from optuna_codeepneat.network import build_network

        with training.seeded(self.seed):
            network = build_network(architecture)
        if self.initialize is not None:
            self.initialize(network)
        return network

    def fit(
        self, network: Network, data: Examples, recipe: Recipe, held_out: Examples | None = None
    ) -> FitResult:
        """Trains a network; `NetworkDivergedError` if its loss was not finite."""
        result = training.fit(
            network,
            data,
            recipe,
            loss=self.loss,
            device=self.device,
            seed=self.seed,
            deadline=self.deadline,
            on_progress=self.on_progress,
            held_out=held_out,
        )
        result.raise_if_diverged()
        return result

    def score(self, network: Network, examples: Examples) -> float:
        """The metric; `NetworkDivergedError` if an output is not finite."""
        return training.evaluate(network, examples, self.metric)
