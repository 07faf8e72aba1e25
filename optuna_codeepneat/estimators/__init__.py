"""Evolution in the manner of scikit-learn: `fit`, `predict`, `score`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names


if TYPE_CHECKING:
    from optuna_codeepneat.estimators._evolved import EvolvedClassifier
    from optuna_codeepneat.estimators._evolved import EvolvedRegressor
    from optuna_codeepneat.estimators._evolved import FrontMember

__all__ = ["EvolvedClassifier", "EvolvedRegressor", "FrontMember"]

_HOMES = dict.fromkeys(__all__, f"{__name__}._evolved")


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
