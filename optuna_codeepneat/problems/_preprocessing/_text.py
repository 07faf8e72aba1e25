"""`TextReader`: words, characters or byte pairs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any
from typing import ClassVar
from typing import Literal
from typing import get_args

import numpy as np

from optuna_codeepneat._scalars import whole
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._preprocessing._byte_pairs import Merges
from optuna_codeepneat.problems._preprocessing._byte_pairs import learnt_pieces
from optuna_codeepneat.problems._preprocessing._byte_pairs import piece_finder


if TYPE_CHECKING:
    from tokenizers import Tokenizer

Unit = Literal["words", "characters", "byte_pairs"]

_UNKNOWN = 1
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, kw_only=True)
class TextReader:
    """Reads texts: tokens stand for their parts, 0 behind the end, 1 where a part is unknown.

    Args:
        unit:
            Of what a token stands for.
        vocabulary:
            What the tokens from 2 on stand for, in lower case.
        merges:
            Of byte pairs, which of them become one.
        length:
            How many tokens a network reads; what is longer is cut off.
        name:
            Of the column that texts come from, None where it has none.
    """

    kind: ClassVar[str] = "text"
    padding_index: ClassVar[int] = 0
    first: ClassVar[int] = 2
    """The token of the first word of the vocabulary."""

    unit: Unit
    vocabulary: tuple[str, ...]
    length: int
    merges: Merges = ()
    name: str | None = None

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            known = ", ".join(map(repr, get_args(Unit)))
            raise ValueError(f"`unit` must be one of {known}, got {self.unit!r}.")
        if not self.vocabulary or len(set(self.vocabulary)) < len(self.vocabulary):
            raise ValueError("`vocabulary` must hold each word once, and at least one.")
        whole("length", self.length, 1)
        known_parts = set(self.vocabulary) if self.merges else set()
        for pair in self.merges:
            if not known_parts.issuperset((*pair, "".join(pair))):
                raise ValueError(f"`merges` must be of the vocabulary, got {pair!r}.")

    @classmethod
    def fitted(
        cls,
        train: Sequence[str],
        *,
        unit: Unit,
        most_words: int,
        length: int,
        name: str | None = None,
    ) -> TextReader:
        """The reader that knows the most frequent words of these texts.

        Raises:
            ImportError: If the package tokenizers is missing, for byte pairs.
        """
        if unit == "byte_pairs":
            pieces, merges = learnt_pieces((text.lower() for text in train), most_words)
            return cls(unit=unit, vocabulary=pieces, merges=merges, length=length, name=name)
        counts = Counter(token for text in train for token in tokens_of(text, unit))
        # Ties in the order of the alphabet, so that no order of the texts matters.
        frequent = sorted(counts, key=lambda token: (-counts[token], token))[:most_words]
        return cls(unit=unit, vocabulary=tuple(frequent), length=length, name=name)

    @property
    def vocab_size(self) -> int:
        """How many tokens there are."""
        return self.first + len(self.vocabulary)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of what a network reads."""
        return (self.length,)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {token: number for number, token in enumerate(self.vocabulary, start=self.first)}

    @cached_property
    def _pieces(self) -> Tokenizer:
        return piece_finder(self.vocabulary, self.merges, unknown=_UNKNOWN, first=self.first)

    def tokens(self, text: str) -> list[int]:
        """All tokens of a text, however long."""
        if self.unit == "byte_pairs":
            return self._pieces.encode(text.lower()).ids
        return [self._numbers.get(part, _UNKNOWN) for part in tokens_of(text, self.unit)]

    def read(self, raw: Any) -> np.ndarray[Any, Any]:
        """What a network reads of a list of texts, ``(texts, length)``, int64.

        Raises:
            DataError: If it is something else.
        """
        if isinstance(raw, str) or not isinstance(raw, Iterable):
            raise DataError(f"texts must be a list of strings, got {type(raw).__name__}.")
        texts = list(raw)
        tokens = np.full((len(texts), self.length), self.padding_index, dtype=np.int64)
        for i, text in enumerate(texts):
            if not isinstance(text, str):
                raise DataError(f"text {i} must be a string, got {text!r}.")
            found = self.tokens(text)[: self.length]
            tokens[i, : len(found)] = found
        return tokens

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""
        value = {
            "kind": self.kind,
            "unit": self.unit,
            "vocabulary": list(self.vocabulary),
            "length": self.length,
            "name": self.name,
        }
        return value | {"merges": list(map(list, self.merges))} if self.merges else value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TextReader:
        """The reader that `to_json` described."""
        return cls(
            unit=value["unit"],
            vocabulary=tuple(value["vocabulary"]),
            length=value["length"],
            merges=tuple((first, second) for first, second in value.get("merges", ())),
            name=value["name"],
        )


def tokens_of(text: str, unit: Literal["words", "characters"]) -> list[str]:
    """The words and signs of a text, or its characters, in lower case."""
    lowered = text.lower()
    return list(lowered) if unit == "characters" else _WORD.findall(lowered)
