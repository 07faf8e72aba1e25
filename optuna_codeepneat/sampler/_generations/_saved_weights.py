"""What a trial says of the weights that its network left behind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._generations._records import FORMAT
from optuna_codeepneat.sampler._generations._records import fields


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

WEIGHTS = "codeepneat:weights"

# Not ".." or a path: the id becomes the name of a file.
_ARTIFACT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class SavedWeights:
    """Where the weights of a trial's network lie, and how to tell that they are whole."""

    artifact: str  # id in the artifact store
    sha256: str  # of the artifact, hexadecimal
    size: int  # in bytes
    line_steps: int  # those of the ancestors that they were inherited from included

    def pack(self) -> str:
        """As a string; `unpack` is its inverse."""
        return f"{FORMAT} {self.artifact} {self.sha256} {self.size} {self.line_steps}"

    @classmethod
    def unpack(cls, text: Any, trial_number: int) -> SavedWeights:
        """What a trial carries.

        Raises:
            StoredStateError: If it is damaged, or of a newer version of the package.
        """
        where = f"what trial {trial_number} says of its weights"
        values = fields(text, 4, where)
        patterns = (_ARTIFACT, _SHA256, _NUMBER, _NUMBER)
        for value, pattern in zip(values, patterns, strict=True):
            if pattern.fullmatch(value) is None:
                raise DamagedStateError(f"{where} is damaged and cannot be read.")
        artifact, sha256, size, line_steps = values
        return cls(artifact, sha256, int(size), int(line_steps))


def saved_weights(trial: FrozenTrial) -> SavedWeights | None:
    """What a trial says of its weights; None if it saved none.

    A trial that Optuna retries carries what the one before it said, until it saves its own.

    Raises:
        StoredStateError: If it is damaged, or of a newer version of the package.
    """
    text = trial.system_attrs.get(WEIGHTS)
    return None if text is None else SavedWeights.unpack(text, trial.number)
