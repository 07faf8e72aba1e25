"""The commands: their arguments, and what they do in which order."""

from optuna_codeepneat.cli._commands._search import search
from optuna_codeepneat.cli._commands._search import worker
from optuna_codeepneat.cli._commands._view import dashboard
from optuna_codeepneat.cli._commands._view import front
from optuna_codeepneat.cli._commands._view import report
from optuna_codeepneat.cli._commands._view import show
from optuna_codeepneat.cli._commands._view import verify


__all__ = [
    "dashboard",
    "front",
    "report",
    "search",
    "show",
    "verify",
    "worker",
]
