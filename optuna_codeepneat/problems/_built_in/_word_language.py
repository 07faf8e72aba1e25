"""Which of eleven languages a single word is from, by the word lists of Debian."""

from __future__ import annotations

import unicodedata
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from optuna.distributions import FloatDistribution

from optuna_codeepneat import training
from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._choices import one_of
from optuna_codeepneat.problems._built_in._files import DataFiles
from optuna_codeepneat.problems._built_in._recipes import RECIPES
from optuna_codeepneat.problems._built_in._recipes import search_steps
from optuna_codeepneat.problems._cache import cached_arrays
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._preprocessing import TextReader
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.problems._splits import stratified_split
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_LISTS = {
    "Catalan": "catalan",
    "Danish": "danish",
    "Dutch": "dutch",
    "English": "american-english",
    "Esperanto": "esperanto",
    "French": "french",
    "German": "ngerman",
    "Italian": "italian",
    "Portuguese": "portuguese",
    "Spanish": "spanish",
    "Swedish": "swedish",
}
"""The classes, with the file of each."""

_FILES = DataFiles(
    title="the problem word_language",
    folders=("dict", "/usr/share/dict"),
    needed=tuple(_LISTS.values()),
    get="install Debian's packages wamerican wcatalan wdanish wdutch wesperanto wfrench witalian "
    "wngerman wportuguese wspanish wswedish, or put the lists with these names, one word a line",
)

# All letters of these lists; fixed, so that search spaces don't depend on their versions.
_LETTERS = "abcdefghijklmnopqrstuvwxyzßàáâãäåæçèéêëìíîïðñòóôõöøùúûüĉĝĥĵŝŭ"
_SHORTEST, _LONGEST = 4, 16
_EMBEDDING = 16
_TENTH = 10
"""A tenth of the words is for validation, and another for the test."""

_BATCH_SIZE = 100


def word_language(*, words: int = 3_000, recipe: str = "cpu") -> Problem:
    """Words of eleven languages: accuracy against the number of parameters.

    Words of 4 to 16 letters in lower case, none of which is in the lists of two languages; 80 %
    train networks, 10 % are for validation and 10 % for the test.

    Args:
        words:
            How many of each language.
        recipe:
            ``"cpu"`` for short trainings, ``"gpu"`` for longer ones in larger batches.

    Raises:
        ValueError: If an option is out of its bounds.
    """
    words = whole("words", words, 100, 40_000)
    search, final = _recipes(one_of("recipe", recipe, RECIPES), words)
    reader = TextReader(unit="characters", vocabulary=tuple(_LETTERS), length=_LONGEST)
    return Problem(
        name="word_language",
        title="Languages of words",
        make_space=lambda: SearchSpace.sequence(
            input_shape=(_EMBEDDING, _LONGEST),
            vocab_size=reader.vocab_size,
            padding_index=reader.padding_index,
            num_outputs=len(_LISTS),
            # Beyond these a network takes minutes on one core.
            max_params=50_000,
            max_macs=1_000_000,
        ),
        load_splits=partial(_load, words, reader),
        objectives={"accuracy": "maximize", "num_params": "minimize"},
        search_recipe=search,
        final_recipe=final,
        augmentation=Augmentation(drop=0.05),
        hyperparameters={
            "learning_rate": FloatDistribution(2e-3, 3e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.3, log=True),
        },
        make_preprocessing=lambda: Preprocessing(
            reader=reader, target=ClassTarget(classes=tuple(_LISTS))
        ),
    )


def _recipes(recipe: str, n_words: int) -> tuple[Recipe, Recipe]:
    """For the search and for the end."""
    n_train = n_words * len(_LISTS) * (_TENTH - 2) // _TENTH
    passes, batch_size = (3, _BATCH_SIZE) if recipe == "cpu" else (10, 5 * _BATCH_SIZE)
    search = Recipe(
        steps=search_steps(recipe, n_train, passes=passes, batch_size=batch_size),
        batch_size=batch_size,
        learning_rate=1e-2,
        weight_decay=0.05,
        # Recurrent layers have sudden steep slopes.
        gradient_clip=1.0,
    )
    return search, search.replace(steps=4 * search.steps)


def _load(n_words: int, reader: TextReader) -> Splits:
    folder = _FILES.find()
    paths = [folder / name for name in _LISTS.values()]
    # Other versions of the lists have other sizes.
    version = content_hash([n_words, *(path.stat().st_size for path in paths)], 12)
    arrays = cached_arrays(f"word_language-1-{version}", partial(_chosen, paths, n_words))
    inputs = reader.read(arrays["words"].tolist())
    labels = np.repeat(np.arange(len(_LISTS)), n_words)
    examples = training.Examples.from_arrays(inputs, labels, tokens=True)
    n_part = len(labels) // _TENTH
    others, test = stratified_split(labels, n_validation=n_part)
    train, validation = stratified_split(labels[others], n_validation=n_part)
    return Splits(
        train=examples.take(others[train].tolist()),
        validation=examples.take(others[validation].tolist()),
        test=examples.take(test.tolist()),
    )


def _chosen(paths: list[Path], n_words: int) -> dict[str, Any]:
    """The words of all languages, one language after the other."""
    lists = [_words_of(path) for path in paths]
    chosen: list[str] = []
    for path, words in zip(paths, lists, strict=True):
        others = [each for each in lists if each is not words]
        rng = np.random.Generator(np.random.PCG64(0))
        in_order = list(words)
        # A few of millions are looked at: most of them will do.
        shuffled = (in_order[i] for i in rng.permutation(len(in_order)))
        own = (word for word in shuffled if _fits(word) and not any(word in o for o in others))
        some = list(islice(own, n_words))
        if len(some) < n_words:
            raise DataError(
                f"{str(path)!r} has {len(some):,} words that are in no other list, and `words` "
                f"asks for {n_words:,}."
            )
        chosen += some
    return {"words": np.array(chosen)}


def _fits(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and word.isalpha()


def _words_of(path: Path) -> dict[str, None]:
    """The words of a list in lower case, in their order; there may be anything among them."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{str(path)!r} can't be read: {error.strerror or error}.") from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:  # some lists of Debian's are older
        text = content.decode("latin-1")
    return dict.fromkeys(unicodedata.normalize("NFC", text).lower().split())
