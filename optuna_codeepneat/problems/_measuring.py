"""How a finally trained network is measured on the test examples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_codeepneat import training
from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.problems._augmenting import check_suits
from optuna_codeepneat.problems._data import label_entropy


if TYPE_CHECKING:
    import torch
    from torch import nn

    from optuna_codeepneat.training import Augmentation
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Meaning
    from optuna_codeepneat.training import Measurement
    from optuna_codeepneat.training import Metric


def measure(
    network: nn.Module,
    test: Examples,
    metric: Metric,
    *,
    augmentation: Augmentation | None,
    copies: int,
    loss: Loss | None,
    seed: int,
) -> Measurement:
    """The score of a network with its 95 % interval.

    Args:
        network:
            The network.
        test:
            The examples.
        metric:
            ``metric(outputs, targets)``.
        augmentation:
            What changes the copies of examples that predictions are averaged over; None for the
            examples as they are.
        copies:
            How many.
        loss:
            That of the training, which says what outputs are; None for the cross-entropy.
        seed:
            Of the changes.

    Raises:
        NetworkDivergedError: If an output is not finite.
        DataError: If the augmentation does not suit the examples.
    """
    if augmentation is not None:
        check_suits(augmentation, test)
    outputs = training.predict(network, test)
    if not bool(outputs.isfinite().all()):
        raise NetworkDivergedError("the network diverged: its outputs are not finite.")
    targets = test.targets.to(outputs.device)
    if augmentation is None:
        return training.measured(outputs, targets, metric)
    averaged = training.predict_averaged(
        network,
        test,
        augmentation,
        copies=copies,
        meaning=meaning_of(loss, test.targets),
        seed=seed,
    )
    plain = training.as_score(metric, metric(outputs, targets))
    found = training.measured(averaged, targets, metric)
    return replace(found, copies=copies, plain=plain)


def meaning_of(loss: Loss | None, targets: torch.Tensor) -> Meaning:
    """What outputs are that a loss compares with targets: as what they are averaged."""
    from torch.nn import BCEWithLogitsLoss
    from torch.nn import functional

    if targets.dim() == 1 and not targets.is_floating_point():
        return "classes"
    of_labels = (label_entropy, functional.binary_cross_entropy_with_logits)
    if loss in of_labels or isinstance(loss, BCEWithLogitsLoss):
        return "labels"
    return "numbers"
