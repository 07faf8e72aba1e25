"""How a network lines up with an ancestor: what it can inherit. No torch here."""

from optuna_codeepneat.alignment._plan import Plan
from optuna_codeepneat.alignment._plan import Step
from optuna_codeepneat.alignment._plan import plan


__all__ = ["Plan", "Step", "plan"]
