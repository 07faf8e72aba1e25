"""The protocol over trials: which generation a trial belongs to, and what it is bred from."""

from optuna_codeepneat.sampler._generations._confirmation import CONFIRMATION
from optuna_codeepneat.sampler._generations._coordinator import Coordinator
from optuna_codeepneat.sampler._generations._coordinator import Task
from optuna_codeepneat.sampler._generations._evidence import confirmation_of
from optuna_codeepneat.sampler._generations._evidence import evaluated_key
from optuna_codeepneat.sampler._generations._evidence import global_genes_of
from optuna_codeepneat.sampler._generations._evidence import network_of
from optuna_codeepneat.sampler._generations._evidence import params_hash
from optuna_codeepneat.sampler._generations._evidence import result_of
from optuna_codeepneat.sampler._generations._inspection import Ancestry
from optuna_codeepneat.sampler._generations._inspection import Census
from optuna_codeepneat.sampler._generations._inspection import ancestry_of
from optuna_codeepneat.sampler._generations._inspection import census_of
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._ledger import donor_of
from optuna_codeepneat.sampler._generations._ledger import network_assigned
from optuna_codeepneat.sampler._generations._lineages import restart_evolution
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._records import TOOK
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._records import set_text
from optuna_codeepneat.sampler._generations._root import described_space
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.sampler._generations._saved_weights import saved_weights
from optuna_codeepneat.sampler._generations._verify import Verification
from optuna_codeepneat.sampler._generations._verify import verify


__all__ = [
    "ASSIGNMENT",
    "Ancestry",
    "Assignment",
    "CONFIRMATION",
    "Census",
    "Coordinator",
    "Ledger",
    "SavedWeights",
    "TOOK",
    "Task",
    "Verification",
    "WEIGHTS",
    "ancestry_of",
    "assignment_of",
    "census_of",
    "confirmation_of",
    "described_space",
    "donor_of",
    "evaluated_key",
    "global_genes_of",
    "network_assigned",
    "network_of",
    "pack",
    "params_hash",
    "restart_evolution",
    "result_of",
    "saved_weights",
    "set_text",
    "verify",
]
