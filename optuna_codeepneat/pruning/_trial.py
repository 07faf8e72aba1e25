"""`PrunableTrial`: a trial with `report` and `should_prune` for several objectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

import optuna

from optuna_codeepneat.pruning._pruner import FrontPruner


if TYPE_CHECKING:
    from optuna.trial import BaseTrial


class PrunableTrial:
    """A trial whose `report` and `should_prune` take several objectives; all else is the trial's.

    Args:
        trial:
            The trial that the objective was given.
        pruner:
            What judges it; None for that of its study.

    Raises:
        ValueError: If no `FrontPruner` is given, and the study has another kind.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.pruning import PrunableTrial, SizeClassPruner
        >>> objectives = {"accuracy": "maximize", "num_params": "minimize"}
        >>> pruner = SizeClassPruner(objectives, costs=["num_params"], max_resource=8)
        >>> def objective(trial):
        ...     trial = PrunableTrial(trial)
        ...     width = trial.suggest_int("width", 1, 64)
        ...     for epoch in range(1, 9):
        ...         accuracy = 1 - 1 / (epoch * width)
        ...         trial.report({"accuracy": accuracy, "num_params": 10 * width}, epoch)
        ...         if trial.should_prune():
        ...             raise optuna.TrialPruned()
        ...     return accuracy, 10 * width
        >>> study = optuna.create_study(directions=["maximize", "minimize"], pruner=pruner)
        >>> study.optimize(objective, n_trials=10)
    """

    def __init__(self, trial: BaseTrial, pruner: FrontPruner | None = None) -> None:
        if pruner is None and isinstance(trial, optuna.Trial):
            own = trial.study.pruner
            if not isinstance(own, FrontPruner):
                raise ValueError(
                    "`pruner` must be given, or be that of the study, which has a "
                    f"{type(own).__name__}."
                )
            pruner = own
        self._trial = trial
        self._pruner = pruner

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_trial", "_pruner"):  # while it is being copied
            raise AttributeError(name)
        return getattr(self._trial, name)

    def report(self, values: Mapping[str, float], step: int) -> None:
        """See `FrontPruner.report`."""
        if self._pruner is not None:
            self._pruner.report(self._trial, values, step)

    def should_prune(self) -> bool:
        """See `FrontPruner.should_prune`."""
        return self._pruner is not None and self._pruner.should_prune(self._trial)
