"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747): garments of ten kinds."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat import training
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._choices import chosen_of
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._idx import read_idx
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._built_in._recipes import search_steps
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._reference import Reference
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.problems._splits import stratified_split
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


GARMENTS = (
    "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
)  # fmt: skip
"""The classes by their numbers."""

FILES = DataFiles(
    title="Fashion-MNIST",
    folders=("fashion-mnist", "FashionMNIST/raw", "/usr/share/datasets/fashion-mnist"),
    needed=tuple(
        f"{part}-{what}*"
        for part in ("train", "t10k")
        for what in ("images-idx3-ubyte", "labels-idx1-ubyte")
    ),
    get="install Debian's package dataset-fashion-mnist, or put the four files *-ubyte.gz of "
    "https://github.com/zalandoresearch/fashion-mnist",
)

_SIDE = 28
_MOST_TRAIN = 50_000
# About those of the training images.
_MEAN, _STD = 0.286, 0.33
# So few are seen so often that networks know them by heart, unless they are mirrored now and then.
_FEW = 10_000
_PASSES_TO_MIRROR = 40

# Larger ones take half a minute and more on one core for a search of 5,000 images.
_CAPS = {
    14: {"max_params": 30_000, "max_macs": 2_000_000},
    28: {"max_params": 100_000, "max_macs": 4_000_000},
}
_PUBLISHED = "Xiao et al. 2017"
_PAGE = "github.com/zalandoresearch/fashion-mnist"


_REFERENCES = (
    Reference(name="logistic regression", num_params=7_850, score=0.842, source=_PUBLISHED),
    Reference(name="random forest", score=0.873, source=_PUBLISHED),
    Reference(name="support vector machine", score=0.897, source=_PUBLISHED),
    Reference(name="human", score=0.835, source=_PAGE),
    Reference(name="fully connected", score=0.900, source=_PAGE),
    Reference(name="2 convolutions", num_params=113_000, score=0.922, source=_PAGE),
    Reference(name="DenseNet-BC", num_params=768_000, score=0.954, source=_PAGE),
    Reference(name="WRN-40-4", num_params=8_900_000, score=0.967, source=_PAGE),
)
"""Of 28 x 28 pixels and all training images."""


def fashion_mnist(*, size: int = 28, train: int = _MOST_TRAIN, recipe: str = "cpu") -> Problem:
    """Fashion-MNIST: accuracy against the number of parameters.

    Args:
        size:
            Height and width of the images: 28 as published, 14 for means of 2 x 2 pixels.
        train:
            How many of the 60,000 training images train networks; a fifth as many, but at least
            2,000, of the others are for validation.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    caps = _CAPS[one_of("size", size, _CAPS)]
    train = whole("train", train, 1_000, _MOST_TRAIN)
    search, final = _recipes(one_of("recipe", recipe, RECIPES), train)
    return Problem(
        name="fashion_mnist",
        title="Fashion-MNIST",
        make_space=lambda: SearchSpace.conv2d(input_shape=(1, size, size), num_outputs=10, **caps),
        load_splits=partial(_load, size, train),
        objectives={"accuracy": "maximize", "num_params": "minimize"},
        search_recipe=search,
        final_recipe=final,
        # A pixel of 14 is a lot: networks lose 3 % by it, see docs/trained_networks.md.
        augmentation=Augmentation(flip=True, shift=0.05 if size == _SIDE else 0.0),
        hyperparameters={
            "learning_rate": FloatDistribution(3e-3, 3e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.3, log=True),
        },
        # Fewer pixels or images are another problem.
        references=_REFERENCES if (size, train) == (_SIDE, _MOST_TRAIN) else (),
        make_preprocessing=lambda: Preprocessing(
            reader=ImageReader(
                size=(size, size), mode="L", mean=(_MEAN,), std=(_STD,), resampling="box"
            ),
            target=ClassTarget(classes=GARMENTS),
        ),
    )


def images_of(part: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The images ``(images, 28, 28)``, bytes, and the classes of ``"train"`` or ``"t10k"``.

    Raises:
        DataError: If the files are not here, or damaged.
    """
    folder = FILES.find()
    images = read_idx(folder, f"{part}-images-idx3-ubyte")
    labels = read_idx(folder, f"{part}-labels-idx1-ubyte").astype(np.int64)
    fits = images.shape[1:] == (_SIDE, _SIDE) and labels.shape == images.shape[:1]
    if not fits or int(labels.max(initial=0)) >= len(GARMENTS):
        raise DataError(
            f"the files {part}-* in {str(folder)!r} hold something else than Fashion-MNIST: "
            f"images {images.shape} and labels {labels.shape} up to {labels.max(initial=0)}."
        )
    return images, labels


def _recipes(recipe: str, n_train: int) -> tuple[Recipe, Recipe]:
    """For the search and for the end."""
    passes, batch_size = (3, 50) if recipe == "cpu" else (8, 250)
    search = Recipe(
        steps=search_steps(recipe, n_train, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        weight_decay=0.01,
        precision="float32" if recipe == "cpu" else "bfloat16",
    )
    # By benchmarks/final_training.py, see docs/trained_networks.md.
    final = search.replace(
        steps=(20 if n_train <= _FEW else 10) * search.steps,
        weight_decay=0.05,
        label_smoothing=0.1,
    )
    if final.steps * final.batch_size >= _PASSES_TO_MIRROR * n_train:
        final = final.replace(augmentation=Augmentation(flip=True))
    return search, final


def _load(size: int, n_train: int) -> Splits:
    images, labels = images_of("train")
    n_validation = max(2_000, n_train // 5)
    chosen = chosen_of(labels, n_train + n_validation)
    images, labels = images[chosen], labels[chosen]
    train, validation = stratified_split(labels, n_validation=n_validation)
    examples = training.Examples.from_arrays(_scaled(images, size), labels)
    test_images, test_labels = images_of("t10k")
    return Splits(
        train=examples.take(train.tolist()),
        validation=examples.take(validation.tolist()),
        test=training.Examples.from_arrays(_scaled(test_images, size), test_labels),
    )


def _scaled(images: np.ndarray[Any, Any], size: int) -> np.ndarray[Any, Any]:
    """What networks read, ``(images, 1, size, size)``: means of pixels, about standardised."""
    n = _SIDE // size
    boxes = images.reshape(-1, 1, size, n, size, n)
    pooled = boxes.mean(axis=(3, 5), dtype=np.float32)
    return np.asarray((pooled / 255.0 - _MEAN) / _STD)
