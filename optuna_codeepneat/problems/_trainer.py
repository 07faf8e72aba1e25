"""`Trainer`: one training, whatever it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat import training


if TYPE_CHECKING:
    import torch

    from optuna_codeepneat.network import Network
    from optuna_codeepneat.problems._early_stopping import EarlyStopping
    from optuna_codeepneat.problems._early_stopping import OnProgress
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import FitResult
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Metric
    from optuna_codeepneat.training import Recipe
    from optuna_codeepneat.training import TrainingCheckpoint


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
        watch:
            Makes what may stop a training early, from the score of the network as it is, the steps
            of its training and `on_progress`.
    """

    loss: Loss
    metric: Metric
    initialize: Callable[[Network], None] | None
    device: torch.device | str
    seed: int
    deadline: float | None = None
    on_progress: OnProgress | None = None
    watch: Callable[[Callable[[], float], int, OnProgress | None], EarlyStopping] | None = None

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
        self,
        network: Network,
        data: Examples,
        recipe: Recipe,
        *,
        validation: Examples | None = None,
        held_out: Examples | None = None,
        checkpoint: TrainingCheckpoint | None = None,
    ) -> FitResult:
        """Trains a network; `NetworkDivergedError` if its loss was not finite.

        Args:
            network:
                The network.
            data:
                The examples to learn from.
            recipe:
                How long and how.
            validation:
                Those that it is scored on where its training is watched.
            held_out:
                Those that its schedule goes by.
            checkpoint:
                Where its state is kept, and from where it goes on.
        """
        on_progress, report_at = self.on_progress, frozenset[int]()
        if self.watch is not None and validation is not None:
            watching = self.watch(
                lambda: self.score(network, validation), recipe.steps, on_progress
            )
            on_progress, report_at = watching, watching.steps
        result = training.fit(
            network,
            data,
            recipe,
            loss=self.loss,
            device=self.device,
            seed=self.seed,
            deadline=self.deadline,
            on_progress=on_progress,
            report_at=report_at,
            held_out=held_out,
            checkpoint=checkpoint,
        )
        result.raise_if_diverged()
        return result

    def score(self, network: Network, examples: Examples) -> float:
        """The metric; `NetworkDivergedError` if an output is not finite."""
        return training.evaluate(network, examples, self.metric)
