"""Trains and scores one network, with as little as possible between the arithmetic.

`Recipe` says how, `fit` does it, `evaluate` scores the result. The built-in problems use these;
a user's objective may use them, or anything else that trains a `torch.nn.Module`.

What needs torch loads when it is first used, so that recipes can be read without it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.training._recipe import Recipe
from optuna_codeepneat.training._schedule import learning_rates


if TYPE_CHECKING:
    from optuna_codeepneat.training._examples import Examples
    from optuna_codeepneat.training._fit import FitResult
    from optuna_codeepneat.training._fit import fit
    from optuna_codeepneat.training._losses import cross_entropy
    from optuna_codeepneat.training._metrics import accuracy
    from optuna_codeepneat.training._metrics import evaluate
    from optuna_codeepneat.training._metrics import predict
    from optuna_codeepneat.training._seeds import seeded

__all__ = [
    "Examples",
    "FitResult",
    "Recipe",
    "accuracy",
    "cross_entropy",
    "evaluate",
    "fit",
    "learning_rates",
    "predict",
    "seeded",
]

_HOMES = {
    "Examples": "_examples",
    "FitResult": "_fit",
    "accuracy": "_metrics",
    "cross_entropy": "_losses",
    "evaluate": "_metrics",
    "fit": "_fit",
    "predict": "_metrics",
    "seeded": "_seeds",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        message = f"`{name}` needs PyTorch; install it with: pip install optuna-codeepneat[torch]"
        raise ImportError(message) from error
    globals()[name] = value  # the next access finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
