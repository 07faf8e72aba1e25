"""What processes share: studies by URL, places for artifacts, and patience when one is away."""

from optuna_codeepneat.storages._artifacts import open_artifacts
from optuna_codeepneat.storages._open import open_storage
from optuna_codeepneat.storages._retrying import RetryingStorage


__all__ = ["RetryingStorage", "open_artifacts", "open_storage"]
