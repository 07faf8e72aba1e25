"""`ParetoHalvingPruner`: asynchronous successive halving over Pareto ranks."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.pruning._pruner import FrontPruner
from optuna_codeepneat.pruning._rungs import geometric


class ParetoHalvingPruner(FrontPruner):
    """Stops at each rung all but the best share of those that came so far.

    Asynchronous successive halving for several objectives (MOASHA, Schmucker et al. 2021; ASHA,
    Li et al. 2020): the rungs are at `min_resource` times powers of `reduction_factor`, which is
    eta there, and one in eta goes on. Trials are ranked by successive Pareto fronts; within a
    front the best of the first objective comes first, then whatever is farthest from those before
    (an epsilon-net; ours measures distances by the ranks in each objective, since objectives are
    of different kinds). With one objective it decides as Optuna's `SuccessiveHalvingPruner` does.

    Args:
        metrics:
            The objectives of the study by name, in its order, with ``"maximize"`` or
            ``"minimize"``.
        max_resource:
            The steps of a whole training.
        min_resource:
            The step of the first rung; None for the one from which two are climbed,
            ``max_resource / reduction_factor ** 2``.
        reduction_factor:
            Eta: the inverse of the share that goes on, and the distance of rungs.

    Raises:
        ValueError: If an argument is out of its bounds, or there is no rung before the last step.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.pruning import ParetoHalvingPruner
        >>> pruner = ParetoHalvingPruner(
        ...     {"accuracy": "maximize", "num_params": "minimize"}, max_resource=900
        ... )
        >>> pruner.rungs
        (100, 300)
        >>> def objective(trial):
        ...     width = trial.suggest_int("width", 1, 64)
        ...     for step in range(100, 901, 100):
        ...         accuracy = width / 64 * (1 - 0.5 ** (step / 100))
        ...         pruner.report(trial, {"accuracy": accuracy, "num_params": 10 * width}, step)
        ...         if pruner.should_prune(trial):
        ...             raise optuna.TrialPruned()
        ...     return accuracy, 10 * width
        >>> study = optuna.create_study(directions=["maximize", "minimize"])
        >>> study.optimize(objective, n_trials=20)
    """

    def __init__(
        self,
        metrics: Mapping[str, str],
        *,
        max_resource: int,
        min_resource: int | None = None,
        reduction_factor: int = 3,
    ) -> None:
        self._factor = whole("reduction_factor", reduction_factor, 2)
        max_resource = whole("max_resource", max_resource, 1)
        first = whole_or_none("min_resource", min_resource, 1)
        if first is None:  # rounded up: else a third rung would stand just before the end
            first = -(-max_resource // self._factor**2)
        super().__init__(metrics, geometric(first, self._factor, max_resource), max_resource)

    def _goes_on(self, own: Score, others: Sequence[Score]) -> bool:
        scores = [*others, own]
        # As ASHA in Optuna: as long as there are fewer than eta, the best alone goes on.
        n_kept = max(1, len(scores) // self._factor)
        kept = [scores[i] for i in ranking(scores, front_order="spread")[:n_kept]]
        return own in kept  # equal ones are as good
