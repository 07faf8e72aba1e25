"""How a network lines up with an ancestor: what it can inherit. No torch here."""

from optuna_codeepneat.alignment._alignment import plan
from optuna_codeepneat.alignment._plan import INHERITANCES
from optuna_codeepneat.alignment._plan import Ancestor
from optuna_codeepneat.alignment._plan import Branch
from optuna_codeepneat.alignment._plan import Inheritance
from optuna_codeepneat.alignment._plan import Plan
from optuna_codeepneat.alignment._plan import Step


__all__ = ["INHERITANCES", "Ancestor", "Branch", "Inheritance", "Plan", "Step", "plan"]
