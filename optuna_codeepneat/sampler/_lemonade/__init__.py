"""LEMONADE: its morphisms of networks, how children are bred, and the sampler."""

from optuna_codeepneat.sampler._lemonade._density import Density
from optuna_codeepneat.sampler._lemonade._morphisms import Morphism
from optuna_codeepneat.sampler._lemonade._sampler import LemonadeSampler
from optuna_codeepneat.sampler._lemonade._widths import at_least


__all__ = [
    "Density",
    "LemonadeSampler",
    "Morphism",
    "at_least",
]
