"""NIH ChestX-ray14 (Wang et al. 2017, arXiv:1705.02315): fourteen diseases on X-rays."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat import training
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._auroc import auroc
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._built_in._recipes import search_steps
from optuna_codeepneat.problems._data import by_groups
from optuna_codeepneat.problems._data import label_entropy
from optuna_codeepneat.problems._decoded import decoded_images
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._reference import Reference
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_DISEASES = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural_Thickening",
    "Hernia",
)
_NONE = "No Finding"
_TABLE = "Data_Entry_2017*.csv"
_IMAGE, _FOUND, _PATIENT = "Image Index", "Finding Labels", "Patient ID"
_FILES = DataFiles(
    title="ChestX-ray14",
    folders=("chest-xray14",),
    needed=(_TABLE, "images*"),
    get="put Data_Entry_2017.csv and the folders images* of "
    "https://nihcc.app.box.com/v/ChestXray-NIHCC, unpacked",
)

_ALL = 112_120
_VALIDATION, _TEST = 0.1, 0.2
"""Shares of the patients, as in LEAF (Liang et al. 2019, section 4.2)."""

# ImageNet's, as in LEAF, over its three channels: X-rays are grey.
_MEAN, _STD = 0.449, 0.226

# About what a minute's training of the search takes on a CPU; more on a GPU.
_CAPS = {
    "cpu": lambda pixels: {"max_params": 200_000, "max_macs": 1_200 * pixels},
    "gpu": lambda pixels: {"max_params": 2_000_000, "max_macs": 10_000 * pixels},
}

_LEAF = "Liang et al. 2019"


def chest_xray(
    *, size: int = 64, images: int = _ALL, preset: str = "conv2d", recipe: str = "cpu"
) -> Problem:
    """ChestX-ray14: mean AUROC of fourteen diseases against the number of parameters.

    70 % of the images train networks, 10 % are for validation and 20 % for the test; those of a
    patient are in one part.

    Args:
        size:
            Height and width that images are brought to: 32 to 512; published results have 224.
            They are decoded once and kept in a file of the cache folder, a byte a pixel.
        images:
            How many images at most, of patients chosen by chance.
        preset:
            The search space: ``"conv2d"``, or ``"chest_xray"`` for what LEAF searched.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    size = whole("size", size, 32, 512)
    images = whole("images", images, 1_000, _ALL)
    published = one_of("preset", preset, ("conv2d", "chest_xray")) == "chest_xray"
    search, final = _recipes(one_of("recipe", recipe, RECIPES), images)
    reader = ImageReader(size=(size, size), mode="L", mean=(_MEAN,), std=(_STD,))
    make_space = partial(
        SearchSpace.chest_xray if published else SearchSpace.conv2d,
        input_shape=reader.input_shape,
        num_outputs=len(_DISEASES),
        **({} if published else {**_CAPS[recipe](size * size), "min_pooling": 2}),
    )
    return Problem(
        name="chest_xray",
        title="ChestX-ray14",
        make_space=make_space,
        load_splits=partial(_load, reader, images),
        objectives={"auroc": "maximize", "num_params": "minimize"},
        metric=auroc,
        loss=label_entropy,
        search_recipe=search,
        final_recipe=final,
        # LEAF (Liang et al. 2019) has flips, translations and rotations.
        augmentation=Augmentation(flip=True, shift=0.05, rotate=7.0),
        hyperparameters={
            "learning_rate": FloatDistribution(1e-3, 2e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.3, log=True),
        },
        references=(
            # Of 224 x 224 pixels.
            Reference(name="Wang et al.", score=0.738, source=f"by {_LEAF}"),
            Reference(name="Google AutoML", score=0.797, source=f"by {_LEAF}"),
            Reference(name="LEAF", score=0.843, source=_LEAF),
            Reference(name="CheXNet", score=0.844, source="Rajpurkar et al. 2017"),
        ),
        make_preprocessing=lambda: Preprocessing(
            reader=reader, target=LabelTarget(labels=_DISEASES)
        ),
    )


