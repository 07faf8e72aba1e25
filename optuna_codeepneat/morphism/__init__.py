"""Networks that start where their ancestors stopped: inherited weights, checkpoints."""

from optuna_codeepneat.morphism._weights import weights_of


__all__ = ["weights_of"]
