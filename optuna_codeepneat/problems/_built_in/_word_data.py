"""Texts of classes that are read as words; which words is learnt from those for training."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from optuna_codeepneat import training
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._preprocessing import TextReader
from optuna_codeepneat.problems._splits import Splits


@dataclass(frozen=True)
class Texts:
    """The texts of one part, with the numbers of their classes."""

    texts: Sequence[str]
    classes: Sequence[int]


class WordData:
    """The data of a problem of texts, read when they are first used.

    Args:
        read:
            Returns the texts for training, validation and test.
        classes:
            Names of the classes.
        most_words:
            How many words networks know.
        length:
            How many words of a text they read.
    """

    def __init__(
        self,
        read: Callable[[], tuple[Texts, Texts, Texts]],
        *,
        classes: Sequence[str],
        most_words: int,
        length: int,
    ) -> None:
        self._read = read
        self._target = ClassTarget(classes=tuple(classes))
        self._most_words = most_words
        self._length = length

    @property
    def vocab_size(self) -> int:
        """How many tokens there may be: known before the data are."""
        return TextReader(
            unit="words",
            vocabulary=tuple(map(str, range(self._most_words))),
            length=self._length,
        ).vocab_size

    @property
    def padding_index(self) -> int:
        """The token behind the end of a text."""
        return TextReader.padding_index

    @cached_property
    def _parts(self) -> tuple[Texts, Texts, Texts]:
        return self._read()

    @cached_property
    def _reader(self) -> TextReader:
        return TextReader.fitted(
            self._parts[0].texts,
            unit="words",
            most_words=self._most_words,
            length=self._length,
        )

    def preprocessing(self) -> Preprocessing:
        """How texts become tokens, and outputs classes."""
        return Preprocessing(reader=self._reader, target=self._target)

    def splits(self) -> Splits:
        """The examples."""
        train, validation, test = (
            training.Examples.from_arrays(
                self._reader.read(part.texts), np.asarray(part.classes), tokens=True
            )
            for part in self._parts
        )
        return Splits(train=train, validation=validation, test=test)
