"""What a final training may have beside its recipe: width, weights, augmentation, copies."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat import training
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.problems._data import label_entropy
from optuna_codeepneat.problems._final import parted
from optuna_codeepneat.problems._measuring import meaning_of
from optuna_codeepneat.problems._trainer import Trainer
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Plateau
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import seeded


def examples(n: int) -> Examples:
    """Sequences, and whether their sum is positive."""
    inputs = torch.randn(n, 1, 8, generator=torch.Generator().manual_seed(n))
    return Examples(inputs, (inputs.sum((1, 2)) > 0).long())


def make_problem(**changes: Any) -> Problem:
    arguments: dict[str, Any] = {
        "name": "sums",
        "title": "Sums",
        "make_space": lambda: SearchSpace.conv1d(input_shape=(1, 8), num_outputs=2),
        "load_splits": lambda: Splits(
            train=examples(50), validation=examples(30), test=examples(40)
        ),
        "final_recipe": Recipe(steps=8, batch_size=20),
        "augmentation": Augmentation(noise=0.3),
    }
    return Problem(**{**arguments, **changes})


def weights(network: Any) -> torch.Tensor:
    return torch.nn.utils.parameters_to_vector(network.parameters()).detach()


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks stay as they were before their training."""
    monkeypatch.setattr(Trainer, "fit", lambda *arguments, **more: None)


@pytest.mark.usefixtures("untrained")
def test_a_widened_network_begins_with_the_weights_of_the_narrow_one() -> None:
    problem = make_problem()
    narrow = problem.space.smallest()
    ancestor = build_network(narrow)
    wide: Any = problem.train_final(narrow, widen=3, ancestor=ancestor)
    assert wide.architecture.num_params > 2 * narrow.num_params
    x = problem.load().test.inputs
    with torch.no_grad():
        assert torch.allclose(wide.eval()(x), ancestor.eval()(x), atol=1e-5)
    fresh = problem.train_final(narrow, widen=3)
    assert weights(fresh).shape == weights(wide).shape
    assert not torch.allclose(weights(fresh), weights(wide), atol=1e-3)


@pytest.mark.usefixtures("untrained")
def test_weights_line_up_by_the_markings_of_the_ancestor() -> None:
    problem = make_problem()
    plain = problem.space.smallest()
    marks = {name: ["x" + i for i in ids] for name, ids in plain.innovation_ids.items()}
    ancestor = build_network(plain.with_innovation_ids(marks))
    network = problem.train_final(plain, ancestor=ancestor)
    assert torch.equal(weights(network), weights(ancestor))


def test_augmentation_is_drawn_from_the_seed_of_the_training() -> None:
    problem = make_problem()
    recipe = problem.final_recipe.replace(augmentation=problem.augmentation)
    plain = problem.train_final(problem.space.smallest(), seed=2)
    first, again = (
        problem.train_final(problem.space.smallest(), seed=2, recipe=recipe) for _ in range(2)
    )
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(plain))


def test_an_augmentation_that_does_not_suit_is_said_before_the_training() -> None:
    problem = make_problem(augmentation=Augmentation(rotate=5.0))
    recipe = problem.final_recipe.replace(augmentation=problem.augmentation)
    with pytest.raises(DataError, match="by `rotate` does not suit sequences"):
        problem.train_final(problem.space.smallest(), recipe=recipe)
    with pytest.raises(DataError, match="by `rotate` does not suit sequences"):
        problem.measure(build_network(problem.space.smallest()), copies=2)
    for name in ("search_recipe", "final_recipe"):
        with pytest.raises(DataError, match="by `rotate` does not suit sequences"):
            make_problem(**{name: recipe}).check(device="cpu")


def test_a_plateau_holds_examples_out(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, seen = make_problem(), []
    really = training.fit
    monkeypatch.setattr(
        training,
        "fit",
        lambda network, data, recipe, **more: (
            seen.append((len(data), more["held_out"])) or really(network, data, recipe, **more)
        ),
    )
    recipe = problem.final_recipe.replace(schedule="plateau", plateau=Plateau(held_out=0.25))
    problem.train_final(problem.space.smallest(), recipe=recipe)
    problem.train_final(problem.space.smallest())
    assert (seen[0][0], len(seen[0][1])) == (60, 20)
    assert seen[1] == (80, None)


def test_classes_are_parted_in_proportion() -> None:
    data = Examples(torch.arange(100.0)[:, None], torch.tensor([0] * 80 + [1] * 20))
    learnt, held_out = parted(data, 0.1)
    assert (len(learnt), len(held_out), int(held_out.targets.sum())) == (90, 10, 2)
    both = torch.cat([learnt.inputs, held_out.inputs]).flatten()
    assert sorted(both.tolist()) == data.inputs.flatten().tolist()
    numbers = Examples(torch.rand(3, 1), torch.rand(3, 2))
    assert list(map(len, parted(numbers, 0.01))) == [2, 1]
    with pytest.raises(DataError, match="there is only one"):
        parted(numbers.take([0]), 0.5)


def test_both_scores_are_measured() -> None:
    problem = make_problem()
    network = problem.train_final(problem.space.smallest())
    found = problem.measure(network, copies=6, seed=1)
    assert (found.copies, found.plain, found.n_examples) == (6, problem.test(network), 40)
    assert found.low is not None and found.high is not None
    assert found.low <= found.score <= found.high
    assert problem.measure(network, copies=6, seed=1) == found
    assert problem.measure(network).copies == 0 and problem.measure(network).plain is None


def test_copies_need_an_augmentation() -> None:
    problem = make_problem(augmentation=None)
    network = build_network(problem.space.smallest())
    with pytest.raises(DataError, match="'sums' has no `augmentation`, and without one all"):
        problem.measure(network, copies=2)
    recipe = problem.final_recipe.replace(augmentation=Augmentation(noise=0.1))
    with_recipe = make_problem(augmentation=None, final_recipe=recipe)
    assert with_recipe.measure(network, copies=2).copies == 2


def test_what_outputs_are() -> None:
    classes, numbers = torch.tensor([0, 1]), torch.rand(2, 3)
    assert meaning_of(None, classes) == "classes"
    assert meaning_of(label_entropy, numbers) == "labels"
    assert meaning_of(torch.nn.BCEWithLogitsLoss(), numbers) == "labels"
    assert meaning_of(torch.nn.functional.mse_loss, numbers) == "numbers"


def test_built_in_problems_say_what_suits_them() -> None:
    from optuna_codeepneat.problems._built_in._fashion_mnist import fashion_mnist
    from optuna_codeepneat.problems._built_in._mnist1d import mnist1d

    for problem in (mnist1d(), fashion_mnist(size=14, train=1000)):
        assert problem.augmentation
        shape = (3, *problem.space.input_shape)
        with seeded(0):
            assert problem.augmentation(torch.zeros(shape)).shape == shape
