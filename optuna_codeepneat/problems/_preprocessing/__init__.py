"""How raw examples become what networks read, and outputs of networks answers, as values.

One file for each kind of raw examples; the targets are the same for all kinds.
"""

from optuna_codeepneat.problems._preprocessing._arrays import ArrayReader
from optuna_codeepneat.problems._preprocessing._images import ImageHeader
from optuna_codeepneat.problems._preprocessing._images import ImageReader
from optuna_codeepneat.problems._preprocessing._images import Mode
from optuna_codeepneat.problems._preprocessing._images import Resampling
from optuna_codeepneat.problems._preprocessing._images import channels_of
from optuna_codeepneat.problems._preprocessing._images import decoders_silenced
from optuna_codeepneat.problems._preprocessing._images import header_of
from optuna_codeepneat.problems._preprocessing._images import pixels_of
from optuna_codeepneat.problems._preprocessing._preprocessing import Preprocessing
from optuna_codeepneat.problems._preprocessing._preprocessing import Target
from optuna_codeepneat.problems._preprocessing._scaling import scaling_of
from optuna_codeepneat.problems._preprocessing._table import CategoryColumn
from optuna_codeepneat.problems._preprocessing._table import NumberColumn
from optuna_codeepneat.problems._preprocessing._table import TableReader
from optuna_codeepneat.problems._preprocessing._table import category_of
from optuna_codeepneat.problems._preprocessing._table import columns_of
from optuna_codeepneat.problems._preprocessing._table import is_missing
from optuna_codeepneat.problems._preprocessing._targets import ClassTarget
from optuna_codeepneat.problems._preprocessing._targets import LabelTarget
from optuna_codeepneat.problems._preprocessing._targets import NumberTarget
from optuna_codeepneat.problems._preprocessing._text import TextReader
from optuna_codeepneat.problems._preprocessing._text import Unit
from optuna_codeepneat.problems._preprocessing._text import tokens_of


__all__ = [
    "ArrayReader",
    "CategoryColumn",
    "ClassTarget",
    "ImageHeader",
    "ImageReader",
    "LabelTarget",
    "Mode",
    "NumberColumn",
    "NumberTarget",
    "Preprocessing",
    "Resampling",
    "TableReader",
    "Target",
    "TextReader",
    "Unit",
    "category_of",
    "channels_of",
    "columns_of",
    "decoders_silenced",
    "header_of",
    "is_missing",
    "pixels_of",
    "scaling_of",
    "tokens_of",
]
