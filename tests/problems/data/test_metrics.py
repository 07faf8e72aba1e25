"""Metrics by their names: what they say of perfect, of constant and of usual outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems._data import METRICS
from optuna_codeepneat.problems._data._metrics import TargetMetric
from optuna_codeepneat.problems._data._metrics import metric_for
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget


torch = pytest.importorskip("torch")
sklearn_metrics = pytest.importorskip("sklearn.metrics")

RNG = np.random.default_rng(0)
CLASSES = ClassTarget(classes=("a", "b", "c"))
TWO = ClassTarget(classes=("no", "yes"))
LABELS = LabelTarget(labels=("a", "b"))
NUMBERS = NumberTarget(names=("price",), mean=(100.0,), std=(7.0,))
NAMES = [(name, task) for name, (_, tasks) in METRICS.items() for task in tasks]


def example(task: str) -> tuple[Any, Any, Any, Any]:
    """A target, what is right, outputs that say so, and outputs that say something of it."""
    if task == "classification":
        right = torch.tensor(RNG.integers(0, 3, 60))
        perfect = 50.0 * torch.nn.functional.one_hot(right, 3).float()
    elif task == "labels":
        right = torch.tensor(RNG.integers(0, 2, (60, 2))).float()
        perfect = 50.0 * (2.0 * right - 1.0)
    else:
        right = torch.tensor(RNG.normal(size=(60, 1))).float()
        perfect = right.clone()
    target = {"classification": CLASSES, "labels": LABELS, "regression": NUMBERS}[task]
    return target, right, perfect, torch.randn(perfect.shape) + perfect / 50.0


@pytest.mark.parametrize(("name", "task"), NAMES)
def test_nothing_is_better_than_what_is_right(name: str, task: Any) -> None:
    assert metric_for(task, name) == name
    target, right, perfect, usual = example(task)
    metric = TargetMetric(name, target)

    best, other = metric(perfect, right), metric(usual, right)

    maximizes = METRICS[name][0] == "maximize"
    assert best == pytest.approx(1.0 if maximizes else 0.0, abs=1e-4)
    assert other < best if maximizes else other > best
    order = torch.randperm(len(right))
    assert metric(usual[order], right[order]) == pytest.approx(other)


def test_they_are_scikit_learns() -> None:
    _, right, _, usual = example("classification")
    likely = usual.double().softmax(1).numpy()

    assert TargetMetric("auroc", CLASSES)(usual, right) == pytest.approx(
        sklearn_metrics.roc_auc_score(right, likely, multi_class="ovr")
    )
    two = torch.tensor(RNG.integers(0, 2, 60))
    assert TargetMetric("average_precision", TWO)(usual[:, :2], two) == pytest.approx(
        sklearn_metrics.average_precision_score(two, (usual[:, 1] - usual[:, 0]).numpy())
    )
    assert TargetMetric("log_loss", CLASSES)(usual, right) == pytest.approx(
        float(torch.nn.functional.cross_entropy(usual.double(), right))
    )


def test_errors_are_on_the_scale_of_the_numbers() -> None:
    right, said = torch.zeros(4, 1), torch.tensor([[1.0], [-1.0], [1.0], [-1.0]])

    assert TargetMetric("mae", NUMBERS)(said, right) == pytest.approx(7.0)
    assert TargetMetric("rmse", NUMBERS)(said, right) == pytest.approx(7.0)


def test_a_class_that_is_not_there_is_left_out() -> None:
    right = torch.tensor([0, 1, 0, 1])
    outputs = torch.tensor([[2.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 3.0, 0.0]])

    assert TargetMetric("auroc", CLASSES)(outputs, right) == 1.0
    assert np.isnan(TargetMetric("auroc", CLASSES)(outputs, torch.tensor([2, 2, 2, 2])))
    assert np.isfinite(TargetMetric("log_loss", CLASSES)(outputs, right))


@pytest.mark.parametrize(
    ("task", "name"), [("classification", "accuracy"), ("regression", "r2"), ("labels", "auroc")]
)
def test_the_usual_one(task: Any, name: str) -> None:
    assert metric_for(task, None) == name


@pytest.mark.parametrize(
    ("task", "name"), [("classification", "r2"), ("regression", "auroc"), ("labels", "f1")]
)
def test_one_that_does_not_fit(task: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"for the task '{task}', got '{name}'"):
        metric_for(task, name)


@pytest.mark.parametrize(("name", "task"), NAMES)
def test_each_is_good_for_a_problem(name: str, task: Any) -> None:
    x = RNG.normal(size=(120, 3))
    y = {
        "classification": (x[:, 0] > 0).astype(int) + (x[:, 1] > 0),
        "labels": (x[:, :2] > 0).astype(int),
        "regression": 100 * x[:, :1],
    }[task]

    problem = Problem.from_arrays(x, y, metric=name)

    problem.check()
    assert problem.directions[0] == METRICS[name][0]
    guess = {"auroc": 0.5, "r2": 0.0}.get(name)
    assert problem.floor is not None
    if guess is not None:
        assert guess < problem.floor <= guess + 0.1
