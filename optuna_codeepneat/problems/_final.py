"""What a final training needs beside its recipe: its examples, and the weights it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data import label_entropy
from optuna_codeepneat.problems._splits import stratified_split


if TYPE_CHECKING:
    import torch

    from optuna_codeepneat.network import Network
    from optuna_codeepneat.training import Augmentation
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Meaning


def parted(data: Examples, share: float) -> tuple[Examples, Examples]:
    """Examples to learn from, and such as are held out, of which a schedule reads the loss.

    Args:
        data:
            All of them; none of the test.
        share:
            How many are held out, at least one. Classes are in proportion.

    Raises:
        DataError: If there are too few for two parts.
    """
    if len(data) < 2:
        raise DataError("the schedule 'plateau' holds examples out, and there is only one.")
    n = min(max(1, round(share * len(data))), len(data) - 1)
    # Of numbers and labels any part is as good as another.
    classes = data.targets.dim() == 1 and not data.targets.is_floating_point()
    strata = data.targets.tolist() if classes else [0] * len(data)
    learnt, held_out = stratified_split(strata, n_validation=n)
    return data.take(learnt.tolist()), data.take(held_out.tolist())


def begin_with(network: Network, ancestor: Network) -> None:
    """Gives a network the weights of another, as far as they line up."""
    from optuna_codeepneat.alignment import plan
    from optuna_codeepneat.morphism import importance_of
    from optuna_codeepneat.morphism import inherit
    from optuna_codeepneat.morphism import weights_of

    weights = weights_of(ancestor)
    importance = importance_of(ancestor.architecture, weights)
    inherit(network, weights, plan(ancestor.architecture, network.architecture, importance))


def check_suits(augmentation: Augmentation, examples: Examples) -> None:
    """Raises `DataError` if examples can't be changed by an augmentation."""
    try:
        augmentation.check(examples.take([0]).inputs)  # of images all would be decoded
    except ValueError as error:
        raise DataError(str(error)) from None


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
