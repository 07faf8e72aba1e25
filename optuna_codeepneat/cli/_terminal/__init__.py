"""What a person sees in the terminal: progress, the front as it grows, tables."""

from optuna_codeepneat.cli._terminal._front import Front
from optuna_codeepneat.cli._terminal._front_view import FrontView
from optuna_codeepneat.cli._terminal._lines import broken
from optuna_codeepneat.cli._terminal._lines import say
from optuna_codeepneat.cli._terminal._lines import width_of
from optuna_codeepneat.cli._terminal._loading import loading_shown
from optuna_codeepneat.cli._terminal._monitor import Monitor
from optuna_codeepneat.cli._terminal._monitor import front_of
from optuna_codeepneat.cli._terminal._network import network_table
from optuna_codeepneat.cli._terminal._progress import progress
from optuna_codeepneat.cli._terminal._progress import silence
from optuna_codeepneat.cli._terminal._rate import Rate
from optuna_codeepneat.cli._terminal._snapshot import Progress
from optuna_codeepneat.cli._terminal._snapshot import Snapshot
from optuna_codeepneat.cli._terminal._snapshot import clock
from optuna_codeepneat.cli._terminal._tables import decoded
from optuna_codeepneat.cli._terminal._tables import finals_table
from optuna_codeepneat.cli._terminal._tables import front_table
from optuna_codeepneat.cli._terminal._tables import interval_in_words
from optuna_codeepneat.cli._terminal._tables import print_table
from optuna_codeepneat.cli._terminal._tables import properties
from optuna_codeepneat.cli._terminal._tables import readable
from optuna_codeepneat.cli._terminal._tables import standing


__all__ = [
    "Front",
    "FrontView",
    "Monitor",
    "Progress",
    "Rate",
    "Snapshot",
    "broken",
    "clock",
    "decoded",
    "finals_table",
    "front_of",
    "front_table",
    "interval_in_words",
    "loading_shown",
    "network_table",
    "print_table",
    "progress",
    "properties",
    "readable",
    "say",
    "silence",
    "standing",
    "width_of",
]
