"""Networks that start where their ancestors stopped: inherited weights, checkpoints."""

from optuna_codeepneat.morphism._artifact import Checkpoint as Checkpoint
from optuna_codeepneat.morphism._artifact import UnusableWeightsError as UnusableWeightsError
from optuna_codeepneat.morphism._checkpoints import Checkpoints
from optuna_codeepneat.morphism._distillation import distil
from optuna_codeepneat.morphism._garbage import training_name as training_name
from optuna_codeepneat.morphism._garbage import weights_name as weights_name
from optuna_codeepneat.morphism._importance import importance_of
from optuna_codeepneat.morphism._inherit import inherit
from optuna_codeepneat.morphism._inheritance_report import InheritanceReport
from optuna_codeepneat.morphism._store import NotStoredError as NotStoredError
from optuna_codeepneat.morphism._store import fetch_weights as fetch_weights
from optuna_codeepneat.morphism._store import store_weights as store_weights
from optuna_codeepneat.morphism._transfer import Transfer
from optuna_codeepneat.morphism._weights import weights_of


__all__ = [
    "Checkpoints",
    "InheritanceReport",
    "Transfer",
    "distil",
    "importance_of",
    "inherit",
    "weights_of",
]
