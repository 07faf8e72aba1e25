"""A learning rate that falls where a loss no longer does."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Plateau
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import cross_entropy
from optuna_codeepneat.training import fit
from optuna_codeepneat.training import predict
from optuna_codeepneat.training import seeded
from optuna_codeepneat.training._plateau import Descent


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("factor", 1.0),
        ("patience", 0.0),
        ("held_out", 1.0),
        ("drops", 0),
        ("resets", -1),
        ("checks", 0),
    ],
)
def test_wrong_values_are_named(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^`{name}` must be .*got {value}"):
        Plateau(**{name: value})


def rates(losses: list[float], **values: Any) -> list[float]:
    plateau = Plateau(**{"factor": 0.5, "patience": 0.2, "checks": 10, **values})
    descent = Descent(plateau, 1.0, 100)
    assert descent.every == 10
    found = []
    for loss in losses:
        descent.take(loss)
        found.append(descent.rate)
    return found


def test_the_rate_falls_where_the_loss_stalls() -> None:
    assert rates([3, 2, 1, 0.5]) == [1, 1, 1, 1]
    assert rates([3, 3, 3, 3, 3]) == [1, 1, 0.5, 0.5, 0.25]
    assert rates([3, 3, 2, 2, 2]) == [1, 1, 1, 1, 0.5]  # it fell in between


def test_the_rate_begins_anew_as_often_as_is_said() -> None:
    stalled = [1.0] * 10
    assert rates(stalled, patience=0.1, drops=2, resets=1) == [
        *(1, 0.5, 0.25, 1),  # anew, with a first loss to compare with
        *(1, 0.5, 0.25, 0.25, 0.25, 0.25),
    ]
    assert rates(stalled, patience=0.1, drops=2, resets=0)[-1] == 0.25


def test_only_the_least_loss_of_all_is_the_best() -> None:
    descent = Descent(Plateau(patience=0.1, checks=10, drops=1), 1.0, 100)
    assert [descent.take(loss) for loss in (2, 1, 3, 3, 2, 0.5)] == [
        *(True, True, False, False, False, True)
    ]


def examples(seed: int, n: int = 60) -> Examples:
    inputs = torch.randn(n, 4, generator=torch.Generator().manual_seed(seed))
    return Examples(inputs, (inputs.sum(1) > 0).long())


def trained(recipe: Recipe, held_out: Examples | None) -> Any:
    with seeded(0):
        network = torch.nn.Linear(4, 2)
    fit(network, examples(0), recipe, held_out=held_out, device="cpu")
    return network


def test_the_best_weights_are_those_that_count() -> None:
    # The labels of what is held out are the wrong way round: the longer, the worse.
    wrong = Examples(examples(1).inputs, 1 - examples(1).targets)
    recipe = Recipe(steps=200, schedule="plateau", plateau=Plateau(checks=200))
    early = trained(recipe, wrong).weight.detach()
    late = trained(recipe, examples(1)).weight.detach()
    assert float(early.abs().max()) < float(late.abs().max())

    assert torch.equal(early, trained(recipe, wrong).weight)


@pytest.mark.parametrize("steps", [200, 203])
def test_no_later_weights_count_than_those_of_the_least_loss(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the last step falls among those after which the training loss is read."""
    losses: list[float] = []
    take = Descent.take

    def kept(self: Descent, loss: float) -> bool:
        losses.append(loss)
        return take(self, loss)

    monkeypatch.setattr(Descent, "take", kept)
    wrong = Examples(examples(1).inputs, 1 - examples(1).targets)
    network = trained(Recipe(steps=steps, schedule="plateau"), wrong)
    assert losses[-1] > min(losses)
    outputs = predict(network, wrong)
    assert float(cross_entropy(outputs, wrong.targets)) == pytest.approx(min(losses))


def test_the_schedule_needs_examples() -> None:
    with pytest.raises(ValueError, match="'plateau' needs `held_out` examples, got None"):
        trained(Recipe(steps=3, schedule="plateau"), None)
