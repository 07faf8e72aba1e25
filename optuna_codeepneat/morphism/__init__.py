"""Networks that start where their ancestors stopped: inherited weights, checkpoints."""

from optuna_codeepneat.morphism._inherit import Report
from optuna_codeepneat.morphism._inherit import inherit
from optuna_codeepneat.morphism._transfer import INHERITANCES
from optuna_codeepneat.morphism._transfer import Inheritance
from optuna_codeepneat.morphism._transfer import Transfer
from optuna_codeepneat.morphism._weights import weights_of


__all__ = ["INHERITANCES", "Inheritance", "Report", "Transfer", "inherit", "weights_of"]
