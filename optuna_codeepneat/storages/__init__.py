"""What processes share: studies by URL, places for artifacts, and patience when one is away."""

from optuna_codeepneat.storages._artifacts import absolute_place as absolute_place
from optuna_codeepneat.storages._artifacts import open_artifacts
from optuna_codeepneat.storages._home import home_of as home_of
from optuna_codeepneat.storages._open import open_storage
from optuna_codeepneat.storages._outages import database_reason as database_reason
from optuna_codeepneat.storages._outages import outage as outage
from optuna_codeepneat.storages._retrying import RetryingStorage
from optuna_codeepneat.storages._upload_queue import Item as Item
from optuna_codeepneat.storages._upload_queue import UploadQueue as UploadQueue


__all__ = ["RetryingStorage", "open_artifacts", "open_storage"]
