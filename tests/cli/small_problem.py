"""A problem with networks that are really trained, in no time."""

from __future__ import annotations

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Continuation
from optuna_codeepneat.training import Recipe


def load() -> Splits:
    import torch  # here, as in built-in problems: who trains nothing need not load it

    from optuna_codeepneat.training import Examples

    inputs = torch.randn(60, 4, generator=torch.Generator().manual_seed(0))
    examples = Examples(inputs, (inputs.sum(1) > 0).long())
    parts = [examples.take(list(range(i, i + 20))) for i in (0, 20, 40)]
    return Splits(train=parts[0], validation=parts[1], test=parts[2])


small = Problem(
    name="small",
    title="Small networks",
    make_space=lambda: SearchSpace.dense(input_shape=(4,), num_outputs=2),
    load_splits=load,
    search_recipe=Recipe(steps=10),
    continuation=Continuation(steps=0.5),
    final_recipe=Recipe(steps=3),
    augmentation=Augmentation(noise=0.1),
)
