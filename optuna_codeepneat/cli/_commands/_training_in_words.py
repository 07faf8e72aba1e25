"""How the problem of a search trains networks, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.training import Recipe


def training_in_words(problem: Problem) -> list[str]:
    """How a problem trains networks, a sentence each; nothing where it does so in its own way."""
    from optuna_codeepneat.problems import Problem

    sentences = []
    if type(problem).objective is Problem.objective:
        sentences.append(
            f"In the search a network is trained for "
            f"{_recipe_in_words(problem.search_recipe, list(problem.hyperparameters))}."
        )
        share = problem.continuation.steps
        sentences.append(
            "The more weights a network inherits, the fewer steps it gets: with all of them "
            f"{share:.0%}."
        )
    if type(problem).train_final is Problem.train_final:
        recipe = _recipe_in_words(problem.final_recipe, list(problem.final_hyperparameters))
        sentences.append(
            "Networks that are tested are trained once more before, from new weights on the "
            f"training and validation examples together, for {recipe}."
        )
    return sentences


def _recipe_in_words(recipe: Recipe, varied: list[str]) -> str:
    """A recipe as what follows "trained for"; `varied` are left to the network's own."""
    values = {
        "learning_rate": f"{recipe.learning_rate:g}",
        "weight_decay": f"{recipe.weight_decay:g}",
        "momentum": f"{recipe.momentum:g}",
        "schedule": recipe.schedule.replace("_", " "),
        "warmup": f"{recipe.warmup:g}" if recipe.schedule == "one_cycle" else "",
        "label_smoothing": f"{recipe.label_smoothing:g}" if recipe.label_smoothing else "",
        "gradient_clip": "" if recipe.gradient_clip is None else f"{recipe.gradient_clip:g}",
        "precision": recipe.precision,
    }
    said = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in values.items()
        if value and name not in varied
    ]
    own = ", ".join(name.replace("_", " ") for name in varied)
    return (
        f"{recipe.steps:,} steps of {recipe.batch_size:,} examples with {recipe.optimizer}, "
        f"{', '.join(said)}{f'; its hyperparameters give {own}' if own else ''}"
    )
