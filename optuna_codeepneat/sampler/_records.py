"""What the evolution stores in trials: versioned canonical JSON, compressed to strings.

Strings, since Optuna reads nested values ten times slower; below 60,000 characters each, since
MySQL's TEXT ends at 65,535 bytes; never pickled.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._assembly import Network


FORMAT = 1
ASSIGNMENT = "codeepneat:assignment"
RECORD = "codeepneat:record"
STATE = "codeepneat:state"
_CHUNK = 60_000


def pack(value: Any) -> str:
    """A JSON-compatible value as one string without quotes or backslashes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return f"{FORMAT} " + base64.b85encode(zlib.compress(text.encode(), 6)).decode()


def unpack(text: Any, where: str) -> Any:
    """The value that `pack` packed.

    Raises:
        StoredStateError: If a newer version of the package wrote it, or it is damaged; `where`
            tells the user which entry.
    """
    version, _, payload = str(text).partition(" ")
    if version.isdigit() and int(version) > FORMAT:
        raise StoredStateError(
            f"{where} was written by a newer version of optuna-codeepneat (format {version}, "
            f"this version reads up to {FORMAT}); upgrade the package to go on with this study."
        )
    try:
        return json.loads(zlib.decompress(base64.b85decode(payload)))
    except (ValueError, zlib.error):
        raise StoredStateError(f"{where} is damaged and cannot be read.") from None


def pack_chunks(key: str, value: Any) -> dict[str, str]:
    """A large value as several attributes ``key:0``, ``key:1``, ..."""
    text = pack(value)
    pieces = [text[i : i + _CHUNK] for i in range(0, len(text), _CHUNK)]
    return {f"{key}:{i}": piece for i, piece in enumerate(pieces)}


def unpack_chunks(key: str, attrs: Mapping[str, Any], where: str) -> Any:
    """The value that `pack_chunks` packed, None if there is none."""
    pieces: list[str] = []
    while (name := f"{key}:{len(pieces)}") in attrs:
        pieces.append(str(attrs[name]))
    return unpack("".join(pieces), where) if pieces else None


@dataclass(frozen=True)
class Record:
    """What a generation is bred from: published once, on the first live trial of its window.

    Args:
        number:
            The trial that carries it.
        generation:
            The number of the generation, the window of trial numbers.
        parent:
            The trial that carries the record of the generation before, None for the first.
        evidence:
            Numbers of the finished trials that count, none of which counted before.
        digest:
            Content hash of the resulting state.
        root:
            For the first record: seed, settings and search space of the study.
    """

    number: int
    generation: int
    parent: int | None
    evidence: tuple[int, ...]
    digest: str
    root: Mapping[str, Any] | None = None

    def pack(self) -> str:
        """The record as a string; `unpack` is its inverse."""
        return pack(
            {
                "number": self.number,
                "generation": self.generation,
                "parent": self.parent,
                "evidence": _ranges(self.evidence),
                "digest": self.digest,
                "root": self.root,
            }
        )

    @classmethod
    def unpack(cls, text: Any, number: int) -> Record:
        """The record that a trial carries."""
        value = unpack(text, f"the generation record on trial {number}")
        evidence = tuple(n for low, high in value.pop("evidence") for n in range(low, high + 1))
        return cls(**value, evidence=evidence)


@dataclass(frozen=True)
class Assignment:
    """What a trial is to evaluate, as it carries it.

    Args:
        number:
            The trial's number when it was assigned; a retried trial keeps the old one.
        generation:
            The generation that it belongs to.
        record:
            The trial that carries the record it was bred from.
        signature:
            Content hash of the network, empty in hyperparameter-only mode.
        network:
            Blueprint and modules, with their markings.
    """

    number: int
    generation: int
    record: int
    signature: str
    network: Network

    def pack(self) -> str:
        """The assignment as a string, with the signature readable in front."""
        value = [self.number, self.generation, self.record, self.network.to_json()]
        return f"{self.signature or '-'} {pack(value)}"

    @classmethod
    def unpack(cls, text: Any, trial_number: int) -> Assignment:
        """The assignment that a trial carries."""
        signature, _, packed = str(text).partition(" ")
        where = f"the assignment of trial {trial_number}"
        number, generation, record, network = unpack(packed, where)
        read = Network.from_json(network)
        return cls(number, generation, record, "" if signature == "-" else signature, read)


def signature_of(text: Any) -> str:
    """The signature in front of a packed assignment, without unpacking the rest."""
    signature = str(text).partition(" ")[0]
    return "" if signature == "-" else signature


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Sorted numbers as closed ranges."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges
