"""What training makes small."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional as F


Loss = Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]
"""``loss(outputs, targets, label_smoothing)``, a scalar."""


def cross_entropy(
    outputs: torch.Tensor, targets: torch.Tensor, label_smoothing: float = 0.0
) -> torch.Tensor:
    """Mean cross-entropy of one class per example.

    Args:
        outputs:
            Logits ``(batch, classes)``.
        targets:
            Class numbers ``(batch,)``.
        label_smoothing:
            Share of the target that is spread evenly over all classes.

    Returns:
        A scalar.
    """
    return F.cross_entropy(outputs, targets, label_smoothing=label_smoothing)
