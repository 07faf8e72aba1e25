"""CoDeepNEAT: modules and blueprints coevolve (Liang et al. 2019, LEAF)."""

from optuna_codeepneat.sampler._codeepneat._credit import Credit
from optuna_codeepneat.sampler._codeepneat._sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler._codeepneat._selection import Selection
from optuna_codeepneat.sampler._codeepneat._speciation import Speciation


__all__ = [
    "CoDeepNEATSampler",
    "Credit",
    "Selection",
    "Speciation",
]
