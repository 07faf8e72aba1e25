"""`Continuation`: how a network that inherited weights is trained."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import fields

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat.training._recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """How a network that begins with inherited weights is trained, compared with a fresh one.

    The more of its weights are inherited, the shorter it is trained and the lower its learning
    rate (ours; LEMONADE trains each child for as long as all others).

    Args:
        steps:
            Share of a recipe's steps for a network that inherits all of its weights.
        learning_rate:
            Share of a recipe's learning rate for such a network.
        warmup:
            Its share of rising steps; None for the recipe's own.
        distillation:
            Share of its steps in which it first learns to repeat its ancestor, where it does not
            from the beginning (LEMONADE, Elsken et al. 2019, for approximate morphisms).

    Raises:
        ValueError: If a value is out of its bounds.

    Example:
        >>> from optuna_codeepneat.training import Continuation, Recipe
        >>> continuation = Continuation(steps=0.25)
        >>> [continuation.recipe(Recipe(steps=400), share).steps for share in (0.0, 0.5, 1.0)]
        [400, 250, 100]
    """

    steps: float = 0.4
    learning_rate: float = 1.0
    warmup: float | None = None
    distillation: float = 0.0

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "warmup" and value is None:
                continue
            low = 0.0 if field.name in ("warmup", "distillation") else 1e-6
            if not low <= value <= 1.0:
                raise ValueError(f"`{field.name}` must be from {low:g} to 1, got {value}.")

    def recipe(self, recipe: Recipe, share: float) -> Recipe:
        """The recipe for a network.

        Args:
            recipe:
                That of a network without inherited weights.
            share:
                The share of its parameters that are inherited, 0 to 1.
        """
        if share <= 0.0:
            return recipe
        return recipe.replace(
            steps=max(1, round(recipe.steps * (1.0 - share * (1.0 - self.steps)))),
            learning_rate=recipe.learning_rate * self.learning_rate**share,
            warmup=recipe.warmup if self.warmup is None else self.warmup,
        )
