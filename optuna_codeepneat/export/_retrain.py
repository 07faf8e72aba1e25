"""`retrain`: a network from a directory that learns from new examples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import cast

import torch

from optuna_codeepneat import training
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.export._load import LoadedNetwork
from optuna_codeepneat.problems import Trainer
from optuna_codeepneat.problems import loss_for
from optuna_codeepneat.problems import retraining_recipe
from optuna_codeepneat.problems import train_finally
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe


if TYPE_CHECKING:
    from optuna_codeepneat.network import Network


def retrain(
    loaded: LoadedNetwork,
    data: Examples,
    *,
    recipe: Recipe | None = None,
    new_weights: bool = False,
    device: torch.device | str = "auto",
    seed: int = 0,
    on_progress: Callable[[int, int, float], None] | None = None,
) -> LoadedNetwork:
    """Trains a network on new examples; the one that is given stays as it is.

    Architecture and preprocessing stay the same, also the scale of numbers and the words that are
    known. The loss is that of the task: the cross-entropy, for numbers the squared error on the
    scale that the network learnt, for labels the cross-entropy of each.

    Args:
        loaded:
            The network.
        data:
            The examples with what is to be said of them, as `LoadedNetwork.examples` makes them of
            raw ones.
        recipe:
            How it is trained. None for five times ten passes over the examples, at least 1,000
            and at most 5,000 steps, with a lower learning rate where it goes on from its weights.
        new_weights:
            Whether it begins with new weights instead of its own.
        device:
            Where to train; ``"auto"`` for a GPU if torch finds one. The network stays there.
        seed:
            Of the new weights, and of the order of the examples.
        on_progress:
            See `optuna_codeepneat.training.fit`.

    Returns:
        The network that was trained. Its `config` has no score, and no hash of weights.

    Raises:
        DataError: If there are fewer than two examples.
        NetworkDivergedError: If the training loss was not finite.

    Example:
        >>> import tempfile
        >>> import torch
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.export import ModelCard, load_network, retrain, save_network
        >>> from optuna_codeepneat.training import Recipe
        >>> architecture = SearchSpace.dense(input_shape=(4,), num_outputs=2).smallest()
        >>> card = ModelCard(name="small", task="classification", classes=["no", "yes"])
        >>> directory = f"{tempfile.mkdtemp()}/small"
        >>> save_network(directory, build_network(architecture), architecture, card=card)
        {}
        >>> x = torch.randn(200, 4)
        >>> loaded = load_network(directory)
        >>> data = loaded.examples(x, ["yes" if row.sum() > 0 else "no" for row in x])
        >>> retrained = retrain(loaded, data, recipe=Recipe(steps=100))
        >>> retrained.measure(data).score > 0.9
        True
    """
    if len(data) < 2:
        raise DataError(f"there must be at least two examples to learn from, got {len(data)}.")
    if recipe is None:
        recipe = recipe_for(loaded, len(data), new_weights=new_weights)
    trainer = Trainer(
        loss=loss_for(loaded.target.task) or training.cross_entropy,
        metric=training.accuracy,  # nothing is scored
        initialize=None,
        device=training.device_of(device),
        seed=seed,
        on_progress=on_progress,
    )
    network = train_finally(
        trainer,
        loaded.architecture,
        data,
        recipe,
        ancestor=None if new_weights else cast("Network", loaded.network),
    )
    config = {key: value for key, value in loaded.config.items() if key != "weights"}
    unmeasured = dict.fromkeys(("score", "low", "high", "examples"))
    return replace(
        loaded,
        network=network.eval().requires_grad_(False),
        config={**config, "metric": {"name": config["metric"]["name"], **unmeasured}},
    )


def recipe_for(loaded: LoadedNetwork, n_train: int, *, new_weights: bool) -> Recipe:
    """How it is trained where nobody says so."""
    clips = loaded.architecture.vocab_size is not None
    return retraining_recipe(n_train, clips=clips, new_weights=new_weights)
