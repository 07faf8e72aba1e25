"""What a search leaves for Optuna Dashboard in the end, if that is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.problems import Problem


def publish_figures(study: optuna.Study, problem: Problem) -> None:
    """Writes a study's figures and note into it; the search is done, so nothing may fail it."""
    if any(find_spec(package) is None for package in ("optuna_dashboard", "plotly")):
        return
    try:
        from optuna_codeepneat.visualization import publish

        publish(study, references={r.name: r.score for r in problem.references})
    except Exception:  # a full disk, a database that has gone: its networks are safe there
        pass
