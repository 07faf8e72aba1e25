"""What a genome is and how it varies: the same for every algorithm."""

from optuna_codeepneat.sampler._genetics._crossover import Crossover
from optuna_codeepneat.sampler._genetics._genes import Scale
from optuna_codeepneat.sampler._genetics._genes import distance
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._genetics._genes import perturb
from optuna_codeepneat.sampler._genetics._genes import to_unit
from optuna_codeepneat.sampler._genetics._genome import GenomeSpace
from optuna_codeepneat.sampler._genetics._genome import Ranges
from optuna_codeepneat.sampler._genetics._genome import blueprint_space
from optuna_codeepneat.sampler._genetics._genome import genome_id
from optuna_codeepneat.sampler._genetics._genome import module_space
from optuna_codeepneat.sampler._genetics._genome import normalized
from optuna_codeepneat.sampler._genetics._genome import random_genome
from optuna_codeepneat.sampler._genetics._genome import with_innovation_ids
from optuna_codeepneat.sampler._genetics._genome import with_node
from optuna_codeepneat.sampler._genetics._later import came_later
from optuna_codeepneat.sampler._genetics._later import later
from optuna_codeepneat.sampler._genetics._mutation import Mutation
from optuna_codeepneat.sampler._genetics._mutation import Operator
from optuna_codeepneat.sampler._genetics._mutation import edges_of
from optuna_codeepneat.sampler._genetics._mutation import insert_node
from optuna_codeepneat.sampler._genetics._mutation import perturb_one
from optuna_codeepneat.sampler._genetics._mutation import remove_connection
from optuna_codeepneat.sampler._genetics._mutation import remove_node
from optuna_codeepneat.sampler._genetics._network_genome import NetworkGenome
from optuna_codeepneat.sampler._genetics._network_genome import network_genome
from optuna_codeepneat.sampler._genetics._network_genome import smallest_network
from optuna_codeepneat.sampler._genetics._origin import ARCHIVE
from optuna_codeepneat.sampler._genetics._origin import Origin
from optuna_codeepneat.sampler._genetics._origin import Position
from optuna_codeepneat.sampler._genetics._origin import TrialNumber
from optuna_codeepneat.sampler._genetics._population import Heritage
from optuna_codeepneat.sampler._genetics._population import Individual
from optuna_codeepneat.sampler._genetics._population import Key
from optuna_codeepneat.sampler._genetics._population import Population
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._genetics._population import best_of
from optuna_codeepneat.sampler._genetics._proposal import Evaluated
from optuna_codeepneat.sampler._genetics._proposal import Proposal
from optuna_codeepneat.sampler._genetics._proposal import Seen


__all__ = [
    "ARCHIVE",
    "Crossover",
    "Evaluated",
    "GenomeSpace",
    "Heritage",
    "Individual",
    "Key",
    "Mutation",
    "NetworkGenome",
    "Operator",
    "Origin",
    "Population",
    "Position",
    "Proposal",
    "Ranges",
    "Result",
    "Scale",
    "Seen",
    "State",
    "TrialNumber",
    "best_of",
    "blueprint_space",
    "came_later",
    "distance",
    "draw",
    "edges_of",
    "genome_id",
    "insert_node",
    "later",
    "module_space",
    "network_genome",
    "normalized",
    "perturb",
    "perturb_one",
    "random_genome",
    "remove_connection",
    "remove_node",
    "smallest_network",
    "to_unit",
    "with_innovation_ids",
    "with_node",
]
