"""A problem out of raw examples and what is to be learnt of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._text import counted
from optuna_codeepneat.problems._data._losses import WeightedCrossEntropy
from optuna_codeepneat.problems._data._losses import loss_for
from optuna_codeepneat.problems._data._metrics import TargetMetric
from optuna_codeepneat.problems._data._metrics import direction_of
from optuna_codeepneat.problems._data._metrics import metric_for
from optuna_codeepneat.problems._data._options import DataOptions
from optuna_codeepneat.problems._data._recipes import augmentation_for
from optuna_codeepneat.problems._data._recipes import recipes_for
from optuna_codeepneat.problems._data._sources import Source
from optuna_codeepneat.problems._data._splitting import Split
from optuna_codeepneat.problems._data._splitting import as_given
from optuna_codeepneat.problems._data._splitting import by_chance
from optuna_codeepneat.problems._data._splitting import by_groups
from optuna_codeepneat.problems._data._targets import RawTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna_codeepneat.training import Examples


def problem_arguments(
    source: Source,
    raw_target: RawTarget,
    options: DataOptions,
    *,
    split: Sequence[Any] | None = None,
    group: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """The arguments of a `Problem` about raw examples.

    Args:
        source:
            The raw examples.
        raw_target:
            What is to be learnt.
        options:
            What a user said.
        split:
            The part of each example, None to choose them.
        group:
            The group of each example, None for none.

    Raises:
        DataError: If the examples don't do for a problem.
        ValueError: If what the user said doesn't fit them.
        ImportError: If a package is missing.
    """
    parts = _split(source, raw_target, options, split, group)
    target, targets = raw_target.fitted(parts, source.place)
    reader, inputs_in_words = source.fit(parts.train)
    space, space_in_words = _space(source, reader, target.num_outputs, options.space)
    metric = metric_for(raw_target.task, options.metric)
    clips = source.preset == "sequence"
    recipes = recipes_for(len(parts.train), steps=options.steps, clips=clips)
    loss = loss_for(raw_target.task)
    if options.class_weights:
        if raw_target.task != "classification":
            raise ValueError(
                f"`class_weights` is for classification, and the task is {raw_target.task!r}."
            )
        loss = WeightedCrossEntropy.balanced(targets[parts.train], target.num_outputs)

    def load() -> Splits:
        def examples(chosen: Any) -> Examples:
            return source.examples(reader, chosen, targets[chosen])

        return Splits(
            train=examples(parts.train),
            validation=examples(parts.validation),
            test=examples(parts.test),
        )

    is_plain_accuracy = metric == "accuracy" and raw_target.task == "classification"
    direction = direction_of(metric)
    name = options.name or source.name
    return {
        "name": _short(name),
        "title": name,
        "make_space": lambda: space,
        "load_splits": load,
        "objectives": {metric: direction, "num_params": "minimize"},
        # None for the accuracy of `training`, which needs no scikit-learn.
        "metric": None if is_plain_accuracy else TargetMetric(metric, target),
        "loss": loss,
        "search_recipe": recipes.search,
        "final_recipe": recipes.final,
        "augmentation": augmentation_for(space),
        "hyperparameters": recipes.hyperparameters,
        "final_hyperparameters": tuple(recipes.hyperparameters),
        "make_preprocessing": lambda: Preprocessing(reader=reader, target=target),
        "findings": {
            "data": source.in_words,
            "inputs": inputs_in_words,
            "target": raw_target.in_words,
            "split": parts.in_words,
            "space": space_in_words,
            "metric": f"{metric}, {'larger' if direction == 'maximize' else 'smaller'} is better",
            "recipe": recipes.in_words,
        },
    }


def _split(
    source: Source,
    target: RawTarget,
    options: DataOptions,
    split: Sequence[Any] | None,
    group: Sequence[Any] | None,
) -> Split:
    shares: dict[str, Any] = {
        "validation": options.validation,
        "test": options.test,
        "seed": options.seed,
    }
    if split is not None:
        return as_given(split, target.strata, place=source.place, **shares)
    if group is not None:
        return by_groups(group, target.strata, place=source.place, **shares)
    how = {
        "classification": "by chance, all classes in proportion",
        "regression": "by chance, small and large targets in proportion",
        "labels": "by chance, in proportion to how many labels there are",
    }[target.task]
    return by_chance(target.strata, how=how, **shares)


def _space(
    source: Source,
    reader: Any,
    num_outputs: int,
    given: SearchSpace | Callable[..., SearchSpace] | None,
) -> tuple[SearchSpace, str]:
    """The search space, and what it is in words."""
    usual = source.space(reader, num_outputs)
    if given is None:
        space, which = usual, source.preset
    elif isinstance(given, SearchSpace):
        space, which = given, "as given"
    else:
        sizes: dict[str, Any] = {"input_shape": usual.input_shape, "num_outputs": num_outputs}
        if usual.vocab_size is not None:
            sizes["vocab_size"] = usual.vocab_size
        space, which = given(**sizes), "as given"
    if not isinstance(space, SearchSpace):
        raise ValueError(f"`space` must make a `SearchSpace`, got {type(space).__name__}.")
    # With a vocabulary the number of channels is that of the embedding, which is free.
    same = usual.input_shape[1:] if usual.vocab_size is not None else usual.input_shape
    own = space.input_shape[1:] if space.vocab_size is not None else space.input_shape
    vocab_size = (space.vocab_size or 0) >= (usual.vocab_size or 0)
    if own != same or space.num_outputs != num_outputs or not vocab_size:
        raise ValueError(
            f"`space` must be for the input shape {usual.input_shape}, {num_outputs} outputs and "
            f"the vocabulary {usual.vocab_size}, got {space.input_shape}, {space.num_outputs} and "
            f"{space.vocab_size}."
        )
    layers = ", ".join(space.layers)
    inputs = f"tokens ({same[0]},)" if space.vocab_size else f"inputs {space.input_shape}"
    return space, f"{which} ({layers}), {inputs}, {counted(num_outputs, 'output')}"


def _short(name: str) -> str:
    """A name without spaces."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "data"
