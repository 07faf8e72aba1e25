"""Which network comes next: the samplers and their replaceable parts. No torch here."""

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.sampler._base import EvolutionarySampler as EvolutionarySampler
from optuna_codeepneat.sampler._base import donors_of
from optuna_codeepneat.sampler._base import never_inherits as never_inherits
from optuna_codeepneat.sampler._base import wait_with as wait_with
from optuna_codeepneat.sampler._believed import believed_values
from optuna_codeepneat.sampler._cheap import Cheap as Cheap
from optuna_codeepneat.sampler._codeepneat import CoDeepNEATSampler
from optuna_codeepneat.sampler._codeepneat import Credit
from optuna_codeepneat.sampler._codeepneat import Selection
from optuna_codeepneat.sampler._codeepneat import Speciation
from optuna_codeepneat.sampler._generations import WEIGHTS as WEIGHTS
from optuna_codeepneat.sampler._generations import Ancestry
from optuna_codeepneat.sampler._generations import Assignment as Assignment
from optuna_codeepneat.sampler._generations import Census
from optuna_codeepneat.sampler._generations import Ledger as Ledger
from optuna_codeepneat.sampler._generations import SavedWeights as SavedWeights
from optuna_codeepneat.sampler._generations import Verification
from optuna_codeepneat.sampler._generations import ancestry_of
from optuna_codeepneat.sampler._generations import assignment_of as assignment_of
from optuna_codeepneat.sampler._generations import census_of
from optuna_codeepneat.sampler._generations import donor_of as donor_of
from optuna_codeepneat.sampler._generations import restart_evolution
from optuna_codeepneat.sampler._generations import saved_weights as saved_weights
from optuna_codeepneat.sampler._generations import set_text as set_text
from optuna_codeepneat.sampler._genetics import Crossover
from optuna_codeepneat.sampler._genetics import GenomeSpace
from optuna_codeepneat.sampler._genetics import Mutation
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Operator
from optuna_codeepneat.sampler._genetics import Ranges as Ranges
from optuna_codeepneat.sampler._genetics import blueprint_space as blueprint_space
from optuna_codeepneat.sampler._genetics import draw as draw
from optuna_codeepneat.sampler._genetics import module_space as module_space
from optuna_codeepneat.sampler._genetics import with_innovation_ids as with_innovation_ids
from optuna_codeepneat.sampler._lemonade import Density
from optuna_codeepneat.sampler._lemonade import LemonadeSampler
from optuna_codeepneat.sampler._lemonade import Morphism
from optuna_codeepneat.sampler._lemonade import at_least as at_least
from optuna_codeepneat.sampler._stored import stored_samplers
from optuna_codeepneat.sampler._stored import stored_space
from optuna_codeepneat.sampler._surrogate import Surrogate


__all__ = [
    "Ancestry",
    "Census",
    "CoDeepNEATSampler",
    "Credit",
    "Crossover",
    "Density",
    "GenomeSpace",
    "LemonadeSampler",
    "Morphism",
    "Mutation",
    "NetworkGenome",
    "Operator",
    "Score",
    "Selection",
    "Speciation",
    "Surrogate",
    "Verification",
    "ancestry_of",
    "believed_values",
    "census_of",
    "donors_of",
    "restart_evolution",
    "stored_samplers",
    "stored_space",
]
