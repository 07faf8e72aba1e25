"""Storages of shared studies: opened by URL, and patient when a database is away for a while."""

from optuna_codeepneat.storages._open import open_storage
from optuna_codeepneat.storages._retrying import RetryingStorage


__all__ = ["RetryingStorage", "open_storage"]
