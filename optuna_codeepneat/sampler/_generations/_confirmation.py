"""What a finished trial says of itself, so that nobody has to read all of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from optuna.distributions import distribution_to_json
from optuna.distributions import json_to_distribution

from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._generations._records import FORMAT
from optuna_codeepneat.sampler._generations._records import fields
from optuna_codeepneat.sampler._generations._records import from_pieces
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._records import unpack
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import plain
from optuna_codeepneat.search_space import plain_range


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

CONFIRMATION = "codeepneat:confirmation"


@dataclass(frozen=True)
class Confirmation:
    """That a trial evaluated the architecture it was assigned, and its other parameters.

    A trial stores it as it ends. Trials of earlier versions have none, nor have those that
    evaluated anything else: their parameters tell.
    """

    values: Mapping[str, Any]  # of the parameters beside the architecture
    ranges: Mapping[str, BaseDistribution]

    def pack(self, space: SearchSpace) -> str:
        """The confirmation as a string; `confirmed` is its inverse."""
        said = {
            name: [plain(value), distribution_to_json(plain_range(self.ranges[name]))]
            for name, value in self.values.items()
        }
        return f"{FORMAT} {space.fingerprint} {pack(said)}"


def confirmed(trial: FrozenTrial, space: SearchSpace | None) -> Confirmation | None:
    """What a trial confirmed; None if nothing, if it is damaged, or of another space.

    StoredStateError if a newer version of the package stored it.
    """
    if space is None or CONFIRMATION not in trial.system_attrs:
        return None
    where = f"the confirmation of trial {trial.number}"
    try:
        fingerprint, packed = fields(from_pieces(CONFIRMATION, trial.system_attrs), 2, where)
        if fingerprint != space.fingerprint:
            return None
        read = unpack(packed, where)
        return Confirmation(
            {name: value for name, (value, _) in read.items()},
            {name: json_to_distribution(range) for name, (_, range) in read.items()},
        )
    except (DamagedStateError, AttributeError, LookupError, TypeError, ValueError):
        return None