def _recipes(recipe: str, n_images: int) -> tuple[Recipe, Recipe]:
    """For the search and for the end; LEAF trains for eight passes."""
    n_train = round((1.0 - _VALIDATION - _TEST) * n_images)
    passes, batch_size = (2, 50) if recipe == "cpu" else (8, 128)
    search = Recipe(
        steps=search_steps(recipe, n_train, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        learning_rate=5e-3,
        weight_decay=0.05,
        precision="float32" if recipe == "cpu" else "bfloat16",
    )
    return search, search.replace(steps=4 * search.steps)


def _load(reader: ImageReader, n_images: int) -> Splits:
    folder = _FILES.find()
    names, labels, patients = _entries(sorted(folder.glob(_TABLE))[-1])
    chosen = _some_patients(patients, n_images)
    names, labels = [names[i] for i in chosen], labels[chosen]
    decoded = decoded_images(_paths(folder, names), reader.size, reader.mode)
    if decoded.why_not_kept is not None:
        warnings.warn(
            "the images of ChestX-ray14 are decoded each time, as they can't be kept: "
            f"{decoded.why_not_kept}.",
            stacklevel=2,
        )
    split = by_groups(
        [patients[i] for i in chosen],
        np.minimum(labels.sum(1).astype(int), 2),
        validation=_VALIDATION,
        test=_TEST,
        seed=0,
        place=lambda i: f"image {names[i]!r}",
    )

    def examples(part: np.ndarray[Any, Any]) -> training.Examples:
        return reader.examples(decoded.pixels, labels[part], part)

    return Splits(
        train=examples(split.train),
        validation=examples(split.validation),
        test=examples(split.test),
    )


def _entries(table: Path) -> tuple[list[str], np.ndarray[Any, Any], list[str]]:
    """Names of images, their diseases ``(images, 14)``, 0 or 1, and their patients."""
    names, patients, found = [], [], []
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            missing = {_IMAGE, _FOUND, _PATIENT} - set(rows.fieldnames or ())
            if missing:
                raise DataError(f"{str(table)!r} has no column {min(missing)!r}.")
            for number, row in enumerate(rows, start=2):
                said = (row[_FOUND] or "").split("|")
                unknown = [one for one in said if one not in (*_DISEASES, _NONE)]
                if unknown:
                    raise DataError(
                        f"row {number} of {str(table)!r} names the finding {unknown[0]!r}, which "
                        "is none of the fourteen."
                    )
                names.append(row[_IMAGE])
                patients.append(row[_PATIENT])
                found.append([float(disease in said) for disease in _DISEASES])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{str(table)!r} can't be read: {error}.") from None
    if not names:
        raise DataError(f"{str(table)!r} holds no images.")
    return names, np.array(found, dtype=np.float32), patients


def _some_patients(patients: Sequence[str], n_images: int) -> list[int]:
    """The images of as many patients as have no more than so many."""
    if len(patients) <= n_images:
        return list(range(len(patients)))
    images_of: dict[str, list[int]] = {}
    for i, patient in enumerate(patients):
        images_of.setdefault(patient, []).append(i)
    known = sorted(images_of)
    chosen: list[int] = []
    for i in np.random.Generator(np.random.PCG64(0)).permutation(len(known)):
        own = images_of[known[i]]
        if len(chosen) + len(own) > n_images:
            break
        chosen += own
    return sorted(chosen)


def _paths(folder: Path, names: Sequence[str]) -> list[Any]:
    """Where images are: ``images_001/images/`` and so on, as they are unpacked."""
    found = {path.name: path for path in folder.glob("images*/**/*.png")}
    lost = [name for name in names if name not in found]
    if lost:
        raise DataError(
            f"{len(lost):,} of {len(names):,} images that {_TABLE} names are in no folder images* "
            f"of {str(folder)!r}, such as {lost[0]!r}."
        )
    return [found[name] for name in names]
