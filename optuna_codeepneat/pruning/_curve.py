"""The learning curve of a trial: what was reported at which step, and where that is stored."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from math import isinf
from math import isnan
from math import nan
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import LEARNING_CURVE


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_PER_PIECE = 250
"""Reports in one attribute: MySQL holds 65,535 bytes, a report of six metrics is of 150."""

_HUGE = 1e300


@dataclass(frozen=True)
class Curve:
    """What a trial reported.

    With one objective these are the trial's intermediate values, which Optuna Dashboard plots.
    With several they are a user attribute, which it lists: its samplers don't expect intermediate
    values there, and `TPESampler` of Optuna 5.0 fails with a pruned trial that has some.

    Args:
        reports:
            By ascending step, the values of the objectives, NaN where one is not a number.
    """

    reports: dict[int, tuple[float, ...]]

    @classmethod
    def of(cls, trial: FrozenTrial, n_objectives: int) -> Curve:
        """The curve of a trial; an empty one if it reported nothing, or it is damaged."""
        if n_objectives == 1:
            own: dict[int, tuple[float, ...]] = {
                step: (value,) for step, value in trial.intermediate_values.items()
            }
        else:
            own = {
                row[0]: tuple(nan if value is None else float(value) for value in row[1:])
                for piece in _pieces(trial)
                for row in piece["reports"]
                if _is_row(row, n_objectives)
            }
        return cls(dict(sorted(own.items())))

    @property
    def last(self) -> int | None:
        """The last step, None without reports."""
        return next(reversed(self.reports), None)

    def step_at(self, rung: int) -> int | None:
        """The first step at which a rung had been reached; None if it was not."""
        return next((step for step in self.reports if step >= rung), None)

    def at(self, rung: int) -> tuple[float, ...] | None:
        """The values by which a trial is judged at a rung; None if it did not reach it."""
        step = self.step_at(rung)
        return None if step is None else self.reports[step]


def stored(
    trial: FrozenTrial, names: list[str], step: int, values: tuple[float, ...]
) -> tuple[str, dict[str, Any]]:
    """The attribute that holds another report of a trial as well: its key and its value."""
    pieces = list(_pieces(trial))
    rows = pieces[-1]["reports"] if pieces else []
    index = max(0, len(pieces) - 1)
    if len(rows) >= _PER_PIECE:
        index, rows = index + 1, []
    row = [step, *map(_finite, values)]
    key = f"{LEARNING_CURVE}:{index}" if index else LEARNING_CURVE
    return key, {"trial": trial.number, "metrics": names, "reports": [*rows, row]}


def _finite(value: float) -> float | None:
    """As JSON has it, which knows neither NaN nor infinity."""
    if isnan(value):
        return None
    return (_HUGE if value > 0 else -_HUGE) if isinf(value) else value


def _pieces(trial: FrozenTrial) -> Iterator[Mapping[str, Any]]:
    """The attributes of a curve; not those that a retried trial has from the one before."""
    index, key = 0, LEARNING_CURVE
    while isinstance(piece := trial.user_attrs.get(key), Mapping):
        if piece.get("trial") != trial.number or not isinstance(piece.get("reports"), list):
            return
        yield piece
        index += 1
        key = f"{LEARNING_CURVE}:{index}"


def _is_row(row: Any, n_objectives: int) -> bool:
    return (
        isinstance(row, list)
        and len(row) == 1 + n_objectives
        and isinstance(row[0], int)
        and all(value is None or isinstance(value, int | float) for value in row[1:])
    )
