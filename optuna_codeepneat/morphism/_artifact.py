"""How weights lie in an artifact store: safetensors, with the architecture that they belong to.

Never pickled: reading an artifact runs nothing that stands in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from optuna_codeepneat._text import cut
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.morphism._weights import load_weights
from optuna_codeepneat.morphism._weights import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.network import build_network
from optuna_codeepneat.search_space import Architecture


FORMAT = 1
_FORMAT_KEY = "codeepneat"
_NOTE = "note:"
_LONGEST_DESCRIPTION = 1 << 22
"""Characters of an architecture and its markings: no network that trains has a longer one."""
_MOST_STEPS = 10**15
_LENGTH_BYTES = 8
"""A safetensors file begins with the length of its header, little-endian."""


class UnusableWeightsError(Exception):
    """Saved weights cannot be inherited; the message completes "... because"."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained network."""

    architecture: Architecture
    weights: Mapping[str, Tensor]  # what `weights_of` returned; not to be changed
    line_steps: int  # those of ancestors included
    notes: Mapping[str, str] = field(default_factory=dict)  # what else is to be known of it

    def build(self) -> Network:
        """The network with these weights, which it shares with nobody."""
        network = _built(self.architecture)
        load_weights(network, self.weights)
        return network

    def to_bytes(self) -> bytes:
        """The artifact's content; `from_bytes` is its inverse."""
        metadata = {
            _FORMAT_KEY: str(FORMAT),
            "architecture": _json(self.architecture.to_json()),
            "markings": _json(
                {name: list(ids) for name, ids in self.architecture.innovation_ids.items()}
            ),
            "line_steps": str(self.line_steps),
            **{_NOTE + name: text for name, text in self.notes.items()},
        }
        return safetensors.torch.save(dict(self.weights), metadata)

    @classmethod
    def from_bytes(cls, content: bytes) -> Checkpoint:
        """What an artifact holds.

        UnusableWeightsError if it is no such artifact, or of a newer version of the package, or
        its weights are not those of its architecture as it is built here, or not finite. It takes
        no more memory than a few times the content's size.
        """
        # NOTE: `Exception`, since there is no telling what a foreign file makes a parser raise.
        try:
            weights = safetensors.torch.load(content)
            metadata = _metadata(content)
        except Exception as error:
            raise UnusableWeightsError(
                f"they are no safetensors ({cut(single_spaced(error), 200)})"
            ) from None
        version = metadata.get(_FORMAT_KEY)
        if version is None:
            raise UnusableWeightsError("they were not saved by optuna-codeepneat")
        if version != str(FORMAT):
            raise UnusableWeightsError(
                f"they have format {version}, and this version of optuna-codeepneat reads "
                f"format {FORMAT}"
            )
        try:
            architecture = _described(metadata)
            line_steps = int(metadata["line_steps"])
            fits = architecture.num_params <= len(content)  # else it is not even worth a try
            expected = _forms(weights_of(_built(architecture))) if fits else None
        except Exception as error:
            raise UnusableWeightsError(
                f"their network cannot be built ({cut(single_spaced(error), 200)})"
            ) from None
        if _forms(weights) != expected:
            raise UnusableWeightsError("their network is built otherwise here")
        if not are_finite(weights):
            raise UnusableWeightsError("they are not finite")
        if not 0 <= line_steps <= _MOST_STEPS:
            raise UnusableWeightsError(f"they say that they were trained for {line_steps:,} steps")
        notes = {
            name.removeprefix(_NOTE): text
            for name, text in metadata.items()
            if name.startswith(_NOTE)
        }
        return cls(architecture, weights, line_steps, notes)


def are_finite(weights: Mapping[str, Tensor]) -> bool:
    """Whether every weight is a finite number."""
    return all(bool(tensor.isfinite().all()) for tensor in weights.values())


def _described(metadata: Mapping[str, str]) -> Architecture:
    """The network that an artifact says it is of."""
    description, markings = metadata["architecture"], metadata["markings"]
    if len(description) + len(markings) > _LONGEST_DESCRIPTION:
        raise ValueError("its description is too long")
    architecture = Architecture.from_json(json.loads(description))
    return architecture.with_innovation_ids(json.loads(markings))


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _metadata(content: bytes) -> dict[str, str]:
    """What a safetensors file says of itself; `safetensors.torch.load` leaves it out."""
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    header = json.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
    return dict(header.get("__metadata__", {}))


def _built(architecture: Architecture) -> Network:
    """The network, without a trace in the stream of random numbers."""
    with torch.random.fork_rng(devices=[]), torch.device("cpu"):
        return build_network(architecture)


def _forms(weights: Mapping[str, Tensor]) -> dict[str, tuple[tuple[int, ...], str]]:
    """Shapes and types; floating-point numbers of any precision are of one type."""
    return {
        name: (
            tuple(tensor.shape),
            "floating" if tensor.is_floating_point() else str(tensor.dtype),
        )
        for name, tensor in weights.items()
    }
