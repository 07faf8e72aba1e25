"""The commands that show or check a study: their arguments, and what they print."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat._text import printable
from optuna_codeepneat.cli import _options
from optuna_codeepneat.cli._commands._next import naming
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._errors import CommandError


def front(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    space: _options.Space = None,
    max_params: _options.FrontMaxParams = None,
    debug: _options.Debug = False,
) -> None:
    """Print the Pareto front of a search, or its ten best networks for one objective.

    Without PROBLEM name its --storage, and --study-name if that holds several studies.
    """
    from optuna_codeepneat.cli._study import open_study
    from optuna_codeepneat.cli._study import space_of
    from optuna_codeepneat.cli._terminal import front_of
    from optuna_codeepneat.cli._terminal import front_table
    from optuna_codeepneat.cli._terminal import print_table
    from optuna_codeepneat.cli._terminal import say
    from optuna_codeepneat.cli._terminal import silence
    from optuna_codeepneat.cli._terminal import standing

    silence()
    study, found = open_study(problem, storage, study_name, reads_data=False)
    known = space_of(study, found, space, say)
    names = objective_names(study)
    members = front_of(study, names, known, max_params)
    limit = "" if max_params is None else f" of up to {max_params:,} parameters"
    if not len(members) and max_params is not None:
        raise CommandError(
            f"the study {study.study_name!r} has no network{limit} that meets its constraints."
        )
    if not len(members):
        raise CommandError(f"the study {study.study_name!r} has no front: {members.why_empty}")
    several = len(study.directions) > 1
    columns, rows = front_table(members, names, known, study.user_attrs, max_params)
    what = f"Pareto front{limit}, {len(members)} networks" if several else f"best networks{limit}"
    print_table(f"{study.study_name}: {what}", columns, rows)
    if max_params is None and (sentence := standing(members, study, names, known)):
        say(sentence)
    named = naming(problem, storage, study_name)
    steps = [(f"show {named} {members.trials[0].number}", "its best network")]
    if Searched.of(study.user_attrs).problem is not None:
        within = "" if max_params is None else f" --max-params {max_params}"
        steps.append((f"train {named} best{within}", "trains it to the end, and tests it"))
    say_next(*steps, (f"report {named}", "all of it, as one page"))


def show(
    problem: _options.SearchedProblem = None,
    trial: Annotated[
        str | None,
        typer.Argument(
            metavar="TRIAL|best|knee",
            help="Number of the network's trial, `best` by the first objective, or `knee`, the "
            "one of the front that is farthest from the line between its ends.",
        ),
    ] = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    space: _options.Space = None,
    svg: _options.Svg = None,
    png: _options.Png = None,
    debug: _options.Debug = False,
) -> None:
    """Print one network: its layers, shapes and sizes, its values, and how it was trained.

    For example `show mnist1d 17`, `show 17 --storage sqlite:///study.db`, or
    `show mnist1d 17 --svg`, which also draws it into `mnist1d-17.svg`.
    """
    from optuna_codeepneat.cli._commands._drawing import Drawings
    from optuna_codeepneat.cli._commands._training_in_words import final_in_words
    from optuna_codeepneat.cli._commands._training_in_words import training_in_words
    from optuna_codeepneat.cli._commands._trial_in_words import holds_network
    from optuna_codeepneat.cli._commands._trial_in_words import network_of
    from optuna_codeepneat.cli._commands._trial_in_words import trial_in_words
    from optuna_codeepneat.cli._study import is_name_of_network
    from optuna_codeepneat.cli._study import named_networks
    from optuna_codeepneat.cli._study import open_study
    from optuna_codeepneat.cli._study import space_of
    from optuna_codeepneat.cli._terminal import network_table
    from optuna_codeepneat.cli._terminal import say
    from optuna_codeepneat.cli._terminal import silence
    from optuna_codeepneat.cli._terminal import width_of

    silence()
    chosen, text = (problem, trial) if trial is not None else (None, problem)
    if chosen is not None and chosen.isdecimal():
        chosen, text = text, chosen
    if trial is None and text is not None and not is_name_of_network(text):
        raise CommandError(f"name the number of a trial too, as in `show {text} 17`.", 2)
    if text is None or not is_name_of_network(text):
        raise CommandError(
            f"TRIAL must be the number of a trial, `best` or `knee`, got {text!r}.", 2
        )
    drawings = Drawings(svg=svg, png=png)
    study, found = open_study(chosen, storage, study_name)
    if text.isdecimal():
        number = int(text)
    elif (known_space := space_of(study, found, space, say)) is not None:
        [number] = named_networks(study, [text], known_space)
    else:
        raise CommandError(f"the search space is unknown, and so is the {text}: name a trial.")
    all_trials = study.get_trials(deepcopy=False)
    if number >= len(all_trials):
        known = f"has the trials 0 to {len(all_trials) - 1}" if all_trials else "has no trials"
        raise CommandError(f"there is no trial {number}; the study {study.study_name!r} {known}.")
    shown = all_trials[number]
    if not holds_network(shown):
        why = shown.user_attrs.get(FAILURE, shown.state.name.lower())
        raise CommandError(f"trial {number} holds no network ({why}).")
    architecture, reason = network_of(shown, space_of(study, found, space, say))
    if architecture is None and drawings:
        raise CommandError(f"the network of trial {number} can't be drawn: {reason}.")
    written = {} if architecture is None else drawings.write(architecture, study, shown)
    training = [] if found is None else training_in_words(found)
    named = naming(chosen, storage, study_name)
    training += final_in_words(study, number, named)
    width = width_of(sys.stdout)
    if architecture is None:
        say(f"No layers and sizes: {reason}.")
    else:
        print(network_table(architecture, width), end="\n\n")
    print(trial_in_words(shown, objective_names(study), training, written, width))
    say_next(
        (f"show {named} {number} --svg", "draws it"),
        (f"report {named}", "all networks, as one page"),
    )


def report(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    space: _options.Space = None,
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
    from optuna_codeepneat.cli._study import space_of
    from optuna_codeepneat.cli._terminal import say
    from optuna_codeepneat.cli._terminal import silence

    silence()
    if price_per_hour == 0:
        raise CommandError("Invalid value for '--price-per-hour': it must be more than 0.", 2)
    if others and figures is None:
        raise CommandError("`--with` goes with `--figures`.", 2)
    study, found = open_study(problem, storage, study_name)
    if figures is not None:
        compared = [find_study(identity(study)[0], name) for name in others or ()]
        print(*map(printable, write_figures(study, compared, figures)), sep="\n")
    known = space_of(study, found, space, say)
    written = write_report(study, found, output, space=known, price_per_hour=price_per_hour)
    print(printable(written))
    named = naming(problem, storage, study_name)
    say_next((f"dashboard {named}", "the same while a search runs"))


def verify(
    problem: _options.SearchedProblem = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    space: _options.Space = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Check nothing: give the populations up, and let the next trial breed new ones "
            "from all finished trials. Stop the search and its workers before.",
        ),
    ] = False,
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
        found = verify_search(problem, storage, study_name, space, shown, repair=repair)
    if found is None:
        print("The evolution begins anew with the next trial, from all finished trials.")
        return
    problems = [sentence for verification in found for sentence in verification.problems]
    print(
        properties(
            {
                "generations": sum(verification.n_generations for verification in found),
                "records": sum(verification.n_records for verification in found),
                "trials with an assignment": sum(own.n_assigned for own in found),
                "results that count": max(verification.n_counted for verification in found),
                "problems": len(problems),
            }
        )
    )
    for sentence in problems:
        print(printable(sentence))
    if problems:
        raise CommandError(
            "the study does not replay to what is stored in it; evolution goes on from what is "
            "whole, or anew from all finished trials with `--repair`"
        )
    say_next((f"report {naming(problem, storage, study_name)}", "all of it, as one page"))


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
