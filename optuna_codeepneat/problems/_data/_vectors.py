"""Vectors of words, as fastText, word2vec and GloVe write them in text."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import numpy as np

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._cache import cached_arrays


if TYPE_CHECKING:
    from torch import nn

_SUFFIXES = (".vec", ".txt", ".vec.gz", ".txt.gz")


@dataclass(frozen=True, kw_only=True, eq=False)
class WordVectors:
    """What an embedding begins with; as any of its weights they are trained.

    So descendants inherit what training made of them, and an exported network has no need of the
    file. They are scaled to the variance 1, that of the vectors of other words.

    Args:
        tokens:
            Of the words that have a vector, ``(words,)``.
        vectors:
            Theirs, ``(words, width)``.
    """

    tokens: np.ndarray[Any, Any]
    vectors: np.ndarray[Any, Any]

    @classmethod
    def read(cls, path: Path, words: Sequence[str], first: int) -> WordVectors:
        """The vectors of these words, of which the first is the token `first`.

        A file that begins with two numbers, as those of fastText and word2vec do, says how many
        vectors it has, and their width. Words of it that are written otherwise, such as with
        capitals, count where no vector is of the word as it is.

        Raises:
            DataError: If the file can't be read, a vector is damaged, or none of these is there.
        """
        if not path.name.lower().endswith(_SUFFIXES):
            raise DataError(
                f"{str(path)!r} is no file of vectors that is read: it must be text, "
                f"{', '.join(_SUFFIXES)}."
            )
        try:
            status = path.stat()
            version = [str(path.absolute()), status.st_size, status.st_mtime_ns, list(words)]
            arrays = cached_arrays(
                f"vectors-1-{content_hash(version, 16)}", partial(_found, path, words)
            )
        except (OSError, EOFError) as error:
            raise DataError(f"{str(path)!r} can't be read: {error}.") from None
        if not len(arrays["words"]):
            raise DataError(f"{str(path)!r} has a vector of none of the {len(words):,} words.")
        return cls(tokens=first + arrays["words"], vectors=arrays["vectors"])

    @property
    def width(self) -> int:
        """How many numbers a vector has."""
        return int(self.vectors.shape[1])

    def __call__(self, network: nn.Module) -> None:
        """Gives the embedding of a network its first weights."""
        import torch

        scale = float(np.sqrt(np.mean(np.square(self.vectors, dtype=np.float64)))) or 1.0
        embedding: Any = network.get_submodule("parts.input")
        with torch.no_grad():
            weight = embedding.weight
            vectors = torch.from_numpy(self.vectors / scale).to(weight)
            weight[torch.from_numpy(self.tokens).to(weight.device)] = vectors


def _found(path: Path, words: Sequence[str]) -> dict[str, Any]:
    """The numbers of the words that have a vector, and these."""
    wanted = {word: number for number, word in enumerate(words)}
    exact: dict[int, np.ndarray[Any, Any]] = {}
    similar: dict[int, np.ndarray[Any, Any]] = {}
    width = 0
    with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
        for line, content in enumerate(file, start=1):
            parts = content.decode("utf-8", "replace").split()
            if line == 1:
                if len(parts) == 2 and all(part.isdecimal() for part in parts):
                    width = int(parts[1])
                    continue
                width = max(0, len(parts) - 1)
            # A few of GloVe's words have spaces.
            n_word = max(1, len(parts) - width)
            word = " ".join(parts[:n_word])
            known, number = exact, wanted.get(word)
            if number is None:
                known, number = similar, wanted.get(word.lower())
            if number is not None and number not in known:
                known[number] = _vector(parts[n_word:], width, f"line {line} of {str(path)!r}")
    found = {**similar, **exact}
    numbers = sorted(found)
    vectors = np.array([found[number] for number in numbers], dtype=np.float32)
    return {
        "words": np.array(numbers, dtype=np.int64),
        "vectors": vectors.reshape(len(numbers), width),
    }


def _vector(parts: Sequence[str], width: int, where: str) -> np.ndarray[Any, Any]:
    try:
        vector = np.array(parts, dtype=np.float32)
        if len(vector) == width > 0 and np.isfinite(vector).all():
            return vector
    except ValueError:  # no numbers
        pass
    raise DataError(f"{where} must hold a word and {width or 'its'} finite numbers.")
