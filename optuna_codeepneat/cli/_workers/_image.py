"""What the worker processes of a host have in common: loaded once, by the server they fork from.

NOTE: No thread may run in a process that forks, and CUDA may not be asked for anything: what is
imported here only defines things. BLAS libraries start threads when they are loaded, unless they
are told to have one (`_starting`).
"""

from __future__ import annotations

import gc
from contextlib import suppress
from importlib import import_module


_LOADED = (
    "torch.nn.functional",
    "torch.optim",
    "optuna.storages._rdb.models",
    "optuna_codeepneat.cli._workers._worker",
    "optuna_codeepneat.network",
    "optuna_codeepneat.problems",
    "optuna_codeepneat.training",
)

with suppress(Exception):  # whatever is wrong with torch, a worker says so when it needs it
    for _name in _LOADED:
        import_module(_name)

# What is never collected is not written to by the collector, and so shared by all who are forked.
gc.collect()
gc.freeze()
