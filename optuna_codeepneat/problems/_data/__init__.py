"""Problems of users' own data: read, looked at, divided, with all that a search needs beside."""

from optuna_codeepneat.problems._data._from_data import FromData
from optuna_codeepneat.problems._data._image_source import IMAGES
from optuna_codeepneat.problems._data._image_source import image_column
from optuna_codeepneat.problems._data._image_source import images_in
from optuna_codeepneat.problems._data._known_target import encoded_answers
from optuna_codeepneat.problems._data._losses import label_entropy
from optuna_codeepneat.problems._data._losses import loss_for
from optuna_codeepneat.problems._data._metrics import METRICS
from optuna_codeepneat.problems._data._metrics import TargetMetric
from optuna_codeepneat.problems._data._metrics import direction_of
from optuna_codeepneat.problems._data._metrics import metric_of
from optuna_codeepneat.problems._data._new_data import read_new_data
from optuna_codeepneat.problems._data._recipes import retraining_recipe
from optuna_codeepneat.problems._data._splitting import by_groups
from optuna_codeepneat.problems._data._tables import TABLES
from optuna_codeepneat.problems._data._tables import Table
from optuna_codeepneat.problems._data._tables import read_table
from optuna_codeepneat.problems._data._target_values import Place
from optuna_codeepneat.problems._data._target_values import target_columns
from optuna_codeepneat.problems._data._targets import strata_of


__all__ = [
    "IMAGES",
    "METRICS",
    "TABLES",
    "FromData",
    "Place",
    "Table",
    "TargetMetric",
    "by_groups",
    "direction_of",
    "encoded_answers",
    "image_column",
    "images_in",
    "label_entropy",
    "loss_for",
    "metric_of",
    "read_new_data",
    "read_table",
    "retraining_recipe",
    "strata_of",
    "target_columns",
]
