"""Trained networks in an artifact store: whole, or not at all."""

from __future__ import annotations

import hashlib
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING

from optuna.artifacts.exceptions import ArtifactNotFound

from optuna_codeepneat import _optuna
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat.morphism._artifact import Checkpoint
from optuna_codeepneat.morphism._artifact import UnusableWeightsError
from optuna_codeepneat.morphism._artifact import are_finite
from optuna_codeepneat.morphism._garbage import removed
from optuna_codeepneat.sampler import SavedWeights


if TYPE_CHECKING:
    from typing import BinaryIO

    from optuna_codeepneat._optuna import ArtifactStore

_MOST_BYTES = 1 << 31
"""Of a network's weights; whoever names more of them for a download means no good."""

_PIECE = 1 << 20


class NotStoredError(Exception):
    """A network is not stored; the message completes "... because"."""


def store_weights(store: ArtifactStore, artifact: str, checkpoint: Checkpoint) -> SavedWeights:
    """Stores a network, of which only then others are to be told.

    Args:
        store:
            The store.
        artifact:
            An id that it has not had.
        checkpoint:
            The network.

    Returns:
        Where it lies, and how to tell that it is whole.

    Raises:
        NotStoredError: If its weights are not finite or too large, or the store fails.
    """
    if not are_finite(checkpoint.weights):
        raise NotStoredError("they are not finite")
    content = checkpoint.to_bytes()
    if len(content) > _MOST_BYTES:
        raise NotStoredError(f"they have {len(content):,} bytes, more than {_MOST_BYTES:,}")
    # NOTE: not `optuna.artifacts.upload_artifact`: it writes its link before the file, so a
    # worker that is killed in between leaves a link to nothing. Stores themselves may write
    # a half; until the whole is there nothing refers to it.
    try:
        store.write(artifact, BytesIO(content))
    except Exception as error:
        removed(_optuna.without_backoff(store), artifact)
        raise NotStoredError(f"the artifact store failed ({error_in_words(error)})") from error
    digest = hashlib.sha256(content).hexdigest()
    return SavedWeights(artifact, digest, len(content), checkpoint.line_steps)


def fetch_weights(store: ArtifactStore, saved: SavedWeights) -> Checkpoint:
    """The network that `store_weights` stored.

    Raises:
        UnusableWeightsError: If it is not there, or not what was stored.
    """
    return Checkpoint.from_bytes(_downloaded(store, saved))


def _downloaded(store: ArtifactStore, saved: SavedWeights) -> bytes:
    """The content of an artifact, exactly as it was saved."""
    if saved.size > _MOST_BYTES:
        raise UnusableWeightsError(
            f"they are said to have {saved.size:,} bytes, more than {_MOST_BYTES:,}"
        )
    # NOTE: `Exception`, since each store has its own errors, those of its network included.
    try:
        with closing(_optuna.open_artifact(store, saved.artifact)) as reader:
            content = _read(reader, saved.size + 1)
    except ArtifactNotFound:
        raise UnusableWeightsError("they are gone from the artifact store") from None
    except Exception as error:
        raise UnusableWeightsError(
            f"the artifact store failed ({error_in_words(error)})"
        ) from None
    if len(content) < saved.size:
        raise UnusableWeightsError(
            f"they are cut off after {len(content):,} of {saved.size:,} bytes"
        )
    if len(content) > saved.size or hashlib.sha256(content).hexdigest() != saved.sha256:
        raise UnusableWeightsError("they are not what was saved (their hash differs)")
    return content


def _read(reader: BinaryIO, most: int) -> bytes:
    """Up to so many bytes, in pieces: no more memory than there are bytes."""
    pieces, left = [], most
    while left and (piece := reader.read(min(left, _PIECE))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
