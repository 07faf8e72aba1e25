"""The study of a search: its storage, its settings, its sampler, its artifacts."""

from optuna_codeepneat.cli._study._artifacts import absolute_artifacts
from optuna_codeepneat.cli._study._artifacts import diagrams_place
from optuna_codeepneat.cli._study._artifacts import finals_place
from optuna_codeepneat.cli._study._artifacts import is_here
from optuna_codeepneat.cli._study._artifacts import open_checkpoints
from optuna_codeepneat.cli._study._artifacts import open_diagrams
from optuna_codeepneat.cli._study._artifacts import open_finals
from optuna_codeepneat.cli._study._artifacts import settings_here
from optuna_codeepneat.cli._study._artifacts import weights_place
from optuna_codeepneat.cli._study._joining import wait_for_search
from optuna_codeepneat.cli._study._named_networks import is_name_of_network
from optuna_codeepneat.cli._study._named_networks import named_networks
from optuna_codeepneat.cli._study._names import file_name
from optuna_codeepneat.cli._study._names import study_of
from optuna_codeepneat.cli._study._pruners import make_pruner
from optuna_codeepneat.cli._study._samplers import make_evolution
from optuna_codeepneat.cli._study._samplers import make_sampler
from optuna_codeepneat.cli._study._settings import BY_HAND
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._spaces import space_of
from optuna_codeepneat.cli._study._storages import open_storage
from optuna_codeepneat.cli._study._storages import output_file
from optuna_codeepneat.cli._study._studies import Search
from optuna_codeepneat.cli._study._studies import find_study
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.cli._study._studies import open_searched
from optuna_codeepneat.cli._study._studies import open_study
from optuna_codeepneat.cli._study._studies import search_of


__all__ = [
    "BY_HAND",
    "Search",
    "SearchSettings",
    "absolute_artifacts",
    "diagrams_place",
    "file_name",
    "finals_place",
    "find_study",
    "is_here",
    "is_name_of_network",
    "load_problem",
    "make_evolution",
    "make_pruner",
    "make_sampler",
    "named_networks",
    "open_checkpoints",
    "open_diagrams",
    "open_finals",
    "open_search",
    "open_searched",
    "open_storage",
    "open_study",
    "output_file",
    "settings_here",
    "search_of",
    "space_of",
    "study_of",
    "wait_for_search",
    "weights_place",
]
