"""A problem of your own, which runs as it stands: `optuna-codeepneat search FILE.py --trials 20`.

A search trains a network for each trial on the training examples, scores it on the validation
examples, and keeps the best trade-offs. The test examples are looked at once, at the end.
"""

from __future__ import annotations

from optuna.distributions import FloatDistribution

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.training import Recipe


def load_splits() -> Splits:
    """Your data. Each worker process calls this once."""
    import torch  # here, so that commands which train nothing need not load it

    from optuna_codeepneat.training import Examples

    # In place of these points in a square, which are to be told apart by the ring they lie in:
    # inputs are float32 of shape (examples, *input_shape), targets int64 of shape (examples,).
    generator = torch.Generator().manual_seed(0)
    inputs = 2 * torch.rand(3000, 2, generator=generator) - 1
    targets = (2 * inputs.norm(dim=1)).long().clamp(max=1)
    examples = Examples(inputs, targets)
    return Splits(
        train=examples.take(list(range(2000))),
        validation=examples.take(list(range(2000, 2500))),
        test=examples.take(list(range(2500, 3000))),
    )


def make_space() -> SearchSpace:
    """The networks that a search may find."""
    # `SearchSpace.conv1d` and `conv2d` are for series and images, `sequence` for texts.
    return SearchSpace.dense(input_shape=(2,), num_outputs=2, max_params=5_000)


problem = Problem(
    name="rings",  # of the study and of its files
    title="Points in rings",  # in tables and reports
    make_space=make_space,
    load_splits=load_splits,
    # The metric on the validation examples comes first, then any of num_params, macs, depth and
    # latency. For another metric or loss give `metric=` and `loss=`.
    objectives={"accuracy": "maximize", "num_params": "minimize"},
    # Short, as every network of the search is trained so.
    search_recipe=Recipe(steps=100, batch_size=100, learning_rate=1e-2),
    # Longer, for the few that are chosen in the end.
    final_recipe=Recipe(steps=500, batch_size=100, learning_rate=1e-2),
    # What evolves together with the network: any numbers of the recipe.
    hyperparameters={"learning_rate": FloatDistribution(1e-3, 5e-2, log=True)},
    final_hyperparameters=["learning_rate"],
)
