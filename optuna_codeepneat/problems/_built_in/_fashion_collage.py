"""Which garments are on a picture: collages made from Fashion-MNIST, several labels each."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat import training
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.problems._built_in._auroc import auroc
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._fashion_mnist import GARMENTS
from optuna_codeepneat.problems._built_in._fashion_mnist import images_of
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._built_in._recipes import search_steps
from optuna_codeepneat.problems._data import label_entropy
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.problems._splits import stratified_split
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_SIDE = 28
_CANVAS = 2 * _SIDE
_MOST_GARMENTS = 3
_N_JUDGED = 2_000
"""Collages for validation, and as many for the test."""
_N_VALIDATION = 10_000
"""Garments that are on no collage but those for validation."""

# About those of the collages.
_MEAN, _STD = 0.095, 0.237

_BATCH_SIZE = 100


def fashion_collage(*, train: int = 6_000, recipe: str = "cpu") -> Problem:
    """Collages of up to three garments: mean AUROC against the number of parameters.

    Each shows 0 to 3 images of Fashion-MNIST at any place of 56 x 56 pixels, the brightest in
    front, and is then halved to 28 x 28. No garment is on collages of two parts; those of the test
    are of the published test images.

    Args:
        train:
            How many collages train networks; 2,000 others are for validation, and 2,000 for the
            test.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    train = whole("train", train, 1_000, 100_000)
    search, final = _recipes(one_of("recipe", recipe, RECIPES), train)
    return Problem(
        name="fashion_collage",
        title="Collages of garments",
        make_space=lambda: SearchSpace.conv2d(
            input_shape=(1, _SIDE, _SIDE),
            num_outputs=len(GARMENTS),
            max_params=50_000,
            max_macs=2_000_000,
        ),
        load_splits=partial(_load, train),
        objectives={"auroc": "maximize", "num_params": "minimize"},
        metric=auroc,
        loss=label_entropy,
        search_recipe=search,
        final_recipe=final,
        augmentation=Augmentation(flip=True, shift=0.05),
        hyperparameters={
            "learning_rate": FloatDistribution(2e-3, 4e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.3, log=True),
        },
        make_preprocessing=lambda: Preprocessing(
            reader=ImageReader(
                size=(_SIDE, _SIDE), mode="L", mean=(_MEAN,), std=(_STD,), resampling="box"
            ),
            target=LabelTarget(labels=GARMENTS),
        ),
    )


def _recipes(recipe: str, n_train: int) -> tuple[Recipe, Recipe]:
    """For the search and for the end."""
    passes, batch_size = (5, _BATCH_SIZE) if recipe == "cpu" else (20, 3 * _BATCH_SIZE)
    search = Recipe(
        steps=search_steps(recipe, n_train, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        learning_rate=1e-2,
        weight_decay=0.05,
    )
    return search, search.replace(steps=4 * search.steps)


def _load(n_train: int) -> Splits:
    garments, classes = images_of("train")
    train, validation = stratified_split(
        classes, n_validation=min(_N_VALIDATION, len(classes) // 6)
    )
    return Splits(
        train=_collages(garments[train], classes[train], n_train, seed=0),
        validation=_collages(garments[validation], classes[validation], _N_JUDGED, seed=1),
        test=_collages(*images_of("t10k"), _N_JUDGED, seed=2),
    )


def _collages(
    garments: np.ndarray[Any, Any], classes: np.ndarray[Any, Any], n: int, *, seed: int
) -> training.Examples:
    canvases, labels = collages(garments, classes, n, seed=seed)
    halved = canvases.reshape(n, 1, _SIDE, 2, _SIDE, 2).mean(axis=(3, 5), dtype=np.float32)
    return training.Examples.from_arrays((halved / 255.0 - _MEAN) / _STD, labels)


def collages(
    garments: np.ndarray[Any, Any], classes: np.ndarray[Any, Any], n: int, *, seed: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Some collages ``(n, 56, 56)``, bytes, and which classes are on each ``(n, 10)``, 0 or 1."""
    rng = np.random.Generator(np.random.PCG64(seed))
    counts = rng.integers(0, _MOST_GARMENTS + 1, size=n)
    chosen = rng.integers(0, len(garments), size=(n, _MOST_GARMENTS))
    places = rng.integers(0, _CANVAS - _SIDE + 1, size=(n, _MOST_GARMENTS, 2))
    canvases = np.zeros((n, _CANVAS, _CANVAS), dtype=np.uint8)
    labels = np.zeros((n, len(GARMENTS)), dtype=np.float32)
    for i in range(n):
        for garment, (top, left) in zip(chosen[i, : counts[i]], places[i], strict=False):
            window = canvases[i, top : top + _SIDE, left : left + _SIDE]
            np.maximum(window, garments[garment], out=window)
            labels[i, classes[garment]] = 1.0
    return canvases, labels
