"""How the values of an objective are spread along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from math import floor
from math import log10
from typing import TYPE_CHECKING
from typing import Literal


if TYPE_CHECKING:
    from optuna_codeepneat.visualization._trials import Objective

_MOST_TICKS = 9
_STEPS = ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,))
"""Where the ticks of a decade are, from close to wide."""


@dataclass(frozen=True)
class Scale:
    """How an axis spreads the values of an objective.

    Sizes that span a decade go by their logarithm. Shares to be maximized, such as an accuracy,
    go by that of the error, the distance to 1, if it spans a decade: what lies between 99.0 % and
    99.9 % would else be a flat line.
    """

    kind: Literal["linear", "log", "error"]
    least: float = 0.0  # the smallest error that is drawn
    most: float = 1.0  # the largest one
    has_perfect: bool = False  # whether a share is 1, and drawn at `least`

    @classmethod
    def of(cls, objective: Objective, values: Sequence[float]) -> Scale:
        """The scale on which these values are told apart."""
        if is_share(objective.name) and values and 0 <= min(values) and max(values) <= 1:
            errors = [error for value in values if (error := _error(value))]
            if not objective.maximize or not is_log(errors):
                return cls("linear")
            has_perfect = len(errors) < len(values)
            least = min(errors) / 2 if has_perfect else min(errors)
            return cls("error", least, max(errors), has_perfect)
        return cls("log" if is_log(values) else "linear")

    def error(self, value: float) -> float:
        """The error that a share has on this axis, which is never 0."""
        return max(_error(value), self.least)

    def shares(self, most: int = _MOST_TICKS) -> list[float]:
        """The shares to write at an axis of errors, from low to high."""
        decades = range(floor(log10(self.least)), ceil(log10(self.most)) + 1)
        for steps in _STEPS:
            errors = [step * 10.0**decade for decade in decades for step in steps]
            lowest = (1.9 if self.has_perfect else 0.8) * self.least
            shown = [e for e in errors if lowest <= e <= min(1.0, 1.25 * self.most)]
            if len(shown) + self.has_perfect <= most:
                break
        return [_error(error) for error in reversed(shown)] + [1.0] * self.has_perfect


def is_log(values: Sequence[float]) -> bool:
    """Whether values are better seen on a log scale: they are positive and span a decade."""
    return bool(values) and min(values) > 0 and max(values) / min(values) >= 10


def is_share(name: str) -> bool:
    """Whether values of a metric are read in percent."""
    return "accuracy" in name


def percent(share: float) -> str:
    """A share as short as it is exact, for an axis."""
    return f"{100 * share:.10g}"


def _error(share: float) -> float:
    """The distance to 1, without the noise of the subtraction."""
    return round(1 - share, 12)
