"""Figures: each with what it shows as a value, and how Plotly draws it."""

from optuna_codeepneat.visualization._figures._front_comparison import FrontComparison
from optuna_codeepneat.visualization._figures._history import History
from optuna_codeepneat.visualization._figures._history import last_hypervolume
from optuna_codeepneat.visualization._figures._panels import Panel
from optuna_codeepneat.visualization._figures._panels import hyperparameter_panels
from optuna_codeepneat.visualization._figures._panels import panels
from optuna_codeepneat.visualization._figures._pareto_front import ParetoFront


__all__ = [
    "FrontComparison",
    "History",
    "Panel",
    "ParetoFront",
    "hyperparameter_panels",
    "last_hypervolume",
    "panels",
]
