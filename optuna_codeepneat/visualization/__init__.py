"""What people look at: figures, network diagrams, Optuna Dashboard and the report. No torch here.

Needs ``pip install optuna-codeepneat[visualization]``. Every name loads its module when it is
first used.
"""

from __future__ import annotations

from optuna_codeepneat._lazy import lazy_names


__all__: list[str] = []

_HOMES: dict[str, str] = {}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
