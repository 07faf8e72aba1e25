"""Wikipedia Detox (Wulczyn, Thain and Dixon 2017, arXiv:1610.08914): toxic comments."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from optuna.distributions import FloatDistribution

from optuna_codeepneat._scalars import whole
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._built_in._recipes import search_steps
from optuna_codeepneat.problems._built_in._word_data import Texts
from optuna_codeepneat.problems._built_in._word_data import WordData
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_CLASSES = ("fine", "toxic")
_COMMENTS = "toxicity_annotated_comments.tsv"
_JUDGEMENTS = "toxicity_annotations.tsv"
_FILES = DataFiles(
    title="Wikipedia Detox",
    folders=("wikidetox",),
    needed=(_COMMENTS, _JUDGEMENTS),
    get=f"put {_COMMENTS} and {_JUDGEMENTS} of https://doi.org/10.6084/m9.figshare.4563973",
)
_PARTS = ("train", "dev", "test")
_MARKS = ("NEWLINE_TOKEN", "TAB_TOKEN")
"""What stands for line feeds and tabs in the comments."""

_ALL = 95_692
"""Training comments as published; 32,128 are for validation and 31,866 for the test."""
_MOST_WORDS = 10_000
_EMBEDDING = 16


def wikidetox(
    *,
    length: int = 128,
    train: int = _ALL,
    preset: str = "sequence",
    recipe: str = "cpu",
) -> Problem:
    """Comments that most judges call toxic: accuracy against the number of parameters.

    The published split. Every tenth comment is toxic, so that a network has to beat 90 %.

    Args:
        length:
            How many words of a comment networks read, 32 to 1000.
        train:
            How many training comments at most.
        preset:
            The search space: ``"sequence"``, or ``"wikidetox"`` for what LEAF searched.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    length = whole("length", length, 32, 1_000)
    train = whole("train", train, 100, _ALL)
    published = one_of("preset", preset, ("sequence", "wikidetox")) == "wikidetox"
    # LEAF trains for three passes.
    passes, batch_size = {"cpu": (1, 100), "gpu": (3, 250)}[one_of("recipe", recipe, RECIPES)]
    search = Recipe(
        steps=search_steps(recipe, train, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        learning_rate=5e-3,
        weight_decay=0.05,
        # Recurrent layers have sudden steep slopes.
        gradient_clip=1.0,
    )
    data = WordData(partial(_read, train), classes=_CLASSES, most_words=_MOST_WORDS, length=length)
    return Problem(
        name="wikidetox",
        title="Wikipedia Detox",
        make_space=partial(
            SearchSpace.wikidetox if published else SearchSpace.sequence,
            input_shape=(_EMBEDDING, length),
            vocab_size=data.vocab_size,
            padding_index=data.padding_index,
            num_outputs=len(_CLASSES),
            # Beyond this a network takes minutes on one core.
            **({} if published else {"max_macs": 30_000 * length}),
        ),
        load_splits=data.splits,
        objectives={"accuracy": "maximize", "num_params": "minimize"},
        search_recipe=search,
        final_recipe=search.replace(steps=3 * search.steps),
        augmentation=Augmentation(drop=0.1),
        hyperparameters={
            "learning_rate": FloatDistribution(1e-3, 2e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.5, log=True),
        },
        make_preprocessing=data.preprocessing,
    )


def _read(n_train: int) -> tuple[Texts, Texts, Texts]:
    folder = _FILES.find()
    is_toxic = _majorities(folder / _JUDGEMENTS)
    texts: dict[str, list[str]] = {part: [] for part in _PARTS}
    classes: dict[str, list[int]] = {part: [] for part in _PARTS}
    path = folder / _COMMENTS
    with _rows(path, ("rev_id", "comment", "split")) as rows:
        for number, row in enumerate(rows, start=2):
            part, comment = row["split"], row["comment"] or ""
            if part not in _PARTS:
                raise DataError(
                    f"row {number} of {str(path)!r} is in the part {part!r}; it must be one of "
                    f"{', '.join(_PARTS)}."
                )
            if row["rev_id"] not in is_toxic:
                raise DataError(
                    f"row {number} of {str(path)!r} has the `rev_id` {row['rev_id']!r}, which "
                    f"{_JUDGEMENTS} doesn't judge."
                )
            for mark in _MARKS:
                comment = comment.replace(mark, " ")
            if part != "train" or len(texts[part]) < n_train:
                texts[part].append(comment)
                classes[part].append(int(is_toxic[row["rev_id"]]))
    for part in _PARTS:
        if not texts[part]:
            raise DataError(f"{str(path)!r} has no comment in the part {part!r}.")
    train, validation, test = (Texts(texts[part], classes[part]) for part in _PARTS)
    return train, validation, test


def _majorities(path: Path) -> dict[str, bool]:
    """Whether more than half of the judges call a comment toxic, by its revision."""
    votes: dict[str, list[float]] = {}
    with _rows(path, ("rev_id", "toxicity")) as rows:
        for number, row in enumerate(rows, start=2):
            try:
                votes.setdefault(row["rev_id"], []).append(float(row["toxicity"]))
            except (TypeError, ValueError):
                raise DataError(
                    f"row {number} of {str(path)!r} has the toxicity {row['toxicity']!r}; it must "
                    "be 0 or 1."
                ) from None
    return {revision: sum(some) > 0.5 * len(some) for revision, some in votes.items()}


@contextmanager
def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[csv.DictReader[str]]:
    """The rows of a table with tabs that has these columns."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t")
            missing = [name for name in columns if name not in (rows.fieldnames or ())]
            if missing:
                raise DataError(f"{str(path)!r} has no column {missing[0]!r}.")
            yield rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{str(path)!r} can't be read: {error}.") from None
