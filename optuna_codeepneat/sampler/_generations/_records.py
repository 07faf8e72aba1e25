"""What the evolution stores in trials: versioned canonical JSON, compressed to strings.

Strings, since Optuna reads nested values ten times slower; in pieces below 60,000 characters,
since MySQL's TEXT ends at 65,535 bytes; never pickled. What is read of every trial stands
readable in front of the compressed part, so that nothing is unpacked before it is needed.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from typing import Any

from optuna.study import Study

from optuna_codeepneat import _optuna
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import TrialNumber


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


FORMAT = 1
ASSIGNMENT = "codeepneat:assignment"
RECORD = "codeepneat:record"
WAITED = "codeepneat:waited"
"""For how many seconds a trial waited for its place before it began."""

TOOK = "codeepneat:took"
"""For how many seconds a trial ran once it had its place, by a clock that nobody sets."""

UNNAMED = "CoDeepNEATSampler"
"""The sampler of a root that names none: once there was no other."""

_PIECE = 60_000
_MOST_PIECES = 200
_MOST_BYTES = 64 * 2**20
"""The most that a stored text may unpack to: a hundred times a large population."""
_NOTHING = "-"
_VERSION = re.compile("[0-9]{1,9}")
_INTEGER = re.compile("[0-9]{1,18}")


def pack(value: Any) -> str:
    """A JSON-compatible value as one string without spaces, quotes or backslashes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    # NOTE: base 85 would be 6 % shorter and costs twenty times as much in Python.
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def unpack(packed: str, where: str) -> Any:
    """The value that `pack` packed; DamagedStateError, at `where`, if it is damaged."""
    try:
        compressed = base64.b64decode(packed, validate=True)
        text = _decompressed(compressed)
        return json.loads(text)
    except (ValueError, zlib.error, RecursionError, MemoryError):
        raise damaged(where) from None


def damaged(where: str) -> DamagedStateError:
    """The error of something that is stored `where` and cannot be read."""
    return DamagedStateError(f"{where} is damaged and cannot be read.")


def _decompressed(compressed: bytes) -> bytes:
    """What was compressed; ValueError if it is more than anybody stored, without making it."""
    stream = zlib.decompressobj()
    text = stream.decompress(compressed, _MOST_BYTES)
    if not stream.eof:
        raise ValueError("cut off, or larger than anything that is stored")
    return text


def in_pieces(key: str, text: str) -> dict[str, str]:
    """A text as attributes `key`, ``key:1``, ``key:2``, ... in the order to write them.

    The first piece comes last: where it is, all others are. A full piece is continued by the
    next one, so the last is never full; a piece that a retried trial copied from a longer text
    is therefore never read.
    """
    if len(text) % _PIECE == 0:
        text += " "
    pieces = [text[i : i + _PIECE] for i in range(0, len(text), _PIECE)]
    named = {f"{key}:{i}" if i else key: piece for i, piece in enumerate(pieces)}
    return dict(reversed(named.items()))


def from_pieces(key: str, attrs: Mapping[str, Any]) -> str:
    """The text that `in_pieces` divided, as far as its pieces are there."""
    pieces = [str(attrs[key])]
    while (
        len(pieces[-1]) == _PIECE
        and len(pieces) < _MOST_PIECES
        and (more := f"{key}:{len(pieces)}") in attrs
    ):
        pieces.append(str(attrs[more]))
    return "".join(pieces).rstrip(" ")


def fields(text: Any, n: int, where: str) -> list[str]:
    """The `n` fields of a stored text after the number of its format.

    StoredStateError if they are damaged, or of a newer version of the package.
    """
    version, *values = str(text).split(" ", n + 1)
    if _VERSION.fullmatch(version) and int(version) > FORMAT:
        raise StoredStateError(
            f"{where} was written by a newer version of optuna-codeepneat (format {version}, "
            f"this version reads up to {FORMAT}); upgrade the package to go on with this study."
        )
    if version != str(FORMAT) or len(values) != n:
        raise damaged(where)
    return values


