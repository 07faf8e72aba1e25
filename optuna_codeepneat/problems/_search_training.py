"""How a search trains networks: from new weights, or going on from those of an ancestor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import optuna

from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.problems._early_stopping import StoppedError


if TYPE_CHECKING:
    from optuna.trial import BaseTrial

    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.morphism import InheritanceReport
    from optuna_codeepneat.network import Network
    from optuna_codeepneat.problems._trainer import Trainer
    from optuna_codeepneat.training import Continuation
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Recipe


def train_and_score(
    trainer: Trainer, network: Network, train: Examples, validation: Examples, recipe: Recipe
) -> tuple[float, int]:
    """The validation score of a network after its training, and the steps of that.

    Raises:
        optuna.TrialPruned: If the network diverged, its time was up, or it was stopped early.
    """
    try:
        result = trainer.fit(network, train, recipe, validation=validation)
        if result.stopped == "deadline":
            raise optuna.TrialPruned(
                f"the time was up after {result.steps} of {recipe.steps} training steps."
            )
        score = trainer.score(network, validation)
    except NetworkDivergedError as error:
        raise optuna.TrialPruned(str(error)) from error
    return score, result.steps


def train_descendant(
    trainer: Trainer,
    network: Network,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    *,
    continuation: Continuation,
    trial: BaseTrial,
    checkpoints: Checkpoints,
) -> float:
    """The same of a network that inherits weights, if its trial says so, and leaves its own.

    Args:
        trainer:
            Of the trial.
        network:
            The network, with new weights.
        train:
            The training examples.
        validation:
            The validation examples.
        recipe:
            That of a network with new weights.
        continuation:
            How that of a network with inherited ones differs.
        trial:
            The running trial.
        checkpoints:
            Where weights are found and left.

    Returns:
        The validation score.

    Raises:
        optuna.TrialPruned: If the network diverged, its time was up, or it was stopped early.
    """
    report = checkpoints.inherit(trial, network)
    recipe = continuation.recipe(recipe, report.share)
    # Else each descendant saw the same batches again.
    trainer = replace(trainer, seed=trainer.seed + report.line_steps)
    distilled = _distil(trainer, network, report, train, recipe, continuation.distillation)
    recipe = recipe.replace(steps=max(1, recipe.steps - distilled))
    try:
        score, steps = train_and_score(trainer, network, train, validation, recipe)
    except StoppedError as stopped:
        checkpoints.save(trial, network, steps=distilled + stopped.steps, weights=False)
        raise
    checkpoints.save(trial, network, steps=distilled + steps)
    return score


def _distil(
    trainer: Trainer,
    network: Network,
    report: InheritanceReport,
    data: Examples,
    recipe: Recipe,
    share: float,
) -> int:
    """Lets a network repeat its ancestor where it does not; returns the steps that took."""
    from optuna_codeepneat.morphism import distil

    steps = round(recipe.steps * share)
    if report.ancestor is None or report.plan.exact or not steps:
        return 0
    result = distil(
        network,
        report.ancestor.build(),
        data,
        report.plan,
        recipe.replace(steps=steps),
        device=trainer.device,
        seed=trainer.seed,
        deadline=trainer.deadline,
    )
    return result.steps
