"""The final training of a chosen network: its examples, and the weights it begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._augmenting import check_suits
from optuna_codeepneat.problems._splits import stratified_split


if TYPE_CHECKING:
    from optuna_codeepneat.network import Network
    from optuna_codeepneat.problems._trainer import Trainer
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Recipe
    from optuna_codeepneat.training import TrainingCheckpoint


def train_finally(
    trainer: Trainer,
    architecture: Architecture,
    data: Examples,
    recipe: Recipe,
    *,
    ancestor: Network | None,
    checkpoint: TrainingCheckpoint | None = None,
) -> Network:
    """A network that learnt from all examples that it may learn from.

    Args:
        trainer:
            Of the problem.
        architecture:
            The network.
        data:
            These examples, of which none is for the test.
        recipe:
            How it is trained.
        ancestor:
            A network whose weights it begins with, as far as they line up; None for new ones.
        checkpoint:
            Where the state of the training is kept, and from where it goes on.

    Raises:
        NetworkDivergedError: If its training loss was not finite.
        DataError: If the augmentation does not suit the examples, or there are too few of them.
    """
    if recipe.augmentation:
        check_suits(recipe.augmentation, data)
    held_out = None
    if recipe.schedule == "plateau":
        data, held_out = parted(data, recipe.plateau.held_out)
        held_out = held_out.to(trainer.device)
    network = trainer.build(architecture)
    if ancestor is not None:
        _begin_with(network, ancestor)
    trainer.fit(network, data.to(trainer.device), recipe, held_out=held_out, checkpoint=checkpoint)
    return network


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


def _begin_with(network: Network, ancestor: Network) -> None:
    """Gives a network the weights of another, as far as they line up."""
    from optuna_codeepneat.alignment import plan
    from optuna_codeepneat.morphism import importance_of
    from optuna_codeepneat.morphism import inherit
    from optuna_codeepneat.morphism import weights_of

    weights = weights_of(ancestor)
    importance = importance_of(ancestor.architecture, weights)
    inherit(network, weights, plan(ancestor.architecture, network.architecture, importance))
