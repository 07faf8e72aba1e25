"""The metric of problems with several labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.problems._data import TargetMetric
from optuna_codeepneat.problems._preprocessing import LabelTarget


if TYPE_CHECKING:
    import torch


def auroc(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """The area under the ROC curve, mean over the labels that some examples have and some lack.

    Args:
        outputs:
            ``(examples, labels)``.
        targets:
            0 and 1, ``(examples, labels)``.

    Raises:
        ImportError: If scikit-learn is not installed.
    """
    # Made here, as scikit-learn is needed for no more than this.
    labels = LabelTarget(labels=tuple(map(str, range(targets.shape[1]))))
    return TargetMetric("auroc", labels)(outputs, targets)
