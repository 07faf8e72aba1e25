"""Recipes by the number of examples."""

from __future__ import annotations

from dataclasses import dataclass

from optuna.distributions import BaseDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Recipe


_BATCH_SIZE = 100
_LEAST_BATCH_SIZE = 16
_BATCHES_AT_LEAST = 10
"""In a pass over the training examples, where there are so few."""

_PASSES = 10
_LEAST_STEPS = 200
_MOST_STEPS = 1_000
_FINAL = 5
"""A final training takes so many times the steps of one during the search."""

# Recurrent layers have sudden steep slopes.
_CLIP = 1.0


_ONWARD_RATE = 3e-3
"""Where a network goes on from its weights. With few examples it forgets less than with 1e-2, with
many it learns more than with 1e-3, see `benchmarks/retraining.py`."""


@dataclass(frozen=True)
class Recipes:
    """How networks are trained during a search and at its end, and what a search varies of it.

    Args:
        search:
            During the search.
        final:
            At its end.
        hyperparameters:
            What a search varies of `search`, and what the final training takes over.
    """

    search: Recipe
    final: Recipe
    hyperparameters: dict[str, BaseDistribution]

    @property
    def in_words(self) -> str:
        """Their lengths."""
        return (
            f"{self.search.steps:,} steps of {self.search.batch_size} examples for each network, "
            f"{self.final.steps:,} at the end"
        )


def recipes_for(n_train: int, *, steps: int | None, clips: bool) -> Recipes:
    """Recipes by experience: ten passes over the examples, but neither too few steps nor too many.

    Args:
        n_train:
            Training examples.
        steps:
            Of a training during the search, None to go by the examples.
        clips:
            Whether gradients are clipped.
    """
    batch_size = min(_BATCH_SIZE, max(_LEAST_BATCH_SIZE, n_train // _BATCHES_AT_LEAST), n_train)
    if steps is None:
        steps = min(max(_PASSES * n_train // batch_size, _LEAST_STEPS), _MOST_STEPS)
    search = Recipe(
        steps=steps,
        batch_size=batch_size,
        learning_rate=1e-2,
        weight_decay=0.05,
        gradient_clip=_CLIP if clips else None,
    )
    return Recipes(
        search,
        search.replace(steps=_FINAL * steps),
        {
            "learning_rate": FloatDistribution(1e-3, 4e-2, log=True),
            "weight_decay": FloatDistribution(1e-3, 0.5, log=True),
        },
    )


def retraining_recipe(n_train: int, *, clips: bool, new_weights: bool) -> Recipe:
    """How a network that is there is trained on new examples.

    Args:
        n_train:
            How many.
        clips:
            Whether gradients are clipped.
        new_weights:
            Whether it forgets what it has learnt.
    """
    recipe = recipes_for(n_train, steps=None, clips=clips).final
    return recipe if new_weights else recipe.replace(learning_rate=_ONWARD_RATE)


def augmentation_for(space: SearchSpace) -> Augmentation:
    """What hardly any examples are spoilt by that such networks read.

    Images are not mirrored: letters and digits mean something else then.
    """
    if space.vocab_size is not None:
        return Augmentation(drop=0.1)
    return {
        3: Augmentation(shift=0.1, rotate=5.0),
        2: Augmentation(shift=0.05, scale=0.1),
        1: Augmentation(noise=0.05),
    }[len(space.input_shape)]
