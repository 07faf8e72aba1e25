"""What stops trainings of a search early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import PrunerName
from optuna_codeepneat.cli._study._settings import NONE


if TYPE_CHECKING:
    from optuna_codeepneat.cli._study._settings import SearchSettings
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.pruning import FrontPruner


def make_pruner(settings: SearchSettings, problem: Problem) -> FrontPruner | None:
    """What stops the trainings of a search early, None if nothing does.

    Args:
        settings:
            What the study remembers.
        problem:
            Its problem. All its objectives but the first are known before a training.

    Raises:
        CommandError: If the problem's trainings can't be stopped.
    """
    from optuna_codeepneat.pruning import ParetoHalvingPruner
    from optuna_codeepneat.pruning import SizeClassPruner

    if settings.pruner == NONE:
        return None
    if not problem.can_be_stopped:
        raise CommandError(
            f"the objective of the problem {problem.name!r} takes no `pruner`, so that nothing "
            "would be stopped early; leave `--pruner` out.",
            2,
        )
    steps = problem.search_recipe.steps
    try:
        if settings.pruner == PrunerName.halving.value:
            return ParetoHalvingPruner(problem.objectives, max_resource=steps)
        if settings.pruner == PrunerName.size_class.value:
            costs = problem.metric_names[1:]
            return SizeClassPruner(problem.objectives, costs=costs, max_resource=steps)
    except ValueError as error:  # of a training of a single step
        raise CommandError(f"`--pruner {settings.pruner}` is impossible: {error}", 2) from error
    raise CommandError(
        f"`--pruner` must be one of {', '.join(PrunerName)}, got {settings.pruner!r}.", 2
    )
