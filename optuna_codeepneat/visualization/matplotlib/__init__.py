"""The figures that papers need, drawn with Matplotlib for one column of text, in vectors.

Each function takes what its namesake in `optuna_codeepneat.visualization` takes, and the width of
the figure in inches. What it returns is saved as usual, as in ``figure.savefig("front.pdf")``:
with text that stays text, and the same bytes for the same study.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names


if TYPE_CHECKING:
    from optuna_codeepneat.visualization.matplotlib._figures import plot_front_comparison
    from optuna_codeepneat.visualization.matplotlib._figures import plot_history
    from optuna_codeepneat.visualization.matplotlib._figures import plot_pareto_front

__all__ = ["plot_front_comparison", "plot_history", "plot_pareto_front"]

_HOMES = dict.fromkeys(__all__, f"{__name__}._figures")


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
