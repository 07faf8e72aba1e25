"""The errors that a user may want to catch; wrong arguments are plain `ValueError`."""

from __future__ import annotations


__all__ = [
    "CoDeepNEATError",
    "DataError",
    "DamagedStateError",
    "ExportError",
    "NetworkDivergedError",
    "NetworkError",
    "NoFigureError",
    "StorageError",
    "StoredStateError",
]


class CoDeepNEATError(Exception):
    """Base class of the package's errors."""


class StorageError(CoDeepNEATError):
    """A study's storage or the place of its weights cannot be opened, or is away for too long."""


class StoredStateError(CoDeepNEATError):
    """What the study's storage holds cannot be used: damaged, too new, or of another study."""


class DamagedStateError(StoredStateError):
    """What the study's storage holds is damaged: cut off, overwritten or lost in part."""


class DataError(CoDeepNEATError, ValueError):
    """The data of a problem do not fit its search space, its loss or its metric."""


class ExportError(CoDeepNEATError):
    """The directory of a trained network cannot be written or read, or its export is another."""


class NetworkDivergedError(CoDeepNEATError, ValueError):
    """A network's loss or outputs are no longer finite: its training has diverged."""


class NetworkError(CoDeepNEATError):
    """A network cannot be built or run; the message names the operation, layer and shapes."""


class NoFigureError(CoDeepNEATError):
    """A study doesn't hold what a figure is to show; the message says what is missing."""
