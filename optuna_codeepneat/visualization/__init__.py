"""What people look at: figures, network diagrams, Optuna Dashboard and the report. No torch here.

Needs ``pip install optuna-codeepneat[visualization]``. Every name loads its module when it is
first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names


if TYPE_CHECKING:
    from optuna_codeepneat.visualization._diagram._png import network_png
    from optuna_codeepneat.visualization._diagram._svg import network_svg
    from optuna_codeepneat.visualization._history import plot_history
    from optuna_codeepneat.visualization._pareto_front import plot_pareto_front
    from optuna_codeepneat.visualization._publishing import publish
    from optuna_codeepneat.visualization._trial_diagrams import Diagrams

__all__ = [
    "Diagrams",
    "network_png",
    "network_svg",
    "plot_history",
    "plot_pareto_front",
    "publish",
]

_HOME = "optuna_codeepneat.visualization"
_HOMES = {
    "Diagrams": f"{_HOME}._trial_diagrams",
    "network_png": f"{_HOME}._diagram._png",
    "network_svg": f"{_HOME}._diagram._svg",
    "plot_history": f"{_HOME}._history",
    "plot_pareto_front": f"{_HOME}._pareto_front",
    "publish": f"{_HOME}._publishing",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
