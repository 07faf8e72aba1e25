"""The commands, their arguments and what they print."""

from __future__ import annotations

from typing import Annotated

import typer

from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import Debug
from optuna_codeepneat.cli._options import Device
from optuna_codeepneat.cli._options import Grace
from optuna_codeepneat.cli._options import Inherit
from optuna_codeepneat.cli._options import NoReport
from optuna_codeepneat.cli._options import Quiet
from optuna_codeepneat.cli._options import ReportPath
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchedProblem
from optuna_codeepneat.cli._options import Storage
from optuna_codeepneat.cli._options import StudyName
from optuna_codeepneat.cli._options import Timeout
from optuna_codeepneat.cli._options import TrialTimeout
from optuna_codeepneat.cli._options import Workers
from optuna_codeepneat.cli._options import WorkersPerGpu
from optuna_codeepneat.cli._picture_options import DrawingCommand
from optuna_codeepneat.cli._picture_options import Png
from optuna_codeepneat.cli._picture_options import Svg


NAME = "optuna-codeepneat"

app = typer.Typer(
    name=NAME,
    add_completion=False,
    rich_markup_mode=None,  # plain help reads well in any width
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Evolve neural networks through Optuna.

    Tables go to stdout, progress and errors to stderr. Exit status: 0 done, 1 it failed, 2 the
    command line is wrong, 130 stopped by Ctrl-C, 143 stopped by SIGTERM.""",
)


@app.command()
def search(
    problem: Annotated[
        str,
        typer.Argument(
            metavar="PROBLEM",
            help="A built-in problem such as mnist1d, or module:attribute of your own.",
        ),
    ],
    trials: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Finished networks that the study shall have IN ALL: the same command again "
            "goes on where it stopped, and a larger number adds the rest.",
        ),
    ] = 150,
    timeout: Timeout = None,
    trial_timeout: TrialTimeout = None,
    grace: Grace = 0.0,
    storage: Storage = None,
    study_name: StudyName = None,
    workers: Workers = None,
    workers_per_gpu: WorkersPerGpu = None,
    device: Device = "cpu",
    seed: Annotated[
        int | None,
        typer.Option(min=0, metavar="S", help="Seed.  [default: a new one, kept in the study]"),
    ] = None,
    sampler: Annotated[
        SamplerName | None,
        typer.Option(help="What proposes networks.  [default: as before, at first codeepneat]"),
    ] = None,
    population_size: Annotated[
        int | None,
        typer.Option(
            min=2, metavar="P", help="Networks in a generation of codeepneat, lemonade or nsgaii."
        ),
    ] = None,
    inherit: Annotated[
        Inherit | None,
        typer.Option(
            help="How networks inherit the weights of their ancestors: keeping the function, with "
            "a little noise, or with random weights for what is new.  [default: as before, at "
            "first exact for lemonade and off for the others]"
        ),
    ] = None,
    artifacts: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Where diagrams and inherited weights of networks lie: a folder, s3://bucket or "
            "gs://bucket.  [default: as before, at first the folder PROBLEM-artifacts]",
        ),
    ] = None,
    reproducible: Annotated[
        bool | None,
        typer.Option(
            "--reproducible",
            help="Breed the same populations for any number of workers; generations then wait for "
            "all their results.",
        ),
    ] = None,
    final: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="K",
            help="Networks of the front to train finally and to test in the end.",
        ),
    ] = 3,
    report: ReportPath = None,
    no_report: NoReport = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Search for networks, then train and test the best.

    Creates the study, or resumes it. Ctrl-C stops within seconds: networks under way are given
    up, finished ones are kept, and the same command resumes. A network that fails is left out;
    ten failures with no success end the search with status 1.

    At the end a few members of the Pareto front are trained by the problem's final recipe and
    tested, each once: the same command again prints the same table and tests nothing again. Then
    the search is written into one HTML file, see `report`.
    """
    from dataclasses import replace

    from optuna_codeepneat.cli._bindings import bind_workers
    from optuna_codeepneat.cli._diagrams import diagrams_place
    from optuna_codeepneat.cli._finals import choose_finals
    from optuna_codeepneat.cli._finals import train_finally
    from optuna_codeepneat.cli._messages import WorkerOrder
    from optuna_codeepneat.cli._progress import progress
    from optuna_codeepneat.cli._publishing import publish_figures
    from optuna_codeepneat.cli._report import end_with_report
    from optuna_codeepneat.cli._run import Limits
    from optuna_codeepneat.cli._run import Run
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._storages import default_storage
    from optuna_codeepneat.cli._studies import load_problem
    from optuna_codeepneat.cli._studies import open_search
    from optuna_codeepneat.cli._tables import finals_table
    from optuna_codeepneat.cli._tables import print_table

    _hush()
    if no_report and report is not None:
        raise CommandError("`--report` and `--no-report` exclude each other.", 2)
    bindings = bind_workers(device, n_workers=workers, per_gpu=workers_per_gpu)
    found = load_problem(problem)
    url, name = storage or default_storage(problem), study_name or problem
    study, settings = open_search(
        problem,
        found,
        storage=url,
        study_name=name,
        sampler=None if sampler is None else sampler.value,
        seed=seed,
        population_size=population_size,
        reproducible=reproducible,
        inherit=None if inherit is None else inherit.value,
        artifacts=artifacts,
        target=trials,
    )
    order = WorkerOrder(
        problem=problem,
        storage=url,
        study_name=name,
        settings=settings,
        trial_timeout=trial_timeout,
        verbose=debug,
    )
    limits = Limits(total=trials, timeout=timeout, trial_timeout=trial_timeout, grace=grace)
    with StopNote() as stop, progress(quiet=quiet) as shown:
        with Run(
            study,
            found,
            order=replace(order, diagrams=diagrams_place(settings, shown)),
            bindings=bindings,
            limits=limits,
            stop=stop,
            progress=shown,
        ) as run:
            run.train_networks()
            outcome = train_finally(
                study,
                choose_finals(run.front, found.space, final),
                pool=run.pool,
                check=run.check,
                progress=shown,
            )
        if run.mishaps.n_unseen:
            shown.note(f"{run.mishaps}.")
        if run.failures:
            shown.note(f"{run.failures}.")
    if outcome.scores:
        trials_by_number = {t.number: t for t in run.front.trials}
        columns, rows = finals_table(trials_by_number, outcome.scores, found)
        print_table(f"{found.title}: finally trained networks", columns, rows)
    publish_figures(study, found)
    if not no_report:
        end_with_report(study, found, report, quiet=quiet)
    if run.front.best is None:
        raise CommandError("no network has been completed, so there is no front")
    if outcome.errors:
        raise CommandError(f"the final training of {'; of '.join(outcome.errors)}")


@app.command()
def worker(
    storage: Annotated[
        str, typer.Option(metavar="URL", help="Database of the study.", show_default=False)
    ],
    study_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the study.  [default: the only one there]"),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Networks that this command finishes at most.  [default: as many as the search "
            "still needs]",
        ),
    ] = None,
    timeout: Timeout = None,
    trial_timeout: TrialTimeout = None,
    grace: Grace = 0.0,
    wait: Annotated[
        float,
        typer.Option(
            min=0.0, metavar="SECONDS", help="How long to wait for a search that has not begun."
        ),
    ] = 60.0,
    artifacts: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Where diagrams and inherited weights lie, if not where the search said.",
        ),
    ] = None,
    workers: Workers = None,
    workers_per_gpu: WorkersPerGpu = None,
    device: Device = "cpu",
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Help with a search, from any machine that reaches its database.

    Trains networks until the study has as many as `search --trials` asked for. Problem and
    settings come from the study; a problem of your own has to be importable here too. Any number
    of workers may come and go at any time. Ctrl-C and SIGTERM stop one as they stop a search.
    """
    import secrets

    from optuna_codeepneat.cli._bindings import bind_workers
    from optuna_codeepneat.cli._diagrams import diagrams_place
    from optuna_codeepneat.cli._joining import wait_for_search
    from optuna_codeepneat.cli._messages import WorkerOrder
    from optuna_codeepneat.cli._progress import progress
    from optuna_codeepneat.cli._run import Limits
    from optuna_codeepneat.cli._run import Run
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._weights import settings_here

    _hush()
    bindings = bind_workers(device, n_workers=workers, per_gpu=workers_per_gpu)
    limits = Limits(own=trials, timeout=timeout, trial_timeout=trial_timeout, grace=grace)
    with StopNote() as stop, progress(quiet=quiet) as shown:
        joined = wait_for_search(storage, study_name, patience=wait, stop=stop, progress=shown)
        # Before the weights make a folder where none is.
        diagrams = diagrams_place(joined.settings, shown, joins=True, place=artifacts)
        settings = settings_here(joined.settings, artifacts, shown)
        order = WorkerOrder(
            problem=joined.problem_name,
            storage=storage,
            study_name=joined.study.study_name,
            settings=settings,
            stream=(secrets.randbits(31),),
            trial_timeout=trial_timeout,
            diagrams=diagrams,
            verbose=debug,
        )
        with Run(
            joined.study,
            joined.problem,
            order=order,
            bindings=bindings,
            limits=limits,
            stop=stop,
            progress=shown,
        ) as run:
            if run.is_done:
                shown.note("Nothing to do: the study has all networks that it shall have.")
            run.train_networks()
        if run.mishaps.n_unseen:
            shown.note(f"{run.mishaps}.")
        if run.failures:
            shown.note(f"{run.failures}.")


@app.command()
def front(
    problem: SearchedProblem = None,
    storage: Storage = None,
    study_name: StudyName = None,
    debug: Debug = False,
) -> None:
    """Print the Pareto front of a search, or its ten best networks for one objective.

    Without PROBLEM name its --storage, and --study-name if that holds several studies.
    """
    from optuna_codeepneat.cli._studies import open_study
    from optuna_codeepneat.cli._tables import front_table
    from optuna_codeepneat.cli._tables import print_table
    from optuna_codeepneat.cli._watch import Watch

    _hush()
    study, found = open_study(problem, storage, study_name)
    members = Watch(study).front
    if not len(members):
        raise CommandError(f"the study {study.study_name!r} has no completed network yet")
    several = len(study.directions) > 1
    names = study.metric_names or [f"value {i}" for i in range(len(study.directions))]
    columns, rows = front_table(members, names, None if found is None else found.space)
    what = f"Pareto front, {len(members)} networks" if several else "best networks"
    print_table(f"{study.study_name}: {what}", columns, rows)


@app.command(cls=DrawingCommand)
def show(
    problem: SearchedProblem = None,
    trial: Annotated[
        str | None, typer.Argument(metavar="TRIAL", help="Number of the network's trial.")
    ] = None,
    storage: Storage = None,
    study_name: StudyName = None,
    svg: Svg = None,
    png: Png = None,
    debug: Debug = False,
) -> None:
    """Print one network: its layers, shapes and sizes, its values and attributes.

    For example `show mnist1d 17`, `show 17 --storage sqlite:///study.db`, or
    `show mnist1d 17 --svg`, which also draws it into `mnist1d-17.svg`.
    """
    from optuna_codeepneat.cli._drawing import Drawings
    from optuna_codeepneat.cli._failures import FAILURE
    from optuna_codeepneat.cli._inheritance import readable
    from optuna_codeepneat.cli._studies import open_study
    from optuna_codeepneat.cli._tables import decoded
    from optuna_codeepneat.cli._tables import properties
    from optuna_codeepneat.visualization._words import metric

    _hush()
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
        names = study.metric_names or [f"value {i}" for i in range(len(shown.values))]
        values |= {n: metric(n, v) for n, v in zip(names, shown.values, strict=True)}
    attributes = {name: readable(name, value) for name, value in shown.user_attrs.items()}
    print(properties(values | attributes | written))


@app.command()
def report(
    problem: SearchedProblem = None,
    storage: Storage = None,
    study_name: StudyName = None,
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
    debug: Debug = False,
) -> None:
    """Write all there is to see of a study into one HTML file, and print its name.

    Summary, front with diagrams, figures, settings, and code that builds each network again. The
    file opens in any browser, without a network. Any study of Optuna will do, while it runs too;
    without PROBLEM name its --storage, and --study-name if that holds several studies.
    """
    from optuna_codeepneat.cli._report import write_report
    from optuna_codeepneat.cli._studies import open_study

    _hush()
    if price_per_hour == 0:
        raise CommandError("Invalid value for '--price-per-hour': it must be more than 0.", 2)
    study, found = open_study(problem, storage, study_name)
    print(write_report(study, found, output, price_per_hour=price_per_hour))


@app.command()
def verify(
    problem: SearchedProblem = None,
    storage: Storage = None,
    study_name: StudyName = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Replay a search from its storage, and check every generation of it.

    Breeds each generation again from the results that it was bred from, and compares what comes
    out with what the workers stored; writes nothing. Status 1 if anything differs.
    """
    from optuna_codeepneat.cli._progress import progress
    from optuna_codeepneat.cli._tables import properties
    from optuna_codeepneat.cli._verify import verify_search

    _hush()
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


@app.command()
def dashboard(
    problem: SearchedProblem = None,
    storage: Storage = None,
    study_name: StudyName = None,
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
    debug: Debug = False,
) -> None:
    """Watch a search in Optuna Dashboard.

    Prints the address to open in a browser, and serves until Ctrl-C. Adds to the dashboard the
    study's figures and a note, which follow the search, and shows infeasible networks as such.
    Needs `pip install optuna-codeepneat[dashboard]`.
    """
    from optuna_codeepneat.cli._artifact_places import open_places
    from optuna_codeepneat.cli._dashboard import make_app
    from optuna_codeepneat.cli._dashboard import serve
    from optuna_codeepneat.cli._dashboard import studies_shown
    from optuna_codeepneat.cli._signals import StopNote

    _hush()
    opened, studies = studies_shown(problem, storage, study_name)
    view, served = make_app(opened, open_places(studies, artifacts))
    with StopNote() as stop:
        serve(served, view, studies, host=host, port=port, stop=stop, debug=debug)
    raise typer.Exit(128 + (stop.number or 0))


def _hush() -> None:
    """Leaves the terminal to this command."""
    import warnings

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
