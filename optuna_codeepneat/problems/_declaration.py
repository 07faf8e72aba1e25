"""What a problem may be declared with."""

from __future__ import annotations

import math
from collections.abc import Container
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from numbers import Real
from typing import Any

from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat.training import Recipe


_DIRECTIONS = ("maximize", "minimize")


def check_declared(
    *,
    objectives: Mapping[str, str],
    hyperparameters: Mapping[str, Any],
    final_hyperparameters: Sequence[str],
    min_score: object,
) -> None:
    """Raises `ValueError` if these arguments of a problem contradict each other."""
    if not (min_score is None or min_score == "chance" or _is_number(min_score)):
        raise ValueError(
            f"`min_score` must be a finite number, 'chance' or None, got {min_score!r}."
        )
    first, *others = objectives or ("",)
    cheap = (*SIZES, LATENCY)
    if not first or first in cheap:
        raise ValueError(
            "`objectives` must begin with the metric on the validation examples, "
            f"got {list(objectives)}."
        )
    for name, direction in objectives.items():
        if direction not in _DIRECTIONS:
            raise ValueError(
                f"`objectives[{name!r}]` must be 'maximize' or 'minimize', got {direction!r}."
            )
    known = [recipe_field.name for recipe_field in fields(Recipe)]
    names: tuple[tuple[str, Iterable[str], Container[str], str], ...] = (
        ("`objectives` beside the metric", others, cheap, ", ".join(cheap)),
        ("`hyperparameters`", hyperparameters, known, f"a recipe's {', '.join(known)}"),
        ("`final_hyperparameters`", final_hyperparameters, hyperparameters, "`hyperparameters`"),
    )
    for what, given, possible, words in names:
        for name in given:
            if name not in possible:
                raise ValueError(f"{what} must be of {words}, got {name!r}.")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
