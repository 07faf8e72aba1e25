"""What trials say of the weights that their networks inherited, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.sampler._saved_weights import INHERITANCE


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


def steps_of(trial: FrozenTrial) -> int | None:
    """Training steps of a trial's network, None where nothing is said of them."""
    return _number(trial, "steps")


def line_steps_of(trial: FrozenTrial) -> int | None:
    """Training steps of a trial's network and of all whose weights are in it."""
    return _number(trial, "line_steps")


def readable(name: str, value: Any) -> Any:
    """A user attribute as `show` prints it."""
    if name != INHERITANCE or not isinstance(value, dict):
        return value
    try:
        steps, line_steps, share = value["steps"], value["line_steps"], value["share"]
        if value["from"] is None:
            return f"none, trained for {steps:,} steps"
        return (
            f"{share:.0%} of the parameters from trial {value['from']}, trained for {steps:,} "
            f"steps, {line_steps:,} with its ancestors"
        )
    except (KeyError, TypeError, ValueError):  # something else of this name
        return value


def _number(trial: FrozenTrial, name: str) -> int | None:
    record = trial.user_attrs.get(INHERITANCE)
    value = record.get(name) if isinstance(record, dict) else None
    return value if isinstance(value, int) else None
