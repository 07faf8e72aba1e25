"""What people look at: figures, network diagrams, Optuna Dashboard and the report. No torch here.

Needs ``pip install optuna-codeepneat[visualization]``. Every name loads its module when it is
first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names


if TYPE_CHECKING:
    from optuna_codeepneat.visualization._component_importances import plot_component_importances
    from optuna_codeepneat.visualization._diagram._png import network_png
    from optuna_codeepneat.visualization._diagram._svg import network_svg
    from optuna_codeepneat.visualization._front_comparison import plot_front_comparison
    from optuna_codeepneat.visualization._history import plot_history
    from optuna_codeepneat.visualization._inheritance import plot_inheritance
    from optuna_codeepneat.visualization._lineage import plot_lineage
    from optuna_codeepneat.visualization._pareto_front import plot_pareto_front
    from optuna_codeepneat.visualization._publishing import publish
    from optuna_codeepneat.visualization._report._write import write_report
    from optuna_codeepneat.visualization._species import plot_species
    from optuna_codeepneat.visualization._trial_diagrams import Diagrams

__all__ = [
    "Diagrams",
    "network_png",
    "network_svg",
    "plot_component_importances",
    "plot_front_comparison",
    "plot_history",
    "plot_inheritance",
    "plot_lineage",
    "plot_pareto_front",
    "plot_species",
    "publish",
    "write_report",
]

_HOMES = {
    "Diagrams": "optuna_codeepneat.visualization._trial_diagrams",
    "network_png": "optuna_codeepneat.visualization._diagram._png",
    "network_svg": "optuna_codeepneat.visualization._diagram._svg",
    "plot_component_importances": "optuna_codeepneat.visualization._component_importances",
    "plot_front_comparison": "optuna_codeepneat.visualization._front_comparison",
    "plot_history": "optuna_codeepneat.visualization._history",
    "plot_inheritance": "optuna_codeepneat.visualization._inheritance",
    "plot_lineage": "optuna_codeepneat.visualization._lineage",
    "plot_pareto_front": "optuna_codeepneat.visualization._pareto_front",
    "plot_species": "optuna_codeepneat.visualization._species",
    "write_report": "optuna_codeepneat.visualization._report._write",
    "publish": "optuna_codeepneat.visualization._publishing",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
