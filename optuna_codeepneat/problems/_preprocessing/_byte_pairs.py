"""Byte pairs: pieces of words, merged from bytes (Sennrich et al. 2016; Radford et al. 2019).

The library `tokenizers` learns them and finds them in texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import TypeAlias

from optuna_codeepneat._lazy import needing


if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import BPE

Merges: TypeAlias = tuple[tuple[str, str], ...]
"""Which pieces become one, those that are merged first before others."""

_UNKNOWN = "\0"
"""The piece for bytes that were in no training text; the pieces of no text hold it."""


def learnt_pieces(texts: Iterable[str], most: int) -> tuple[tuple[str, ...], Merges]:
    """The pieces of these texts and their merges, at most so many pieces but all single bytes.

    Raises:
        ImportError: If the package tokenizers is missing.
    """
    with needing("reading byte pairs"):
        from tokenizers.models import BPE
        from tokenizers.trainers import BpeTrainer
    tokenizer = _tokenizer(BPE())
    trainer = BpeTrainer(vocab_size=most, min_frequency=2, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].__getitem__)
    return tuple(pieces), tuple((first, second) for first, second in model["merges"])


def piece_finder(pieces: Sequence[str], merges: Merges, *, unknown: int, first: int) -> Tokenizer:
    """What finds pieces in texts; the first one has the number `first`.

    Raises:
        ImportError: If the package tokenizers is missing.
    """
    with needing("reading byte pairs"):
        from tokenizers.models import BPE
    numbers = {piece: number for number, piece in enumerate(pieces, start=first)}
    model = BPE({**numbers, _UNKNOWN: unknown}, list(merges), unk_token=_UNKNOWN)
    return _tokenizer(model)


def _tokenizer(model: BPE) -> Tokenizer:
    from tokenizers import Tokenizer
    from tokenizers.pre_tokenizers import ByteLevel

    tokenizer = Tokenizer(model)
    # A word is the same in the middle of a text and at its beginning.
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True)
    return tokenizer
