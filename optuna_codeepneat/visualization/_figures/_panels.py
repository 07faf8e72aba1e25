"""All figures of one study, each drawn or with the sentence that says why not."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.visualization._figures import _ancestors
from optuna_codeepneat.visualization._figures import _history
from optuna_codeepneat.visualization._figures import _hyperparameters
from optuna_codeepneat.visualization._figures import _importances
from optuna_codeepneat.visualization._figures import _inheritance
from optuna_codeepneat.visualization._figures import _learning_curves
from optuna_codeepneat.visualization._figures import _pareto_front
from optuna_codeepneat.visualization._figures import _species
from optuna_codeepneat.visualization._trials import StudyTrials


if TYPE_CHECKING:
    import optuna
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Panel:
    """One figure of a study."""

    name: str  # letters and hyphens
    title: str
    figure: go.Figure | None  # None where there is nothing to show
    reason: str = ""  # why there is no figure, one sentence


def panels(
    study: optuna.Study,
    *,
    references: Mapping[str, float] | None = None,
    price_per_hour: float | None = None,
    test_scores: Mapping[int, float] | None = None,
) -> list[Panel]:
    """Draws all figures of a study in any state, as `publish` does."""
    chronicle = StudyTrials(study)
    drawn: dict[tuple[str, str], Callable[[], go.Figure]] = {
        ("pareto-front", "Pareto front"): lambda: _pareto_front.draw(
            _pareto_front.ParetoFront.of(chronicle)
        ),
        ("history", "Best networks"): lambda: _histories(
            chronicle, references, price_per_hour, test_scores
        ),
        ("ancestors", "Ancestors of the best network"): lambda: _ancestors.draw(
            _ancestors.Ancestors.of(chronicle)
        ),
        ("species", "Species"): lambda: _species.draw(_species.Species.of(chronicle)),
        ("inheritance", "Inherited weights"): lambda: _inheritance.draw(
            _inheritance.Inheritance.of(chronicle)
        ),
        ("learning-curves", "Learning curves"): lambda: _learning_curves.draw(
            _learning_curves.LearningCurves.of(chronicle)
        ),
        ("importances", "What matters"): lambda: _importances.draw(
            _importances.ComponentImportances.of(chronicle)
        ),
    }
    return [_panel(name, title, draw) for (name, title), draw in drawn.items()]


def hyperparameter_panels(study: optuna.Study) -> list[Panel]:
    """Draws Optuna's figures of hyperparameters, which Optuna Dashboard has as well."""
    chronicle = StudyTrials(study)
    return [
        _panel(
            "hyperparameters", "Hyperparameters", lambda: _hyperparameters.draw_values(chronicle)
        ),
        _panel(
            "hyperparameter-importances",
            "What it takes to be among the best tenth",
            lambda: _hyperparameters.draw_importances(chronicle),
        ),
    ]


def _histories(
    chronicle: StudyTrials,
    references: Mapping[str, float] | None,
    price_per_hour: float | None,
    test_scores: Mapping[int, float] | None,
) -> go.Figure:
    """The history over all that the trials tell of."""
    first = _history.History.of(chronicle, test_scores=test_scores)
    others = []
    expenses = ("generations", "hours", "worker_hours", "steps")
    for over in expenses if price_per_hour is None else (*expenses, "cost"):
        price = price_per_hour if over == "cost" else None
        try:
            history = _history.History.of(
                chronicle, over, price, known=first, test_scores=test_scores
            )
        except NoFigureError:
            continue
        if len({*history.spent}) > 1 or len(history.spent) == 1:  # a single generation is a wall
            others.append(history)
    return _history.draw(first, references, *others)


def _panel(name: str, title: str, draw: Callable[[], go.Figure]) -> Panel:
    try:
        return Panel(name, title, draw())
    except (NoFigureError, StoredStateError) as error:
        text = str(error)
        return Panel(name, title, None, text[:1].upper() + text[1:])
