"""Early stopping for studies of several objectives, with any sampler of Optuna."""

from __future__ import annotations

from optuna_codeepneat.pruning._curve import Curve as Curve
from optuna_codeepneat.pruning._halving import ParetoHalvingPruner
from optuna_codeepneat.pruning._pruner import FrontPruner
from optuna_codeepneat.pruning._size_class import SizeClassPruner
from optuna_codeepneat.pruning._trial import PrunableTrial


__all__ = ["FrontPruner", "ParetoHalvingPruner", "PrunableTrial", "SizeClassPruner"]
