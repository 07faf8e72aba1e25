"""The processes that train networks, and the command that keeps them busy."""

from optuna_codeepneat.cli._workers._bindings import bind_workers
from optuna_codeepneat.cli._workers._final_settings import FinalSettings
from optuna_codeepneat.cli._workers._final_training import choose_finals
from optuna_codeepneat.cli._workers._keeping import PREPROCESSING
from optuna_codeepneat.cli._workers._run import Run
from optuna_codeepneat.cli._workers._timing import StepMeasurement
from optuna_codeepneat.cli._workers._timing import measured_step_time


__all__ = [
    "PREPROCESSING",
    "FinalSettings",
    "Run",
    "StepMeasurement",
    "bind_workers",
    "choose_finals",
    "measured_step_time",
]
