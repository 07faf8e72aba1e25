"""Problems of users' own data: read, looked at, divided, with all that a search needs beside."""

from optuna_codeepneat.problems._data._from_data import FromData
from optuna_codeepneat.problems._data._image_source import IMAGES
from optuna_codeepneat.problems._data._image_source import image_column
from optuna_codeepneat.problems._data._image_source import images_in
from optuna_codeepneat.problems._data._losses import label_entropy
from optuna_codeepneat.problems._data._metrics import METRICS
from optuna_codeepneat.problems._data._metrics import TargetMetric
from optuna_codeepneat.problems._data._splitting import by_groups
from optuna_codeepneat.problems._data._tables import TABLES
from optuna_codeepneat.problems._data._tables import Table
from optuna_codeepneat.problems._data._tables import read_table


__all__ = [
    "IMAGES",
    "METRICS",
    "TABLES",
    "FromData",
    "Table",
    "TargetMetric",
    "by_groups",
    "image_column",
    "images_in",
    "label_entropy",
    "read_table",
]
