"""Data, search space, loss and metric of a task, by name: LEAF's problem-domain layer.

`get_problem` finds a built-in problem, one of the user's as ``package.module:attribute`` or
``file.py:attribute``, or makes one of data, ``data:prices.csv?target=price``. The class methods of
`Problem` make one of arrays, tables, images and texts. A new built-in problem is one file in
`_built_in/` with a function that returns a `Problem`, and its name in `_registry.py`.
"""

from optuna_codeepneat.problems._baselines import hand_made
from optuna_codeepneat.problems._data import TABLES as TABLES
from optuna_codeepneat.problems._data import Place as Place
from optuna_codeepneat.problems._data import Table as Table
from optuna_codeepneat.problems._data import direction_of as direction_of
from optuna_codeepneat.problems._data import encoded_answers as encoded_answers
from optuna_codeepneat.problems._data import images_in as images_in
from optuna_codeepneat.problems._data import loss_for as loss_for
from optuna_codeepneat.problems._data import metric_of as metric_of
from optuna_codeepneat.problems._data import read_new_data as read_new_data
from optuna_codeepneat.problems._data import read_table as read_table
from optuna_codeepneat.problems._data import retraining_recipe as retraining_recipe
from optuna_codeepneat.problems._data import strata_of as strata_of
from optuna_codeepneat.problems._data import target_columns as target_columns
from optuna_codeepneat.problems._data_names import DataName as DataName
from optuna_codeepneat.problems._data_names import is_data as is_data
from optuna_codeepneat.problems._final import train_finally as train_finally
from optuna_codeepneat.problems._loading import loading_heard as loading_heard
from optuna_codeepneat.problems._preprocessing import ArrayReader as ArrayReader
from optuna_codeepneat.problems._preprocessing import ClassTarget as ClassTarget
from optuna_codeepneat.problems._preprocessing import ImageReader as ImageReader
from optuna_codeepneat.problems._preprocessing import LabelTarget as LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberTarget as NumberTarget
from optuna_codeepneat.problems._preprocessing import Preprocessing
from optuna_codeepneat.problems._preprocessing import TableReader as TableReader
from optuna_codeepneat.problems._preprocessing import Target as Target
from optuna_codeepneat.problems._preprocessing import TextReader as TextReader
from optuna_codeepneat.problems._problem import Problem
from optuna_codeepneat.problems._problem_names import ProblemName as ProblemName
from optuna_codeepneat.problems._profiles import Profile
from optuna_codeepneat.problems._profiles import available_profiles
from optuna_codeepneat.problems._profiles import get_profile
from optuna_codeepneat.problems._reference import Reference
from optuna_codeepneat.problems._registry import available_problems
from optuna_codeepneat.problems._registry import canonical_name as canonical_name
from optuna_codeepneat.problems._registry import get_problem
from optuna_codeepneat.problems._registry import needs_no_trust as needs_no_trust
from optuna_codeepneat.problems._registry import options_of as options_of
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.problems._splits import stratified_split
from optuna_codeepneat.problems._trainer import Trainer as Trainer


__all__ = [
    "Preprocessing",
    "Problem",
    "Profile",
    "Reference",
    "Splits",
    "available_problems",
    "available_profiles",
    "get_problem",
    "get_profile",
    "hand_made",
    "stratified_split",
]
