"""Figures: each with what it shows as a value, and how Plotly draws it."""

from optuna_codeepneat.visualization._figures._ancestors import PASSED_ON
from optuna_codeepneat.visualization._figures._ancestors import Ancestors
from optuna_codeepneat.visualization._figures._front_comparison import FrontComparison
from optuna_codeepneat.visualization._figures._history import History
from optuna_codeepneat.visualization._figures._history import last_hypervolume
from optuna_codeepneat.visualization._figures._importances import ComponentImportances
from optuna_codeepneat.visualization._figures._inheritance import Inheritance
from optuna_codeepneat.visualization._figures._panels import Panel
from optuna_codeepneat.visualization._figures._panels import panels
from optuna_codeepneat.visualization._figures._pareto_front import ParetoFront
from optuna_codeepneat.visualization._figures._species import Species


__all__ = [
    "Ancestors",
    "ComponentImportances",
    "FrontComparison",
    "History",
    "Inheritance",
    "PASSED_ON",
    "Panel",
    "ParetoFront",
    "Species",
    "last_hypervolume",
    "panels",
]
