"""The command `optuna-codeepneat`: searches, fronts and networks from a terminal."""

from optuna_codeepneat.cli._main import main


__all__ = ["main"]
