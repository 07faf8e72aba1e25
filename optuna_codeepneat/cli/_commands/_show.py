"""The commands that show or check a study: their arguments, and what they print."""

from __future__ import annotations

from typing import Annotated

import typer

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat.cli import _options
from optuna_codeepneat.cli._errors import CommandError


def front(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    debug: _options.Debug = False,
) -> None:
    """Print the Pareto front of a search, or its ten best networks for one objective.

    Without PROBLEM name its --storage, and --study-name if that holds several studies.
    """
    from optuna_codeepneat.cli._study import open_study
    from optuna_codeepneat.cli._terminal import Monitor
    from optuna_codeepneat.cli._terminal import front_table
    from optuna_codeepneat.cli._terminal import print_table
    from optuna_codeepneat.cli._terminal import silence

    silence()
    study, found = open_study(problem, storage, study_name)
    members = Monitor(study).front
    if not len(members):
        raise CommandError(f"the study {study.study_name!r} has no front: {members.why_empty}")
    several = len(study.directions) > 1
    space = None if found is None else found.space
    columns, rows = front_table(members, objective_names(study), space)
    what = f"Pareto front, {len(members)} networks" if several else "best networks"
    print_table(f"{study.study_name}: {what}", columns, rows)


def show(
    problem: _options.SearchedProblem = None,
    trial: Annotated[
        str | None, typer.Argument(metavar="TRIAL", help="Number of the network's trial.")
    ] = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    svg: _options.Svg = None,
    png: _options.Png = None,
    debug: _options.Debug = False,
) -> None:
    """Print one network: its layers, shapes and sizes, its values and attributes.

    For example `show mnist1d 17`, `show 17 --storage sqlite:///study.db`, or
    `show mnist1d 17 --svg`, which also draws it into `mnist1d-17.svg`.
    """
    from optuna_codeepneat.cli._commands._drawing import Drawings
    from optuna_codeepneat.cli._study import open_study
    from optuna_codeepneat.cli._terminal import decoded
    from optuna_codeepneat.cli._terminal import properties
    from optuna_codeepneat.cli._terminal import readable
    from optuna_codeepneat.cli._terminal import silence
    from optuna_codeepneat.visualization import format_metric

    silence()
    chosen, text = (problem, trial) if trial is not None else (None, problem)
    if chosen is not None and chosen.isdecimal():
        chosen, text = text, chosen
    if text is None or not text.isdecimal():
        raise CommandError(f"TRIAL must be the number of a trial, got {text!r}.", 2)
    drawings = Drawings(svg=svg, png=png)
    study, found = open_study(chosen, storage, study_name)
    number, all_trials = int(text), study.get_trials(deepcopy=False)
    if number >= len(all_trials):
        known = f"has the trials 0 to {len(all_trials) - 1}" if all_trials else "has no trials"
        raise CommandError(f"there is no trial {number}; the study {study.study_name!r} {known}.")
    shown = all_trials[number]
    architecture = decoded(shown, None if found is None else found.space)
    if architecture is None:
        state = shown.state.name.lower()
        why = (
            shown.user_attrs.get(FAILURE, state) if found else "the study has no problem recorded"
        )
        raise CommandError(f"trial {number} holds no network ({why}).")
    written = drawings.write(architecture, study, shown)
    print(architecture)
    print()
    values = {"state": shown.state.name.lower()}
    if shown.values is not None:
        named = zip(objective_names(study), shown.values, strict=True)
        values |= {name: format_metric(name, value) for name, value in named}
    attributes = {name: readable(name, value) for name, value in shown.user_attrs.items()}
    print(properties(values | attributes | written))


def report(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    output: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="The file to write.  [default: NAME-report.html]"),
    ] = None,
    price_per_hour: Annotated[
        float | None,
        typer.Option(
            min=0.0, metavar="X", help="What an hour of one worker costs, to show costs too."
        ),
    ] = None,
    figures: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Write figures for a paper there too, as PDF and SVG."),
    ] = None,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="NAME",
            help="Another study in the storage, to compare fronts with; may be repeated.",
        ),
    ] = None,
    debug: _options.Debug = False,
) -> None:
    """Write all there is to see of a study into one HTML file, and print its name.

    Summary, front with diagrams, figures, settings, and code that builds each network again. The
    file opens in any browser, without a network. Any study of Optuna will do, while it runs too;
    without PROBLEM name its --storage, and --study-name if that holds several studies.
    """
    from optuna_codeepneat._optuna import identity
    from optuna_codeepneat.cli._commands._report import write_figures
    from optuna_codeepneat.cli._commands._report import write_report
    from optuna_codeepneat.cli._study import find_study
    from optuna_codeepneat.cli._study import open_study
    from optuna_codeepneat.cli._terminal import silence

    silence()
    if price_per_hour == 0:
        raise CommandError("Invalid value for '--price-per-hour': it must be more than 0.", 2)
    if others and figures is None:
        raise CommandError("`--with` goes with `--figures`.", 2)
    study, found = open_study(problem, storage, study_name)
    if figures is not None:
        compared = [find_study(identity(study)[0], name) for name in others or ()]
        print(*write_figures(study, compared, figures), sep="\n")
    print(write_report(study, found, output, price_per_hour=price_per_hour))


def verify(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    quiet: _options.Quiet = False,
    debug: _options.Debug = False,
) -> None:
    """Replay a search from its storage, and check every generation of it.

    Breeds each generation again from the results that it was bred from, and compares what comes
    out with what the workers stored; writes nothing. Status 1 if anything differs.
    """
    from optuna_codeepneat.cli._commands._verify import verify_search
    from optuna_codeepneat.cli._terminal import progress
    from optuna_codeepneat.cli._terminal import properties
    from optuna_codeepneat.cli._terminal import silence

    silence()
    with progress(quiet=quiet) as shown:
        verification = verify_search(problem, storage, study_name, shown)
    print(
        properties(
            {
                "generations": verification.n_generations,
                "records": verification.n_records,
                "trials with an assignment": verification.n_assigned,
                "results that count": verification.n_counted,
                "problems": len(verification.problems),
            }
        )
    )
    for sentence in verification.problems:
        print(sentence)
    if verification.problems:
        raise CommandError("the study does not replay to what is stored in it")


def dashboard(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    host: Annotated[
        str,
        typer.Option(metavar="HOST", help="Where to listen; 0.0.0.0 is open to other machines."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="PORT", help="0 for any that is free.")
    ] = 8080,
    artifacts: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="Where diagrams lie, if not where the search said they would."
        ),
    ] = None,
    debug: _options.Debug = False,
) -> None:
    """Watch a search in Optuna Dashboard.

    Prints the address to open in a browser, and serves until Ctrl-C. Adds to the dashboard the
    study's figures and a note, which follow the search, and shows infeasible networks as such.
    Needs `pip install optuna-codeepneat[dashboard]`.
    """
    from optuna_codeepneat.cli._commands._dashboard import make_app
    from optuna_codeepneat.cli._commands._dashboard import open_places
    from optuna_codeepneat.cli._commands._dashboard import serve
    from optuna_codeepneat.cli._commands._dashboard import studies_shown
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._terminal import silence

    silence()
    opened, studies = studies_shown(problem, storage, study_name)
    view, served = make_app(opened, open_places(studies, artifacts))
    with StopNote() as stop:
        serve(served, view, studies, host=host, port=port, stop=stop, debug=debug)
    raise typer.Exit(128 + (stop.number or 0))
