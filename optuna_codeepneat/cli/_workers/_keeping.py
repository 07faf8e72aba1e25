"""Keeping the weights of a finally trained network."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import FinalNetwork
from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.cli._workers._final_settings import FinalSettings
from optuna_codeepneat.cli._workers._final_settings import trains_by_recipe
from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_artifacts


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.training import Measurement
    from optuna_codeepneat.training import TrainingCheckpoint

_KIND = "final"
_NOTHING_SAID = FinalSettings()

PREPROCESSING = "preprocessing"
"""The name of the note on weights that holds the preprocessing of their problem, as JSON."""


def seed_of(seed: int, training: int) -> int:
    """The seed of a training; that of the first one is the study's own."""
    return seed if training == 0 else int(rng_for(seed, "final", training).integers(2**31))


def checkpoint_of(
    study: optuna.Study, number: int, training: int, place: str | None
) -> TrainingCheckpoint | None:
    """Where the state of a final training lies while it is under way.

    Args:
        study:
            The study.
        number:
            The number of the network's trial.
        training:
            Which training it is of this network.
        place:
            Where weights are stored, None for nowhere.
    """
    from optuna_codeepneat.morphism import training_name
    from optuna_codeepneat.training import TrainingCheckpoint

    if place is None:
        return None
    with suppress(StorageError):  # which is told when there is a network to keep
        name = training_name(study, number, training)
        return TrainingCheckpoint(open_artifacts(place), name)
    return None


def keep(
    study: optuna.Study,
    number: int,
    network: Any,
    problem: Problem,
    score: Measurement,
    *,
    place: str | None,
    seed: int,
    settings: FinalSettings = _NOTHING_SAID,
    ancestor: Any = None,
) -> FinalNetwork | str:
    """Stores the weights of a trained network; of which the study is to be told afterwards.

    Args:
        study:
            The study.
        number:
            The number of the network's trial.
        network:
            What the final training of its problem returned.
        problem:
            Its problem.
        score:
            What it got in the test.
        place:
            Where to store them.
        seed:
            Of the training.
        settings:
            What the command said of it.
        ancestor:
            The network whose weights it began with; None for new ones.

    Returns:
        What the study is to be told; or why they are not stored, which fails no training.
    """
    if place is None:
        return "there is no place for them"
    if not _is_built(network):
        return "its problem trains no network of `build_network`"
    from optuna_codeepneat.morphism import Checkpoint
    from optuna_codeepneat.morphism import NotStoredError
    from optuna_codeepneat.morphism import store_weights
    from optuna_codeepneat.morphism import weights_name
    from optuna_codeepneat.morphism import weights_of

    by_recipe = trains_by_recipe(problem)
    steps = problem.final_recipe.steps if by_recipe else None
    described = None if problem.preprocessing is None else problem.preprocessing.to_json()
    # Whoever writes the network later may not have the data that it was made of.
    notes = {} if described is None else {PREPROCESSING: json.dumps(described)}
    checkpoint = Checkpoint(network.architecture, weights_of(network), steps or 0, notes)
    name = weights_name(study, number, _KIND)
    try:
        saved = store_weights(open_artifacts(place), name, checkpoint)
    except (NotStoredError, StorageError) as error:
        return str(error).rstrip(".")
    splits = problem.load() if by_recipe else None
    recipe = problem.final_recipe
    architecture = network.architecture
    is_wider = settings.widen != 1.0
    return FinalNetwork(
        artifact=saved.artifact,
        sha256=saved.sha256,
        size=saved.size,
        place=place,
        seed=seed,
        steps=steps,
        score=score.score,
        low=score.low,
        high=score.high,
        n_train=None if splits is None else len(splits.train) + len(splits.validation),
        n_test=score.n_examples,
        preprocessing=None if described is None else content_hash(described),
        schedule=settings.schedule,
        augmentation=str(recipe.augmentation) if by_recipe and recipe.augmentation else None,
        copies=score.copies or None,
        plain=score.plain,
        widen=settings.widen if is_wider else None,
        inherited=None if ancestor is None else _share(ancestor, network),
        num_params=architecture.num_params if is_wider else None,
        macs=architecture.macs if is_wider else None,
    )


def _share(ancestor: Any, network: Any) -> float:
    """The share of a network's parameters that it began with from another."""
    from optuna_codeepneat.alignment import plan

    return plan(ancestor.architecture, network.architecture).share


def _is_built(network: Any) -> bool:
    """Whether it is a network of this package; torch is not loaded to find out."""
    if "torch" not in sys.modules:
        return False
    from optuna_codeepneat.network import Network

    return isinstance(network, Network)
