"""One look before the first training: each fault is told in one sentence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import optuna
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import Splits
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import accuracy
from optuna_codeepneat.training import cross_entropy


torch = pytest.importorskip("torch")
F = torch.nn.functional

N = 90
INPUTS = torch.rand(N, 4, generator=torch.Generator().manual_seed(0))
SUMS = INPUTS.sum(1)
LABELS = (SUMS > 2).long()
TOKENS = torch.arange(N * 8).reshape(N, 8) % 10
IMAGES = torch.zeros(N, 8, 8, 3)


def dense(num_outputs: int = 2) -> SearchSpace:
    return SearchSpace.dense(input_shape=(4,), num_outputs=num_outputs)


def text() -> SearchSpace:
    return SearchSpace.sequence(input_shape=(4, 8), num_outputs=2, vocab_size=10)


def splits(inputs: Any, targets: Any) -> Splits:
    """The first 50 examples, the next 20, the last 20."""
    return Splits(
        train=Examples(inputs[:50], targets[:50]),
        validation=Examples(inputs[50:70], targets[50:70]),
        test=Examples(inputs[70:], targets[70:]),
    )


def problem(space: SearchSpace, data: Any, **changes: Any) -> Problem:
    arguments: dict[str, Any] = {
        "name": "p",
        "title": "P",
        "make_space": lambda: space,
        "load_splits": lambda: data,
        "search_recipe": Recipe(steps=3),
        "final_recipe": Recipe(steps=3),
    }
    return Problem(**{**arguments, **changes})


def with_one(values: Any, index: tuple[int, ...], value: float) -> Any:
    changed = values.clone()
    changed[index] = value
    return changed


def r_squared(outputs: Any, targets: Any) -> float:
    return float(1 - ((outputs - targets) ** 2).mean() / targets.var())


def squeezing(outputs: Any, targets: Any) -> Any:
    return F.mse_loss(outputs.squeeze(1), targets)


REGRESSION = {"loss": F.mse_loss, "metric": r_squared}


@pytest.mark.parametrize(
    ("space", "data", "changes"),
    [
        (dense(), splits(INPUTS, LABELS), {}),
        (dense(), splits(INPUTS.double(), LABELS.int()), {}),
        (dense(), splits((9 * INPUTS).byte(), LABELS.bool()), {}),
        (dense(), splits(INPUTS > 0.5, LABELS.byte()), {}),
        (dense(5), splits(INPUTS, LABELS), {}),  # some classes are rare
        (text(), splits(TOKENS, LABELS), {}),
        (text(), splits(TOKENS.float(), LABELS), {}),
        (text(), splits(TOKENS.byte(), LABELS), {}),
        (dense(1), splits(INPUTS, SUMS[:, None]), REGRESSION),
        (dense(1), splits(INPUTS, SUMS[:, None].double()), REGRESSION),
        (
            dense(1),
            splits(INPUTS, SUMS),
            {"loss": squeezing, "metric": lambda o, t: r_squared(o.squeeze(1), t)},
        ),
        (
            dense(1),
            splits(INPUTS, torch.ones(N)),  # so that their order says nothing
            {"loss": squeezing, "metric": lambda o, t: -float(squeezing(o, t))},
        ),
        (
            dense(3),  # quantiles of one number, which are meant to broadcast
            splits(INPUTS, SUMS[:, None]),
            {"loss": lambda o, t: (o - t).abs().mean(), "metric": r_squared},
        ),
        (
            dense(),
            splits(INPUTS, F.one_hot(LABELS, 2).float()),
            {"loss": cross_entropy, "metric": lambda o, t: accuracy(o, t.argmax(1))},
        ),
        (
            dense(),
            splits(INPUTS, LABELS + 1),
            {
                "loss": lambda o, t, s: cross_entropy(o, t - 1, s),
                "metric": lambda o, t: accuracy(o, t - 1),
            },
        ),
        (
            dense(1),
            splits(INPUTS, LABELS[:, None].float()),
            {
                "loss": F.binary_cross_entropy_with_logits,
                "metric": lambda o, t: float(((o > 0) == t).float().mean()),
            },
        ),
    ],
)
def test_data_that_fit_are_searched(space: SearchSpace, data: Splits, changes: Any) -> None:
    fine = problem(space, data, **changes)
    fine.check()

    study = optuna.create_study(
        directions=fine.directions, sampler=optuna.samplers.RandomSampler(seed=0)
    )
    study.optimize(fine.objective, n_trials=2)
    assert all(math.isfinite(trial.values[0]) for trial in study.trials)
    assert math.isfinite(fine.test(fine.train_final(space.smallest())))


FAULTS: list[tuple[SearchSpace, Any, dict[str, Any], str]] = [
    # inputs
    (
        dense(),
        splits(INPUTS[:, :3], LABELS),
        {},
        "an example of the training inputs has the shape (3,), and networks of the search space "
        "read (4,); the space's `input_shape` is that of one example.",
    ),
    (
        SearchSpace.conv2d(input_shape=(3, 8, 8), num_outputs=2),
        splits(IMAGES, LABELS),
        {},
        "read (3, 8, 8); bring the channels to the front by `inputs.movedim(-1, 1)`.",
    ),
    (
        SearchSpace.conv1d(input_shape=(1, 4), num_outputs=2),
        splits(INPUTS, LABELS),
        {},
        "read (1, 4); give them a channel by `inputs[:, None]`.",
    ),
    (
        dense(),
        splits(INPUTS.reshape(N, 2, 2), LABELS),
        {},
        "read (4,); make vectors of them by `inputs.flatten(1)`.",
    ),
    (
        dense(),
        splits(with_one(INPUTS, (60, 2), math.nan), LABELS),
        {},
        "example 10 of the validation inputs holds NaN; fill such values or leave these examples "
        "out.",
    ),
    (
        dense(),
        splits(with_one(INPUTS, (73, 0), math.inf), LABELS),
        {},
        "example 3 of the test inputs holds an infinite number;",
    ),
    (
        dense(),
        splits(INPUTS.to(torch.complex64), LABELS),
        {},
        "the training inputs must be real numbers, got torch.complex64.",
    ),
    (
        text(),
        splits(with_one(TOKENS, (72, 3), 10), LABELS),
        {},
        "example 2 of the test inputs holds the token 10, and with `vocab_size=10` tokens are 0 "
        "to 9.",
    ),
    (text(), splits(with_one(TOKENS, (1, 0), -1), LABELS), {}, "holds the token -1, and with"),
    (
        text(),
        splits(TOKENS + 0.5, LABELS),
        {},
        "the training inputs must be tokens, whole numbers, as the search space has a vocabulary; "
        "example 0 holds another number.",
    ),
    # splits that differ
    (
        dense(),
        Splits(
            train=Examples(INPUTS, LABELS),
            validation=Examples(INPUTS, LABELS[:, None]),
            test=Examples(INPUTS, LABELS),
        ),
        {},
        "a target of the validation examples has the shape (1,), one of the training examples (); "
        "make them alike.",
    ),
    (
        dense(),
        Splits(
            train=Examples(INPUTS, LABELS),
            validation=Examples(INPUTS, LABELS),
            test=Examples(INPUTS, LABELS.float()),
        ),
        {},
        "the test targets are of torch.float32, those of the training examples of torch.int64;",
    ),
    (dense(), (INPUTS, LABELS), {}, "`load_splits` must return `Splits`, got tuple."),
    (
        dense(),
        Splits(train=(INPUTS, LABELS), validation=None, test=None),  # type: ignore[arg-type]
        {},
        "the training examples must be `Examples`, got tuple; make them by `Examples.from_arrays(",
    ),
    # classes
    (
        dense(),
        splits(INPUTS, LABELS + 1),
        {},
        "is of class 2, and with `num_outputs=2` classes are 0 to 1; count them from 0 by "
        "`targets - 1`.",
    ),
    (
        dense(),
        splits(INPUTS, 2 * LABELS - 1),
        {},
        "is of class -1, and with `num_outputs=2` classes are 0 to 1; of -1 and 1 make classes by "
        "`(targets > 0).long()`.",
    ),
    (
        dense(),
        splits(INPUTS, LABELS - 1),
        {},
        "is of class -1, and .*; number the classes from 0.",
    ),
    (
        dense(),
        splits(INPUTS, torch.arange(N) % 5),
        {},
        "example 2 of the training targets is of class 2, and with `num_outputs=2` classes are 0 "
        "to 1; the search space needs `num_outputs=5`.",
    ),
    (
        dense(),
        splits(INPUTS, F.one_hot(LABELS, 2)),
        {},
        "a target of the training examples has the shape (2,), and the metric 'accuracy' needs "
        "one class number; use `targets.argmax(1)`.",
    ),
    (
        dense(),
        splits(INPUTS, LABELS[:, None]),
        {},
        "has the shape (1,), and the metric 'accuracy' needs one class number; use "
        "`targets.squeeze(1)`.",
    ),
    (
        dense(),
        splits(INPUTS, LABELS[:, None]),
        {"loss": lambda o, t, s: cross_entropy(o, t.squeeze(1), s)},
        "and the metric 'accuracy' needs one class number; use `targets.squeeze(1)`.",
    ),
    (
        dense(),
        splits(INPUTS, LABELS[:, None]),
        {"metric": lambda o, t: accuracy(o, t.squeeze(1))},
        "and the loss 'cross_entropy' needs one class number; use `targets.squeeze(1)`.",
    ),
    (
        dense(1),
        splits(INPUTS, SUMS[:, None]),
        {"loss": F.mse_loss},
        "the training targets are of torch.float32, and the metric 'accuracy' needs class "
        "numbers; use `targets.long()`, or a loss and a metric for numbers.",
    ),
    (
        dense(1),
        splits(INPUTS, with_one(SUMS, (50,), math.nan)[:, None]),
        REGRESSION,
        "example 0 of the validation targets holds NaN;",
    ),
    # loss and metric
    (
        dense(1),
        splits(INPUTS, SUMS),
        REGRESSION,
        "the loss 'mse_loss' broadcasts outputs (50, 1) and targets (50,), so that targets meet "
        "outputs that are not theirs; give the targets the shape of the outputs, by "
        "`targets[:, None]`.",
    ),
    (
        dense(1),
        splits(INPUTS, SUMS),
        {"loss": lambda o, t: ((o - t) ** 2).mean(), "metric": r_squared},
        "the loss '<lambda>' broadcasts outputs (50, 1) and targets (50,), so that targets meet",
    ),
    (
        dense(1),
        splits(INPUTS, SUMS),
        {"loss": squeezing, "metric": r_squared},
        "the metric 'r_squared' broadcasts outputs (20, 1) and targets (20,), so that targets",
    ),
    (
        dense(1),
        splits(INPUTS, LABELS),
        {
            "loss": lambda o, t: squeezing(o, t.float()),
            "metric": lambda o, t: float(((o > 0.5) == t).float().mean()),
        },
        "the metric '<lambda>' broadcasts outputs (20, 1) and targets (20,), so that targets",
    ),
    (
        dense(3),
        splits(INPUTS, SUMS[:, None]),
        REGRESSION,
        "the loss 'mse_loss' broadcasts outputs (50, 3) and targets (50, 1), so that targets meet",
    ),
    (
        dense(3),
        splits(INPUTS, INPUTS[:, :2]),
        REGRESSION,
        "the loss 'mse_loss' fails on outputs (50, 3) and targets (50, 2) of torch.float32 (a "
        "target has 2 numbers, and `num_outputs=3`): ",
    ),
    (
        dense(1),
        splits(INPUTS, LABELS.float()),
        {"loss": F.binary_cross_entropy_with_logits, "metric": r_squared},
        "(targets of the outputs' shape are `targets[:, None]`): ",
    ),
    (
        dense(2),
        splits(INPUTS, (9 * INPUTS[:, :2]).long()),
        {"loss": F.binary_cross_entropy, "metric": r_squared},
        "the loss 'binary_cross_entropy' fails on outputs (50, 2) and targets (50, 2) of "
        "torch.int64 (",
    ),
    (
        dense(),
        splits(INPUTS, LABELS + 1),
        {"loss": lambda o, t: F.cross_entropy(o, t), "metric": lambda o, t: 0.5},
        "(they are from 1 to 2, and `num_outputs=2`): IndexError: ",
    ),
    (
        dense(1),
        splits(INPUTS, SUMS[:, None]),
        {**REGRESSION, "search_recipe": Recipe(label_smoothing=0.1)},
        "the loss 'mse_loss' takes no label smoothing, and the recipe has `label_smoothing=0.1`;",
    ),
    (
        dense(1),
        splits(INPUTS, SUMS[:, None]),
        {
            **REGRESSION,
            "hyperparameters": {"label_smoothing": optuna.distributions.FloatDistribution(0, 0.3)},
        },
        "the loss 'mse_loss' takes no label smoothing, and the recipe has `label_smoothing=0.3`;",
    ),
    (
        dense(),
        splits(INPUTS, LABELS),
        {"loss": lambda o, t: accuracy(o, t)},
        "the loss '<lambda>' must return one number as a tensor that depends on the outputs.",
    ),
    (
        dense(),
        splits(INPUTS, LABELS),
        {"loss": torch.nn.CrossEntropyLoss(reduction="none")},
        "the loss 'CrossEntropyLoss' must return one number as a tensor",
    ),
    (
        dense(),
        splits(INPUTS, LABELS),
        {"metric": lambda o, t: (o.argmax(1) == t).float()},
        "the metric '<lambda>' must return one number, got a tensor (20,).",
    ),
    (
        dense(),
        splits(INPUTS, LABELS),
        {"metric": lambda o, t: {}["auc"]},
        "the metric '<lambda>' fails on outputs (20, 2) and targets (20,) of torch.int64 (",
    ),
]


@pytest.mark.parametrize(("space", "data", "changes", "sentence"), FAULTS)
def test_a_fault_is_told_before_anything_is_trained(
    space: SearchSpace, data: Any, changes: dict[str, Any], sentence: str
) -> None:
    import re

    faulty = problem(space, data, **changes)
    pattern = re.escape(sentence).replace(re.escape(".*"), ".*")

    with pytest.raises(DataError, match=pattern) as told:
        faulty.check()
    assert str(told.value).endswith(".") and "\n" not in str(told.value)

    trained: list[Any] = []
    study = optuna.create_study(directions=faulty.directions)
    with pytest.raises(DataError, match=pattern):
        study.optimize(
            lambda trial: faulty.objective(trial, on_progress=lambda *some: trained.append(some)),
            n_trials=1,
        )
    with pytest.raises(DataError, match=pattern):
        faulty.train_final(space.smallest())
    assert not trained


def test_it_is_looked_once() -> None:
    calls = []

    def loss(outputs: Any, targets: Any) -> Any:
        calls.append(len(outputs))
        return F.cross_entropy(outputs, targets)

    fine = problem(dense(), splits(INPUTS, LABELS), loss=loss, search_recipe=Recipe(steps=1))
    fine.check()
    n = len(calls)
    fine.check()
    fine.objective(optuna.create_study(directions=fine.directions).ask())

    assert n >= 1
    assert len(calls) == n + 1


def test_trying_leaves_the_random_streams_and_the_data_alone() -> None:
    def loss(outputs: Any, targets: Any) -> Any:
        return squeezing(F.dropout(outputs, 0.5), targets)

    data = splits(INPUTS.clone(), SUMS.clone())
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()

    problem(dense(1), data, loss=loss, metric=lambda o, t: 0.0).check()

    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()
    assert torch.equal(data.train.inputs, INPUTS[:50])
    assert torch.equal(data.train.targets, SUMS[:50])


def test_few_examples_are_enough() -> None:
    one = Examples(INPUTS[:1], LABELS[:1])
    two = Examples(INPUTS[:2], torch.tensor([0, 1]))  # as many as classes

    problem(dense(), Splits(train=one, validation=one, test=one)).check()
    problem(dense(), Splits(train=two, validation=two, test=two)).check()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_on_a_gpu_a_label_out_of_bounds_is_told_and_the_process_goes_on() -> None:
    faulty = problem(
        dense(),
        splits(INPUTS, LABELS + 1),
        loss=lambda o, t: F.cross_entropy(o, t),
        metric=lambda o, t: 0.5,
    )
    with pytest.raises(DataError, match="they are from 1 to 2"):
        faulty.check(device="cuda")
    assert float(torch.ones(3, device="cuda").sum()) == 3.0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_loss_may_hold_tensors_on_the_gpu() -> None:
    weights = torch.tensor([0.3, 0.7], device="cuda")
    problem(
        dense(), splits(INPUTS, LABELS), loss=lambda o, t: F.cross_entropy(o, t, weight=weights)
    ).check(device="cuda")
