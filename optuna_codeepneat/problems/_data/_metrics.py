"""Metrics by the names that people use, computed by scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeAlias

import numpy as np

from optuna_codeepneat._lazy import needing
from optuna_codeepneat.problems._data._options import Task
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget
from optuna_codeepneat.problems._preprocessing import Target


if TYPE_CHECKING:
    import torch

    from optuna_codeepneat.training import Metric

Array: TypeAlias = np.ndarray[Any, Any]

METRICS: dict[str, tuple[str, tuple[Task, ...]]] = {
    "accuracy": ("maximize", ("classification", "labels")),
    "balanced_accuracy": ("maximize", ("classification",)),
    "macro_f1": ("maximize", ("classification", "labels")),
    "auroc": ("maximize", ("classification", "labels")),
    "average_precision": ("maximize", ("classification", "labels")),
    "log_loss": ("minimize", ("classification", "labels")),
    "r2": ("maximize", ("regression",)),
    "rmse": ("minimize", ("regression",)),
    "mae": ("minimize", ("regression",)),
}
"""The names, with the direction of each and the tasks that it is for."""

_USUAL: dict[Task, str] = {"classification": "accuracy", "regression": "r2", "labels": "auroc"}


def metric_for(task: Task, given: str | None) -> str:
    """The name of a task's metric.

    Raises:
        ValueError: If there is none of the name that is given, or not for this task.
    """
    if given is None:
        return _USUAL[task]
    fitting = [name for name, (_, tasks) in METRICS.items() if task in tasks]
    if given not in fitting:
        raise ValueError(
            f"`metric` must be one of {', '.join(fitting)} for the task {task!r}, got {given!r}."
        )
    return given


def direction_of(metric: str) -> str:
    """Whether a metric is ``"maximize"`` or ``"minimize"``."""
    return METRICS[metric][0]


@dataclass(frozen=True)
class TargetMetric:
    """A metric of what outputs mean: probabilities, or numbers on their own scale.

    Args:
        name:
            Of `METRICS`.
        target:
            What the outputs mean.

    Raises:
        ImportError: If scikit-learn is not installed.
    """

    name: str
    target: Target

    def __post_init__(self) -> None:
        with needing(f"the metric {self.name!r}"):
            if find_spec("sklearn") is None:  # it takes a second to load, and not all need it
                raise ModuleNotFoundError(name="sklearn")

    @property
    def __name__(self) -> str:
        return self.name

    def __call__(self, outputs: torch.Tensor, targets: torch.Tensor) -> float:
        """The score of outputs ``(examples, outputs)``."""
        given = outputs.detach().cpu().double().numpy()
        wanted = targets.detach().cpu().numpy()
        with warnings.catch_warnings():
            # Of what can't be computed scikit-learn warns, and returns NaN or 0.
            warnings.simplefilter("ignore")
            if isinstance(self.target, NumberTarget):
                score = _of_numbers(
                    self.name, self.target.decode(wanted), self.target.decode(given)
                )
            elif isinstance(self.target, LabelTarget):
                score = _of_labels(self.name, wanted, 0.5 * (1.0 + np.tanh(0.5 * given)))
            else:
                shares = np.exp(given - given.max(1, keepdims=True))
                shares /= shares.sum(1, keepdims=True)
                score = _of_classes(self.name, wanted, shares)
        return float(score)


def metric_of(target: Target, name: str) -> Metric:
    """The metric of a name for what outputs mean; the usual one where that is none for it.

    Raises:
        ImportError: If scikit-learn is needed, and not installed.
    """
    task: Any = target.task
    if name not in METRICS or task not in METRICS[name][1]:
        name = _USUAL[task]
    if name == "accuracy" and isinstance(target, ClassTarget):
        from optuna_codeepneat import training  # which loads torch

        return training.accuracy
    return TargetMetric(name, target)


def _of_classes(name: str, wanted: Array, shares: Array) -> float:
    from sklearn import metrics

    said = shares.argmax(1)
    if name == "accuracy":
        return float(metrics.accuracy_score(wanted, said))
    if name == "balanced_accuracy":
        return float(metrics.balanced_accuracy_score(wanted, said))
    if name == "macro_f1":
        return float(metrics.f1_score(wanted, said, average="macro"))
    classes = np.arange(shares.shape[1])
    if name == "log_loss":
        return float(metrics.log_loss(wanted, shares, labels=classes))
    is_of = wanted[:, None] == classes
    score = _SCORES[name]()
    if len(classes) == 2:  # as usual, of the second class alone
        return _mean_of(score, is_of[:, 1:], shares[:, 1:])
    return _mean_of(score, is_of, shares)


def _of_labels(name: str, wanted: Array, shares: Array) -> float:
    from sklearn import metrics

    if name == "accuracy":
        return float(metrics.accuracy_score(wanted, shares > 0.5))
    if name == "macro_f1":
        return float(metrics.f1_score(wanted, shares > 0.5, average="macro"))
    if name == "log_loss":
        return _mean_of(
            lambda wanted, shares: metrics.log_loss(wanted, shares, labels=[0, 1]), wanted, shares
        )
    return _mean_of(_SCORES[name](), wanted, shares)


def _of_numbers(name: str, wanted: Array, said: Array) -> float:
    from sklearn import metrics

    if name == "r2":
        return float(metrics.r2_score(wanted, said))
    if name == "rmse":
        return float(metrics.root_mean_squared_error(wanted, said))
    return float(metrics.mean_absolute_error(wanted, said))


def _auroc() -> Callable[[Array, Array], float]:
    from sklearn import metrics

    return lambda wanted, shares: float(metrics.roc_auc_score(wanted, shares))


def _average_precision() -> Callable[[Array, Array], float]:
    from sklearn import metrics

    return lambda wanted, shares: float(metrics.average_precision_score(wanted, shares))


_SCORES = {"auroc": _auroc, "average_precision": _average_precision}


def _mean_of(score: Callable[[Array, Array], float], wanted: Array, shares: Array) -> float:
    """The mean over the columns that have both, ones and zeros; NaN if none has."""
    scores = [
        score(column, likely)
        for column, likely in zip(wanted.T, shares.T, strict=True)
        if 0 < column.sum() < len(column)
    ]
    return float(np.mean(scores)) if scores else float("nan")
