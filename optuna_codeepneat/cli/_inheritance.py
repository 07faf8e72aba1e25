"""What trials say of the weights that their networks inherited, in words."""

from __future__ import annotations

from typing import Any

from optuna_codeepneat.sampler._inherited import INHERITANCE
from optuna_codeepneat.sampler._inherited import Inherited


def readable(name: str, value: Any) -> Any:
    """A user attribute as `show` prints it."""
    said = Inherited.from_json(value) if name == INHERITANCE else None
    if said is None:
        return value
    if said.donor is None:
        return f"none, trained for {said.steps:,} steps"
    return (
        f"{said.share:.0%} of the parameters from trial {said.donor}, trained for "
        f"{said.steps:,} steps, {said.line_steps:,} with its ancestors"
    )
