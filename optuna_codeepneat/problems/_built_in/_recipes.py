"""How long trainings are: on a CPU about a minute for one of a search, on a GPU what it needs."""

from __future__ import annotations


RECIPES = ("cpu", "gpu")
"""The values of the option `recipe`."""

_LEAST = 100
_MOST_ON_CPU = 600


def search_steps(recipe: str, n_train: int, *, passes: int, batch_size: int) -> int:
    """The steps of a training during a search.

    Args:
        recipe:
            One of `RECIPES`.
        n_train:
            Training examples.
        passes:
            Over all of them, where that is neither too little nor too long.
        batch_size:
            Examples of a step.
    """
    steps = max(_LEAST, passes * n_train // batch_size)
    return min(steps, _MOST_ON_CPU) if recipe == "cpu" else steps
