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

__all__ = ["network_png", "network_svg"]

_DIAGRAM = "optuna_codeepneat.visualization._diagram"
_HOMES = {
    "network_png": f"{_DIAGRAM}._png",
    "network_svg": f"{_DIAGRAM}._svg",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
