"""The morphisms of LEMONADE by name, and how often each is tried."""

from __future__ import annotations

from optuna_codeepneat.sampler._lemonade import _approximations
from optuna_codeepneat.sampler._lemonade import _morphisms
from optuna_codeepneat.sampler._lemonade._morphisms import Morphism


EXACT: dict[str, Morphism] = {
    "deepen": _morphisms.deepen,
    "widen": _morphisms.widen,
    "connect": _morphisms.connect,
    "add_module": _morphisms.add_module,
    "split_module": _morphisms.split_module,
}
"""The network morphisms by name."""


APPROXIMATE: dict[str, Morphism] = {
    "remove_node": _approximations.remove_node,
    "disconnect": _approximations.disconnect,
    "narrow": _approximations.narrow,
    "separate": _approximations.separate,
    "alter": _approximations.alter,
}
"""The approximate ones by name: their children compute another function."""


EXACT_RATES = dict.fromkeys(EXACT, 1.0)
"""How often each is tried, unless the user says otherwise."""


# NOTE: with all equally often the fronts on MNIST-1D were much poorer: a hypervolume of .85 where
# it is .90 so (two seeds, 20,000 training steps). No exact morphism changes a dilation.
APPROXIMATE_RATES = {
    "remove_node": 1.0,
    "disconnect": 0.5,
    "narrow": 1.0,
    "separate": 1.0,
    "alter": 4.0,
}
"""How often each approximate one is tried, unless the user says otherwise (ours)."""


def named(key: str | Morphism) -> Morphism:
    """The morphism of a name, or the function that a user gave."""
    return {**EXACT, **APPROXIMATE}[key] if isinstance(key, str) else key


def _name_of(function: Morphism) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
