"""Texts: how long they are, and whether words or characters are read."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._data._sources import Source
from optuna_codeepneat.problems._data._sources import examples_of
from optuna_codeepneat.problems._data._splitting import Indices
from optuna_codeepneat.problems._data._vectors import WordVectors
from optuna_codeepneat.problems._preprocessing import TextReader
from optuna_codeepneat.problems._preprocessing import Unit
from optuna_codeepneat.problems._preprocessing import tokens_of
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from optuna_codeepneat.training import Examples


_MOST_WORDS = 5_000
_MOST_LENGTH = 200
_LEAST_WORDS = 3
_EMBEDDING = 16
_LONG = 95
"""Percentile of the lengths: a few long texts needn't make all trainings longer."""


class TextSource(Source):
    """A list of texts.

    Args:
        texts:
            The texts.
        name:
            A short name for a problem about them.
        place:
            Names a text.
        path:
            The file that they come from, None where there is none.
        column:
            Where they come from, None where that has no name.
        length:
            How many tokens networks read; None to go by the texts.
        tokens:
            What a token stands for; None to go by the texts.
        vectors:
            A file of vectors of words, None for none.

    Raises:
        DataError: If one is no text, or empty.
    """

    def __init__(
        self,
        texts: Sequence[Any],
        *,
        name: str,
        place: Callable[[int], str],
        path: Path | None = None,
        column: str | None = None,
        length: int | None = None,
        tokens: Unit | None = None,
        vectors: Path | None = None,
    ) -> None:
        for i, text in enumerate(texts):
            if not isinstance(text, str) or not text.strip():
                raise DataError(f"{place(i)} has no text; fill it, or leave the example out.")
        self._texts = texts
        self._name = name
        self._what = name if path is None else str(path)
        self._place = place
        self._column = column
        self._length = length
        self._tokens: Unit | None = "words" if vectors is not None else tokens
        self._file = vectors
        self._vectors: WordVectors | None = None

    @property
    def name(self) -> str:
        """That of the file."""
        return self._name

    @property
    def in_words(self) -> str:
        """How many."""
        return f"{self._what}, {len(self._texts):,} texts"

    def place(self, example: int) -> str:
        """The row, or the line of the file."""
        return self._place(example)

    @property
    def preset(self) -> str:
        """That of embeddings, convolutions and recurrent layers."""
        return "sequence"

    def fit(self, train: Indices) -> tuple[TextReader, str]:
        """The reader that knows the words of the training examples; how many it reads."""
        texts = [self._texts[i] for i in train]
        reader = TextReader.fitted(
            texts,
            unit=self._tokens or _usual_unit(texts),
            most_words=_MOST_WORDS,
            length=self._length or _MOST_LENGTH,
            name=self._column,
        )
        lengths = np.array([len(reader.tokens(text)) for text in texts])
        if self._length is None:
            usual = int(np.percentile(lengths, _LONG, method="higher"))
            reader = replace(reader, length=min(max(usual, 2), _MOST_LENGTH))
        longer = float((lengths > reader.length).mean())
        known = f"of {len(reader.vocabulary):,} that are known"
        cut = f"; {longer:.1%} of them are longer and cut off" if longer else ""
        unit = reader.unit.replace("_", " ")
        begin = ""
        if self._file is not None:
            self._vectors = WordVectors.read(self._file, reader.vocabulary, reader.first)
            begin = f"; {len(self._vectors.tokens):,} of these begin with vectors of {self._file}"
        return reader, f"{reader.length} {unit} of each text, {known}{begin}{cut}"

    def initialize(self, space: SearchSpace) -> WordVectors | None:
        """What the embeddings of the networks of a space begin with, after `fit`."""
        if self._vectors is not None and self._vectors.width != space.input_shape[0]:
            raise ValueError(
                f"`space` must have {self._vectors.width} embedding channels, as many as the "
                f"vectors of {str(self._file)!r}, got {space.input_shape[0]}."
            )
        return self._vectors

    def examples(
        self, reader: TextReader, chosen: Indices, targets: np.ndarray[Any, Any]
    ) -> Examples:
        """Tokens ``(texts, length)``."""
        return examples_of(reader.read([self._texts[i] for i in chosen]), targets)

    def space(self, reader: TextReader, num_outputs: int) -> SearchSpace:
        """Embeddings, convolutions and recurrent layers."""
        return SearchSpace.sequence(
            input_shape=(
                _EMBEDDING if self._vectors is None else self._vectors.width,
                reader.length,
            ),
            num_outputs=num_outputs,
            vocab_size=reader.vocab_size,
            padding_index=reader.padding_index,
        )


def _usual_unit(texts: Sequence[str]) -> Unit:
    words = np.array([len(tokens_of(text, "words")) for text in texts])
    return "words" if float(np.median(words)) >= _LEAST_WORDS else "characters"
