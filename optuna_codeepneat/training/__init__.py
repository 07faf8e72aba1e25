"""Trains and scores one network, with as little as possible between the arithmetic.

`Recipe` says how, `fit` does it, `evaluate` scores the result, `Latency` times a prediction. The
built-in problems use these; a user's objective may use them, or anything else that trains a
`torch.nn.Module`.

What needs torch loads when it is first used, so that recipes can be read without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names
from optuna_codeepneat.training._augmentation import Augmentation
from optuna_codeepneat.training._continuation import Continuation
from optuna_codeepneat.training._measurement import Measurement
from optuna_codeepneat.training._plateau import Plateau
from optuna_codeepneat.training._recipe import Recipe
from optuna_codeepneat.training._schedule import learning_rates


if TYPE_CHECKING:
    from optuna_codeepneat.training._averaging import Meaning as Meaning
    from optuna_codeepneat.training._averaging import predict_averaged
    from optuna_codeepneat.training._checkpoint import TrainingCheckpoint
    from optuna_codeepneat.training._confidence import measured
    from optuna_codeepneat.training._devices import device_of as device_of
    from optuna_codeepneat.training._examples import Examples
    from optuna_codeepneat.training._fit import FitResult
    from optuna_codeepneat.training._fit import fit
    from optuna_codeepneat.training._image_examples import ImageExamples
    from optuna_codeepneat.training._latency import Latency
    from optuna_codeepneat.training._losses import Loss as Loss
    from optuna_codeepneat.training._losses import cross_entropy
    from optuna_codeepneat.training._losses import name_of as name_of
    from optuna_codeepneat.training._losses import smoothed as smoothed
    from optuna_codeepneat.training._metrics import Metric as Metric
    from optuna_codeepneat.training._metrics import accuracy
    from optuna_codeepneat.training._metrics import as_score as as_score
    from optuna_codeepneat.training._metrics import evaluate
    from optuna_codeepneat.training._metrics import predict
    from optuna_codeepneat.training._seeds import seeded

__all__ = [
    "Augmentation",
    "Continuation",
    "Examples",
    "FitResult",
    "ImageExamples",
    "Latency",
    "Measurement",
    "Plateau",
    "Recipe",
    "TrainingCheckpoint",
    "accuracy",
    "cross_entropy",
    "evaluate",
    "fit",
    "learning_rates",
    "measured",
    "predict",
    "predict_averaged",
    "seeded",
]

_HOMES = {
    "Examples": "optuna_codeepneat.training._examples",
    "FitResult": "optuna_codeepneat.training._fit",
    "ImageExamples": "optuna_codeepneat.training._image_examples",
    "Latency": "optuna_codeepneat.training._latency",
    "TrainingCheckpoint": "optuna_codeepneat.training._checkpoint",
    "accuracy": "optuna_codeepneat.training._metrics",
    "as_score": "optuna_codeepneat.training._metrics",
    "cross_entropy": "optuna_codeepneat.training._losses",
    "device_of": "optuna_codeepneat.training._devices",
    "evaluate": "optuna_codeepneat.training._metrics",
    "fit": "optuna_codeepneat.training._fit",
    "measured": "optuna_codeepneat.training._confidence",
    "name_of": "optuna_codeepneat.training._losses",
    "predict": "optuna_codeepneat.training._metrics",
    "predict_averaged": "optuna_codeepneat.training._averaging",
    "smoothed": "optuna_codeepneat.training._losses",
    "seeded": "optuna_codeepneat.training._seeds",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
