"""Evolves neural networks through Optuna.

Every name loads its module when it is first used, so that importing the package costs next to
nothing and `build_network` alone needs torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat._lazy import lazy_names
from optuna_codeepneat.version import __version__


if TYPE_CHECKING:
    from optuna_codeepneat.network import build_network
    from optuna_codeepneat.sampler import CoDeepNEATSampler
    from optuna_codeepneat.sampler import LemonadeSampler
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import Layer
    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.search_space import register_layer

__all__ = [
    "Architecture",
    "CoDeepNEATSampler",
    "Layer",
    "LemonadeSampler",
    "SearchSpace",
    "__version__",
    "build_network",
    "register_layer",
]

_HOMES = {
    "Architecture": "optuna_codeepneat.search_space",
    "CoDeepNEATSampler": "optuna_codeepneat.sampler",
    "Layer": "optuna_codeepneat.search_space",
    "LemonadeSampler": "optuna_codeepneat.sampler",
    "SearchSpace": "optuna_codeepneat.search_space",
    "build_network": "optuna_codeepneat.network",
    "register_layer": "optuna_codeepneat.search_space",
}


__getattr__, __dir__ = lazy_names(globals(), _HOMES)
