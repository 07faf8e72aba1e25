"""The learning rate of every step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from optuna_codeepneat.training._recipe import Recipe

# The defaults of `torch.optim.lr_scheduler.OneCycleLR`, so that published recipes mean the same.
_FIRST_DIVISOR = 25.0
_LAST_DIVISOR = 1e4


def learning_rates(recipe: Recipe) -> list[float]:
    """The learning rate of every step of a recipe.

    NOTE: `torch.optim.lr_scheduler` computes the same numbers, a step at a time in Python; for
    the smallest networks that costs more than their optimiser.

    Args:
        recipe:
            The recipe.

    Returns:
        As many learning rates as the recipe has steps; for ``"plateau"`` those of a training whose
        loss never stalls.

    Example:
        >>> from optuna_codeepneat.training import Recipe, learning_rates
        >>> learning_rates(Recipe(steps=3, learning_rate=0.5, schedule="constant"))
        [0.5, 0.5, 0.5]
    """
    peak, last = recipe.learning_rate, recipe.steps - 1
    if recipe.schedule in ("constant", "plateau"):
        return [peak] * recipe.steps
    if recipe.schedule == "cosine":
        return [_cosine(peak, 0.0, step / recipe.steps) for step in range(recipe.steps)]
    if recipe.schedule == "wsd":
        return [peak * _trapezoid(step, recipe) for step in range(recipe.steps)]
    first = peak / _FIRST_DIVISOR
    turn = recipe.warmup * recipe.steps - 1.0
    rates = []
    for step in range(recipe.steps):
        if step < turn:
            rates.append(_cosine(first, peak, step / turn))
        else:
            part = (step - turn) / (last - turn) if last > turn else 0.0
            rates.append(_cosine(peak, first / _LAST_DIVISOR, part))
    return rates


def _trapezoid(step: int, recipe: Recipe) -> float:
    """What the highest rate is multiplied by, for ``"wsd"``.

    The fall is 1 - sqrt, the best of the shapes that Hägele et al. 2024 compare.
    """
    rising, falling = recipe.warmup * recipe.steps, recipe.decay * recipe.steps
    fallen = step + 0.5 - (recipe.steps - falling)  # half a step earlier, so that the last learns
    if fallen > 0.0:
        return min(1.0 - math.sqrt(fallen / falling), (step + 1) / max(rising, 1.0))
    return min(1.0, (step + 1) / max(rising, 1.0))


def _cosine(start: float, end: float, part: float) -> float:
    return end + (start - end) * (1.0 + math.cos(math.pi * part)) / 2.0
