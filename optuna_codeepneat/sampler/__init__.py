"""Which network comes next: the samplers and their replaceable parts. No torch here."""

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.sampler._base import inheritable
from optuna_codeepneat.sampler._codeepneat._credit import Credit
from optuna_codeepneat.sampler._codeepneat._sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler._codeepneat._selection import Selection
from optuna_codeepneat.sampler._codeepneat._speciation import Speciation
from optuna_codeepneat.sampler._generations._descent import Census
from optuna_codeepneat.sampler._generations._descent import Descent
from optuna_codeepneat.sampler._generations._descent import Heritage
from optuna_codeepneat.sampler._generations._descent import census_of
from optuna_codeepneat.sampler._generations._descent import descent_of
from optuna_codeepneat.sampler._generations._descent import heritage_of
from optuna_codeepneat.sampler._generations._verify import Verification
from optuna_codeepneat.sampler._genetics._crossover import Crossover
from optuna_codeepneat.sampler._genetics._genome import GenomeSpace
from optuna_codeepneat.sampler._genetics._mutation import Mutation
from optuna_codeepneat.sampler._genetics._mutation import Operator
from optuna_codeepneat.sampler._genetics._network import Network
from optuna_codeepneat.sampler._lemonade import Density
from optuna_codeepneat.sampler._lemonade import LemonadeSampler
from optuna_codeepneat.sampler._lemonade import Morphism


__all__ = [
    "Census",
    "CoDeepNEATSampler",
    "Credit",
    "Crossover",
    "Density",
    "Descent",
    "GenomeSpace",
    "Heritage",
    "LemonadeSampler",
    "Morphism",
    "Mutation",
    "Network",
    "Operator",
    "Score",
    "Selection",
    "Speciation",
    "Verification",
    "census_of",
    "descent_of",
    "heritage_of",
    "inheritable",
]
