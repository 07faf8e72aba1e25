"""The commands: their arguments, and what they do in which order."""

from optuna_codeepneat.cli._commands._begin import init
from optuna_codeepneat.cli._commands._begin import problems
from optuna_codeepneat.cli._commands._search import search
from optuna_codeepneat.cli._commands._search import worker
from optuna_codeepneat.cli._commands._show import dashboard
from optuna_codeepneat.cli._commands._show import front
from optuna_codeepneat.cli._commands._show import report
from optuna_codeepneat.cli._commands._show import show
from optuna_codeepneat.cli._commands._show import verify
from optuna_codeepneat.cli._commands._take import export
from optuna_codeepneat.cli._commands._take import predict
from optuna_codeepneat.cli._commands._take import retrain
from optuna_codeepneat.cli._commands._take import train


__all__ = [
    "dashboard",
    "export",
    "front",
    "init",
    "predict",
    "problems",
    "report",
    "retrain",
    "search",
    "show",
    "train",
    "verify",
    "worker",
]
