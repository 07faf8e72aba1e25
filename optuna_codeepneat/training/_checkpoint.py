"""`TrainingCheckpoint`: a training that was ended goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from typing import Any

import safetensors
import safetensors.torch
from torch import Tensor

from optuna_codeepneat import _optuna
from optuna_codeepneat._text import error_in_words


if TYPE_CHECKING:
    from optuna_codeepneat._optuna import ArtifactStore

_DIGEST_BYTES = 32
_MOST_BYTES = 1 << 33
_KEY, _STEPS, _NUMBERS = "key", "steps", "numbers"


@dataclass(frozen=True)
class TrainingState:
    """A training after some of its steps.

    Args:
        steps:
            How many.
        tensors:
            Weights, moments and random streams, by name.
        numbers:
            What else there is, as JSON has it.
    """

    steps: int
    tensors: Mapping[str, Tensor]
    numbers: Mapping[str, Any]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """The tensors whose names begin so, by the rest of their names."""
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(prefix)
        }


class TrainingCheckpoint:
    """Where `fit` keeps the state of one training now and then, and finds it again.

    A training that goes on from there ends with the same weights as one that was never ended, to
    the bit where its device computes the same twice. It is kept after a pass over the examples,
    if enough time has passed. Nothing is pickled: safetensors behind their SHA-256. A state that
    is damaged, or of another training (another recipe, seed, network or other data), is none.

    Args:
        store:
            An artifact store of Optuna.
        name:
            Of the artifact, which this training alone has.
        every:
            Seconds between two states, at the least.

    Example:
        >>> import tempfile
        >>> import torch
        >>> from optuna.artifacts import FileSystemArtifactStore
        >>> from optuna_codeepneat.training import Examples, Recipe, TrainingCheckpoint, fit
        >>> inputs = torch.rand(200, 8)
        >>> data = Examples(inputs, (inputs.sum(1) > 4).long())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     checkpoint = TrainingCheckpoint(FileSystemArtifactStore(folder), "training")
        ...     result = fit(torch.nn.Linear(8, 2), data, Recipe(steps=100), checkpoint=checkpoint)
        ...     checkpoint.remove()
    """

    def __init__(self, store: ArtifactStore, name: str, *, every: float = 30.0) -> None:
        if not every >= 0.0:
            raise ValueError(f"`every` must be at least 0, got {every}.")
        self._store = store
        self._name = name
        self._every = every
        self._last = time.monotonic()
        self._works = True

    @property
    def is_due(self) -> bool:
        """Whether it is time to keep another state."""
        return self._works and time.monotonic() - self._last >= self._every

    def load(self, key: str) -> TrainingState | None:
        """The state of the training of this key; None if there is none that is whole."""
        # NOTE: `Exception`, since each store has its own errors, and what is not there is one.
        try:
            with closing(_optuna.open_artifact(self._store, self._name)) as reader:
                content = reader.read(_MOST_BYTES)
            digest, content = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
            if hashlib.sha256(content).digest() != digest:
                return None
            tensors = safetensors.torch.load(content)
            length = int.from_bytes(content[:8], "little")
            metadata = json.loads(content[8 : 8 + length])["__metadata__"]
            if metadata[_KEY] != key:
                return None
            return TrainingState(int(metadata[_STEPS]), tensors, json.loads(metadata[_NUMBERS]))
        except Exception:
            return None

    def save(self, key: str, state: TrainingState) -> None:
        """Keeps a state in the place of the one before; a store that fails ends no training."""
        metadata = {
            _KEY: key,
            _STEPS: str(state.steps),
            _NUMBERS: json.dumps(state.numbers),
        }
        tensors = {name: tensor.contiguous() for name, tensor in state.tensors.items()}
        content = safetensors.torch.save(tensors, metadata)
        try:
            body = BytesIO(hashlib.sha256(content).digest() + content)
            self._store.write(self._name, body)
        except Exception as error:  # as above
            self._works = False
            warnings.warn(
                f"the training can't be resumed if it is ended: its artifact store failed "
                f"({error_in_words(error)}).",
                stacklevel=2,
            )
        self._last = time.monotonic()

    def remove(self) -> None:
        """Removes the state, once the trained network is kept elsewhere."""
        # NOTE: what is not there is an error of some stores.
        try:
            _optuna.without_backoff(self._store).remove(self._name)
        except Exception:
            return
