"""Which network comes next: the samplers and their replaceable parts. No torch here."""

from optuna_codeepneat.sampler._assembly import Network
from optuna_codeepneat.sampler._credit import Credit
from optuna_codeepneat.sampler._crossover import Crossover
from optuna_codeepneat.sampler._descent import Census
from optuna_codeepneat.sampler._descent import Descent
from optuna_codeepneat.sampler._descent import census_of
from optuna_codeepneat.sampler._descent import descent_of
from optuna_codeepneat.sampler._genome import GenomeSpace
from optuna_codeepneat.sampler._heritage import Heritage
from optuna_codeepneat.sampler._heritage import heritage_of
from optuna_codeepneat.sampler._inheritable import inheritable
from optuna_codeepneat.sampler._lemonade import Density
from optuna_codeepneat.sampler._lemonade import LemonadeSampler
from optuna_codeepneat.sampler._lemonade import Morphism
from optuna_codeepneat.sampler._mutation import Mutation
from optuna_codeepneat.sampler._mutation import Operator
from optuna_codeepneat.sampler._ranking import Score
from optuna_codeepneat.sampler._sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler._selection import Selection
from optuna_codeepneat.sampler._speciation import Speciation
from optuna_codeepneat.sampler._verify import Verification


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
