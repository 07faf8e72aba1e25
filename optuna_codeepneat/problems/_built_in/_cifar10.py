"""CIFAR-10 (Krizhevsky 2009, Learning multiple layers of features from tiny images)."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat import training
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._choices import chosen_of
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
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


_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
_BATCHES = tuple(f"data_batch_{i}.bin" for i in range(1, 6))
_TEST = "test_batch.bin"
# NOTE: not the Python version, which is pickled: who opens a pickle runs what is in it.
_FILES = DataFiles(
    title="CIFAR-10",
    folders=("cifar-10-batches-bin",),
    needed=(*_BATCHES, _TEST),
    get="put the files *.bin of the binary version (cifar-10-binary.tar.gz, as the Python version "
    "is pickled, which is never opened here) of https://www.cs.toronto.edu/~kriz/cifar.html",
)

_SHAPE = (3, 32, 32)
_ROW_BYTES = 1 + 3 * 32 * 32
_MOST_TRAIN = 45_000
_N_VALIDATION = 5_000

# About what a minute's training of the search takes.
_CAPS = {
    "cpu": {"max_params": 100_000, "max_macs": 5_000_000},
    "gpu": {"max_params": 1_000_000, "max_macs": 40_000_000},
}

# Of the training images.
_MEAN, _STD = (0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)


def cifar10(*, train: int = _MOST_TRAIN, preset: str = "conv2d", recipe: str = "cpu") -> Problem:
    """CIFAR-10: accuracy against the number of parameters.

    Args:
        train:
            How many of the 50,000 training images train networks; 5,000 others are for
            validation.
        preset:
            The search space: ``"conv2d"``, or ``"cifar10"`` with SGD for what CoDeepNEAT searched
            (Miikkulainen et al. 2017).
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    train = whole("train", train, 1_000, _MOST_TRAIN)
    published = one_of("preset", preset, ("conv2d", "cifar10")) == "cifar10"
    search, final = _recipes(one_of("recipe", recipe, RECIPES), train, published)
    return Problem(
        name="cifar10",
        title="CIFAR-10",
        make_space=_published_space if published else partial(_small_space, **_CAPS[recipe]),
        load_splits=partial(_load, train),
        objectives={"accuracy": "maximize", "num_params": "minimize"},
        search_recipe=search,
        final_recipe=final,
        # Four pixels of 32, as is usual.
        augmentation=Augmentation(flip=True, shift=0.125),
        hyperparameters=(
            {
                # Miikkulainen et al. 2017, table 1.
                "learning_rate": FloatDistribution(1e-4, 0.1, log=True),
                "momentum": FloatDistribution(0.68, 0.99),
            }
            if published
            else {
                "learning_rate": FloatDistribution(2e-3, 4e-2, log=True),
                "weight_decay": FloatDistribution(1e-3, 0.3, log=True),
            }
        ),
        final_hyperparameters=("learning_rate", "momentum") if published else (),
        references=(
            # With augmented images, which is not done here.
            Reference(name="CoDeepNEAT", score=0.927, source="Miikkulainen et al. 2017"),
            Reference(
                name="LEMONADE, small",
                num_params=500_000,
                score=0.9543,
                source="Elsken et al. 2019",
            ),
            Reference(
                name="LEMONADE, large",
                num_params=13_100_000,
                score=0.9742,
                source="Elsken et al. 2019",
            ),
        ),
        make_preprocessing=lambda: Preprocessing(
            reader=_READER, target=ClassTarget(classes=_CLASSES)
        ),
    )


_READER = ImageReader(size=_SHAPE[1:], mode="RGB", mean=_MEAN, std=_STD)


def _small_space(**caps: int) -> SearchSpace:
    return SearchSpace.conv2d(input_shape=_SHAPE, num_outputs=len(_CLASSES), **caps)


def _published_space() -> SearchSpace:
    # The recipe has the hyperparameters.
    return SearchSpace.cifar10(input_shape=_SHAPE, num_outputs=len(_CLASSES), hyperparameters={})


def _recipes(recipe: str, n_train: int, published: bool) -> tuple[Recipe, Recipe]:
    """For the search and for the end."""
    # Eight passes: those of Miikkulainen et al. 2017.
    passes, batch_size = (3, 100) if recipe == "cpu" else (8, 250)
    search = Recipe(
        steps=search_steps(recipe, n_train, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        weight_decay=0.05,
        precision="float32" if recipe == "cpu" else "bfloat16",
    )
    if published:
        search = search.replace(optimizer="sgd", weight_decay=0.0)
    return search, search.replace(steps=8 * search.steps)


def _load(n_train: int) -> Splits:
    folder = _FILES.find()
    read = [_read(folder / name) for name in _BATCHES]
    images = np.concatenate([images for images, _ in read])
    labels = np.concatenate([labels for _, labels in read])
    chosen = chosen_of(labels, n_train + _N_VALIDATION)
    images, labels = images[chosen], labels[chosen]
    train, validation = stratified_split(labels, n_validation=_N_VALIDATION)
    return Splits(
        train=_examples(images[train], labels[train]),
        validation=_examples(images[validation], labels[validation]),
        test=_examples(*_read(folder / _TEST)),
    )


def _examples(images: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> training.Examples:
    return _READER.examples(images, labels)


def _read(path: Path) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Images ``(images, 3, 32, 32)``, bytes, and their classes: each row is a class and pixels."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{str(path)!r} can't be read: {error.strerror or error}.") from None
    if not content or len(content) % _ROW_BYTES:
        raise DataError(
            f"{str(path)!r} is damaged: its size must be a multiple of {_ROW_BYTES:,} bytes, one "
            f"for each image, and is {len(content):,}."
        )
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, _ROW_BYTES)
    labels = rows[:, 0].astype(np.int64)
    if labels.max() >= len(_CLASSES):
        raise DataError(
            f"{str(path)!r} is damaged: image {int(labels.argmax())} is of the class "
            f"{int(labels.max())}, and there are {len(_CLASSES)}."
        )
    return rows[:, 1:].reshape(-1, *_SHAPE), labels
