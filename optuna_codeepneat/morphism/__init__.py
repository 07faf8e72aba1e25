"""Networks that start where their ancestors stopped: inherited weights, checkpoints."""

from optuna_codeepneat.morphism._artifact import Checkpoint
from optuna_codeepneat.morphism._checkpoints import Checkpoints
from optuna_codeepneat.morphism._distillation import distil
from optuna_codeepneat.morphism._inherit import Report
from optuna_codeepneat.morphism._inherit import inherit
from optuna_codeepneat.morphism._transfer import INHERITANCES
from optuna_codeepneat.morphism._transfer import Inheritance
from optuna_codeepneat.morphism._transfer import Transfer
from optuna_codeepneat.morphism._weights import weights_of


__all__ = [
    "INHERITANCES",
    "Checkpoint",
    "Checkpoints",
    "Inheritance",
    "Report",
    "Transfer",
    "distil",
    "inherit",
    "weights_of",
]
