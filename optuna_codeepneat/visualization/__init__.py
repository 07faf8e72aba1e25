"""What people look at: figures, network diagrams, Optuna Dashboard and the report. No torch here.

Needs ``pip install optuna-codeepneat[visualization]``. Every name loads its module when it is
first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names


if TYPE_CHECKING:
    from optuna_codeepneat.visualization._baselines import beside_baselines as beside_baselines
    from optuna_codeepneat.visualization._dashboard._diagrams import Diagrams
    from optuna_codeepneat.visualization._dashboard._publish import publish
    from optuna_codeepneat.visualization._dashboard._view import DashboardView as DashboardView
    from optuna_codeepneat.visualization._dashboard._view import (
        leave_out_infeasible as leave_out_infeasible,
    )
    from optuna_codeepneat.visualization._diagram._png import network_png
    from optuna_codeepneat.visualization._diagram._svg import network_svg
    from optuna_codeepneat.visualization._figures._ancestors import plot_ancestors
    from optuna_codeepneat.visualization._figures._front_comparison import plot_front_comparison
    from optuna_codeepneat.visualization._figures._history import plot_history
    from optuna_codeepneat.visualization._figures._importances import plot_component_importances
    from optuna_codeepneat.visualization._figures._inheritance import plot_inheritance
    from optuna_codeepneat.visualization._figures._learning_curves import plot_learning_curves
    from optuna_codeepneat.visualization._figures._pareto_front import plot_pareto_front
    from optuna_codeepneat.visualization._figures._species import plot_species
    from optuna_codeepneat.visualization._format import format_metric as format_metric
    from optuna_codeepneat.visualization._format import network_in_words as network_in_words
    from optuna_codeepneat.visualization._format import with_twins as with_twins
    from optuna_codeepneat.visualization._report._write import write_report

__all__ = [
    "Diagrams",
    "network_png",
    "network_svg",
    "plot_component_importances",
    "plot_front_comparison",
    "plot_history",
    "plot_inheritance",
    "plot_learning_curves",
    "plot_ancestors",
    "plot_pareto_front",
    "plot_species",
    "publish",
    "write_report",
]

_HOMES = {
    "DashboardView": f"{__name__}._dashboard._view",
    "Diagrams": f"{__name__}._dashboard._diagrams",
    "beside_baselines": f"{__name__}._baselines",
    "format_metric": f"{__name__}._format",
    "leave_out_infeasible": f"{__name__}._dashboard._view",
    "network_in_words": f"{__name__}._format",
    "network_png": f"{__name__}._diagram._png",
    "network_svg": f"{__name__}._diagram._svg",
    "plot_component_importances": f"{__name__}._figures._importances",
    "plot_front_comparison": f"{__name__}._figures._front_comparison",
    "plot_history": f"{__name__}._figures._history",
    "plot_inheritance": f"{__name__}._figures._inheritance",
    "plot_learning_curves": f"{__name__}._figures._learning_curves",
    "plot_ancestors": f"{__name__}._figures._ancestors",
    "plot_pareto_front": f"{__name__}._figures._pareto_front",
    "plot_species": f"{__name__}._figures._species",
    "publish": f"{__name__}._dashboard._publish",
    "with_twins": f"{__name__}._format",
    "write_report": f"{__name__}._report._write",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
