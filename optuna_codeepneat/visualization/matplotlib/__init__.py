"""The figures of `optuna_codeepneat.visualization`, drawn with Matplotlib: for papers.

Each function takes what its namesake takes and returns the axes that it drew on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names


if TYPE_CHECKING:
    from optuna_codeepneat.visualization.matplotlib._figures import plot_ancestors
    from optuna_codeepneat.visualization.matplotlib._figures import plot_component_importances
    from optuna_codeepneat.visualization.matplotlib._figures import plot_front_comparison
    from optuna_codeepneat.visualization.matplotlib._figures import plot_history
    from optuna_codeepneat.visualization.matplotlib._figures import plot_inheritance
    from optuna_codeepneat.visualization.matplotlib._figures import plot_pareto_front
    from optuna_codeepneat.visualization.matplotlib._figures import plot_species

__all__ = [
    "plot_component_importances",
    "plot_front_comparison",
    "plot_history",
    "plot_inheritance",
    "plot_ancestors",
    "plot_pareto_front",
    "plot_species",
]

_HOMES = dict.fromkeys(__all__, "optuna_codeepneat.visualization.matplotlib._figures")


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
