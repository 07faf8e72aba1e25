"""What a search leaves for Optuna Dashboard in the end, if that is installed."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._errors import one_line


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.problems import Problem


def publish_figures(study: optuna.Study, problem: Problem) -> None:
    """Writes a study's figures and note into it, or says on stderr why they are missing.

    The search is done, so nothing may fail it.
    """
    if any(find_spec(package) is None for package in ("optuna_dashboard", "plotly")):
        return
    try:
        from optuna_codeepneat.visualization import publish

        publish(study, references={r.name: r.score for r in problem.references})
    except Exception as error:  # a full disk, a database that has gone
        print(f"No figures for Optuna Dashboard: {one_line(error)}.", file=sys.stderr)
