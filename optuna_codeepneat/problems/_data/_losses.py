"""Losses of tasks: cross-entropies, and squared errors on the scale that networks learn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import numpy as np


if TYPE_CHECKING:
    import torch

    from optuna_codeepneat.training import Loss


@dataclass(frozen=True)
class WeightedCrossEntropy:
    """The cross-entropy in which rare classes count as much as frequent ones.

    Args:
        weights:
            Of each class.
    """

    weights: tuple[float, ...]

    @classmethod
    def balanced(cls, numbers: np.ndarray[Any, Any], n_classes: int) -> WeightedCrossEntropy:
        """Weights by which all classes of these examples together count the same."""
        counts = np.bincount(numbers, minlength=n_classes)
        return cls(tuple((len(numbers) / (n_classes * counts)).tolist()))

    def __call__(
        self, outputs: torch.Tensor, targets: torch.Tensor, label_smoothing: float = 0.0
    ) -> torch.Tensor:
        """The mean over a batch: outputs ``(batch, classes)``, class numbers ``(batch,)``."""
        from torch.nn import functional

        weights = outputs.new_tensor(self.weights)
        return functional.cross_entropy(
            outputs, targets, weight=weights, label_smoothing=label_smoothing
        )


def squared_error(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean squared error, outputs and targets ``(batch, numbers)``."""
    from torch.nn import functional

    return functional.mse_loss(outputs, targets)


def label_entropy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """The mean cross-entropy of each label, outputs and targets ``(batch, labels)``."""
    from torch.nn import functional

    return functional.binary_cross_entropy_with_logits(outputs, targets)


_LOSSES: dict[str, Loss | None] = {
    "classification": None,
    "regression": squared_error,
    "labels": label_entropy,
}


def loss_for(task: str) -> Loss | None:
    """What is minimised for a task; None for the cross-entropy of `training`."""
    return _LOSSES[task]
