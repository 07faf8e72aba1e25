"""How the problem of a search trains networks, and did so with one, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat.cli._options import NAME
from optuna_codeepneat.cli._terminal import interval_in_words
from optuna_codeepneat.visualization import format_metric


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat._attributes import FinalNetwork
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.training import Recipe


def training_in_words(problem: Problem) -> list[str]:
    """How a problem trains networks, a sentence each; nothing where it does so in its own way."""
    from optuna_codeepneat.problems import Problem

    sentences = []
    if problem.own_objective is None:
        sentences.append(
            f"In the search a network is trained for "
            f"{recipe_in_words(problem.search_recipe, list(problem.hyperparameters))}."
        )
        share = problem.continuation.steps
        sentences.append(
            "The more weights a network inherits, the fewer steps it gets: with all of them "
            f"{share:.0%}."
        )
    if type(problem).train_final is Problem.train_final:
        recipe = recipe_in_words(problem.final_recipe, list(problem.final_hyperparameters))
        sentences.append(
            "Networks that are tested are trained once more before, from new weights on the "
            f"training and validation examples together, for {recipe}."
        )
    return sentences


def final_in_words(study: optuna.Study, number: int, named: str) -> list[str]:
    """Whether a network was trained finally, and what became of it, a sentence each.

    Args:
        study:
            The study.
        number:
            The number of its trial.
        named:
            The words of a command line that name the study.
    """
    scores = stored_test_scores(study.user_attrs)
    if number not in scores:
        return []
    name = objective_names(study)[0]
    score = format_metric(name, scores[number])
    kept = stored_final_networks(study.user_attrs).get(number, {})
    if 0 not in kept:
        return [
            f"This network was trained finally: test {name} {score}. Its weights were not kept; "
            f"`{NAME} train {named} {number}` trains it again."
        ]
    steps = "" if kept[0].steps is None else f" for {kept[0].steps:,} steps"
    steps += made_otherwise_in_words(kept[0])
    interval = interval_in_words(name, kept[0])
    sure = f" (95 % interval {interval})" if interval else ""
    if kept[0].copies and kept[0].plain is not None:
        plain = format_metric(name, kept[0].plain)
        sure += (
            f", averaged over {kept[0].copies} changed copies of each example, {plain} without "
            "them"
        )
    more = f", the first of {len(kept)} trainings" if len(kept) > 1 else ""
    return [
        f"This network was trained finally{steps}{more}: test {name} {score}{sure}. Its weights "
        f"are kept; `{NAME} export {named} {number}` writes them."
    ]


def made_otherwise_in_words(network: FinalNetwork) -> str:
    """What is special about a final training, as what follows the word "trained"; or ""."""
    said = ""
    if network.widen is not None:
        size = "" if network.num_params is None else f" ({network.num_params:,} parameters)"
        said += f", with its widths times {network.widen:g}{size}"
        share = network.inherited
        said += (
            ", from new weights" if not share else f", {share:.0%} of its weights from the search"
        )
    if network.schedule is not None:
        said += f", schedule {network.schedule.replace('_', ' ')}"
    if network.augmentation is not None:
        said += f", augmented by {network.augmentation}"
    return said


def trained_in_words(
    problem: Problem, network: FinalNetwork, params: Mapping[str, Any]
) -> list[str]:
    """How one network was trained finally, a sentence each; none if its problem has its own way.

    Args:
        problem:
            The problem.
        network:
            What the study says of the training.
        params:
            The parameters of its trial.
    """
    if network.steps is None:
        return []
    given = {name: params[name] for name in problem.final_hyperparameters if name in params}
    if network.schedule is not None:
        given["schedule"] = network.schedule
    recipe = problem.final_recipe.replace(steps=network.steps, augmentation=None, **given)
    held_out = ""
    if recipe.schedule == "plateau":
        held_out = f", of which {recipe.plateau.held_out:.0%} are held out for the schedule"
    augmented = "" if network.augmentation is None else f", augmented by {network.augmentation}"
    begin = "new weights"
    if network.inherited:
        begin = f"weights of the search as far as it had them ({network.inherited:.0%})"
    sentences = [
        f"It was trained from {begin}, on the training and the validation examples together"
        f"{held_out}, for {recipe_in_words(recipe, [])}{augmented}."
    ]
    if network.widen is not None:
        sentences.insert(
            0, f"Each width of the network that was searched is multiplied by {network.widen:g}."
        )
    return sentences


def recipe_in_words(recipe: Recipe, varied: list[str]) -> str:
    """A recipe as what follows "trained for"; `varied` are left to the network's own."""
    values = {
        "learning_rate": f"{recipe.learning_rate:g}",
        "weight_decay": f"{recipe.weight_decay:g}",
        "momentum": f"{recipe.momentum:g}",
        "schedule": recipe.schedule.replace("_", " "),
        "warmup": f"{recipe.warmup:g}" if recipe.schedule in ("one_cycle", "wsd") else "",
        "decay": f"{recipe.decay:g}" if recipe.schedule == "wsd" else "",
        "label_smoothing": f"{recipe.label_smoothing:g}" if recipe.label_smoothing else "",
        "gradient_clip": "" if recipe.gradient_clip is None else f"{recipe.gradient_clip:g}",
        "precision": recipe.precision,
        "augmentation": str(recipe.augmentation).replace(",", " and")
        if recipe.augmentation
        else "",
    }
    said = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in values.items()
        if value and name not in varied
    ]
    if recipe.augmentation:
        said.append(f"augmented by {recipe.augmentation}")
    own = ", ".join(name.replace("_", " ") for name in varied)
    return (
        f"{recipe.steps:,} steps of {recipe.batch_size:,} examples with {recipe.optimizer}, "
        f"{', '.join(said)}{f'; its hyperparameters give {own}' if own else ''}"
    )