@dataclass(frozen=True)
class Record:
    """What a generation is bred from, published once on one of its trials."""

    number: int  # of the trial that carries it
    generation: int
    parent: int | None  # trial with the record before, None for the first
    evidence: tuple[int, ...]  # finished trials that count now and not before, in order
    digest: str  # content hash of the resulting state, packed below
    packed: str
    root: Mapping[str, Any] | None = None  # of the first: see `Root`

    @property
    def sampler(self) -> str:
        """The sampler that a first record is of."""
        return str((self.root or {}).get("sampler", UNNAMED))

    @property
    def state(self) -> Any:
        """The resulting state as JSON; DamagedStateError if it is damaged."""
        return unpack(self.packed, f"the state stored on trial {self.number}")

    def pack(self) -> str:
        """The record as a string; `unpack` is its inverse."""
        head = [self.number, self.generation, self.parent, _runs(self.evidence), self.root]
        return f"{FORMAT} {self.digest} {pack(head)} {self.packed}"

    @classmethod
    def unpack(cls, text: Any, number: int, n_trials: int) -> Record:
        """The record that a trial carries, see `fields`; no number in it may reach `n_trials`."""
        where = f"the generation record on trial {number}"
        digest, packed_head, packed = fields(text, 3, where)
        head = unpack(packed_head, where)
        if not isinstance(head, list) or len(head) != 5:
            raise damaged(where)
        own, generation, parent, runs, root = head
        numbers = [own, generation, *([] if parent is None else [parent])]
        if not all(_is_number(value, n_trials) for value in numbers):
            raise damaged(where)
        if (root is None) == (parent is None) or not (root is None or isinstance(root, dict)):
            raise damaged(where)
        evidence = _from_runs(runs, n_trials, where)
        return cls(own, generation, parent, evidence, digest, packed, root)


@dataclass(frozen=True)
class Assignment:
    """What a trial is to evaluate, as it carries it."""

    number: int  # when it was assigned; a retried trial keeps the old one
    generation: int
    place: int  # from 0
    record: int  # the trial that carries the record it was bred from
    signature: str  # content hash of the network, empty in hyperparameter-only mode
    key: str  # content hash of the network with all its genes
    params: str  # content hash of those of the architecture, empty as above
    packed: str  # blueprint and modules with their innovation ids, and their origin

    @property
    def network(self) -> NetworkGenome:
        """Blueprint and modules with their innovation ids; DamagedStateError if damaged."""
        return self._unpacked[0]

    @property
    def origin(self) -> Origin[TrialNumber]:
        """How the network came about; DamagedStateError if that is damaged."""
        return self._unpacked[1]

    @cached_property
    def _unpacked(self) -> tuple[NetworkGenome, Origin[TrialNumber]]:
        where = f"the assignment of trial {self.number}"
        value = unpack(self.packed, where)
        try:
            return NetworkGenome.from_json(value), Origin.from_json(value)
        except (TypeError, ValueError, LookupError, AttributeError):
            raise damaged(where) from None

    def pack(self) -> str:
        """The assignment as a string; `unpack` is its inverse."""
        hashes = (text or _NOTHING for text in (self.signature, self.key, self.params))
        numbers = (self.number, self.generation, self.place, self.record)
        return " ".join(map(str, (FORMAT, *numbers, *hashes, self.packed)))

    @classmethod
    def unpack(cls, text: Any, trial_number: int) -> Assignment:
        """The assignment that a trial carries, see `fields`; its network is unpacked later."""
        where = f"the assignment of trial {trial_number}"
        *head, packed = fields(text, 8, where)
        if not all(_INTEGER.fullmatch(text) for text in head[:4]):
            raise damaged(where)
        number, generation, place, record = map(int, head[:4])
        signature, key, params = ("" if text == _NOTHING else text for text in head[4:])
        return cls(number, generation, place, record, signature, key, params, packed)


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers as closed ranges of those that follow one another."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return runs


def _from_runs(runs: Any, n_trials: int, where: str) -> tuple[int, ...]:
    """The numbers that `_runs` wrote as ranges, each once and below `n_trials`."""
    numbers: list[int] = []
    try:
        for low, high in runs:
            if not (_is_number(low, n_trials) and _is_number(high, n_trials)):
                raise damaged(where)
            numbers.extend(range(low, high + 1))
            if len(numbers) > n_trials:
                raise damaged(where)
    except (TypeError, ValueError):
        raise damaged(where) from None
    return tuple(numbers)


def _is_number(value: Any, end: int) -> bool:
    """Whether this is a whole number from 0 to before `end`."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end


def set_text(study: Study, trial: FrozenTrial, key: str, text: str) -> None:
    """Stores a text as system attributes, invisible to users, in pieces that MySQL can hold."""
    for name, piece in in_pieces(key, text).items():
        _optuna.set_system_attr(study, trial, name, piece)
