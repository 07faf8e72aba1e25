"""The report of a search: where it goes, and what a problem adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._commands._training_in_words import training_in_words
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._study import file_name
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.exceptions import NoFigureError


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import SearchSpace


def write_report(
    study: optuna.Study,
    problem: Problem | None,
    path: str | None,
    *,
    space: SearchSpace | None,
    price_per_hour: float | None = None,
) -> Path:
    """Writes the report of a study.

    Args:
        study:
            The study.
        problem:
            Its problem, None for a study of the user's own making.
        path:
            The file; None for one in the current folder, named after the study.
        space:
            Its search space, None where it is not known.
        price_per_hour:
            What an hour of one worker costs, if costs are to be shown.

    Returns:
        The file.

    Raises:
        CommandError: If it can't be written.
    """
    try:
        from optuna_codeepneat.visualization import write_report as write
    except ImportError as error:
        raise CommandError(str(error)) from error
    where = Path(path or f"{file_name(study.study_name)}-report.html")
    references = () if problem is None else problem.references
    try:
        where.parent.mkdir(parents=True, exist_ok=True)
        return write(
            study,
            where,
            space=space,
            # Most others publish test scores alone.
            references={f"{r.name} (test)": r.score for r in references},
            price_per_hour=price_per_hour,
            training=() if problem is None else training_in_words(problem),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"the report can't be written to {str(where)!r}: {reason}") from error


def write_figures(study: optuna.Study, others: Sequence[optuna.Study], folder: str) -> list[Path]:
    """Writes the figures of a study for a paper, each as PDF and as SVG.

    Args:
        study:
            The study.
        others:
            Studies whose fronts a third figure compares with its own.
        folder:
            Where the files go; it is made if it isn't there.

    Returns:
        The files.

    Raises:
        CommandError: If a figure can't be drawn or written.
    """
    try:
        from optuna_codeepneat.visualization import matplotlib as paper

        figures = {"history": paper.plot_history(study)}
        if len(study.directions) > 1:
            figures = {"front": paper.plot_pareto_front(study), **figures}
        if others:
            studies = {each.study_name: each for each in (study, *others)}
            figures["comparison"] = paper.plot_front_comparison(studies, over="networks")
    except (ImportError, NoFigureError) as error:
        raise CommandError(str(error)) from error
    except ValueError as error:
        raise CommandError(f"the fronts can't be compared: {error}") from error
    files = [Path(folder, f"{name}.{kind}") for name in figures for kind in ("pdf", "svg")]
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        for file in files:
            figures[file.stem].savefig(file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CommandError(f"figures can't be written to {folder!r}: {reason}") from error
    return files


def end_with_report(
    study: optuna.Study, problem: Problem, path: str | None, *, quiet: bool
) -> None:
    """Writes the report of a search that has ended, or says on stderr why there is none.

    Whatever goes wrong, the search has its result.
    """
    try:
        written = write_report(study, problem, path, space=problem.space)
    except CommandError as error:
        say(f"No report: {str(error).rstrip('.')}.")
    except Exception as error:
        say(f"No report: it failed with {one_line(error)}.")
    else:
        if not quiet:
            say(f"Report: {written}")


def publish_figures(study: optuna.Study, problem: Problem) -> None:
    """Writes a study's figures and note into it, or says on stderr why they are missing.

    The search is done, so nothing may fail it.
    """
    if any(find_spec(package) is None for package in ("optuna_dashboard", "plotly")):
        return
    try:
        from optuna_codeepneat.visualization import publish

        publish(study, references={f"{r.name} (test)": r.score for r in problem.references})
    except Exception as error:  # a full disk, a database that has gone
        say(f"No figures for Optuna Dashboard: {one_line(error)}.")
