"""The commands that train networks: their arguments, and what they do in which order."""

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
from optuna_codeepneat.cli._options import Storage
from optuna_codeepneat.cli._options import StudyName
from optuna_codeepneat.cli._options import Timeout
from optuna_codeepneat.cli._options import TrialTimeout
from optuna_codeepneat.cli._options import Workers
from optuna_codeepneat.cli._options import WorkersPerGpu


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

    from optuna_codeepneat.cli._commands._report import end_with_report
    from optuna_codeepneat.cli._commands._report import publish_figures
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._study import default_storage
    from optuna_codeepneat.cli._study import diagrams_place
    from optuna_codeepneat.cli._study import load_problem
    from optuna_codeepneat.cli._study import open_search
    from optuna_codeepneat.cli._terminal import finals_table
    from optuna_codeepneat.cli._terminal import print_table
    from optuna_codeepneat.cli._terminal import progress
    from optuna_codeepneat.cli._terminal import silence
    from optuna_codeepneat.cli._workers import Limits
    from optuna_codeepneat.cli._workers import Run
    from optuna_codeepneat.cli._workers import WorkerOrder
    from optuna_codeepneat.cli._workers import bind_workers
    from optuna_codeepneat.cli._workers import choose_finals
    from optuna_codeepneat.cli._workers import train_finally

    silence()
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
        if run.warnings.n_unseen:
            shown.note(f"{run.warnings}.")
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

    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._study import diagrams_place
    from optuna_codeepneat.cli._study import settings_here
    from optuna_codeepneat.cli._study import wait_for_search
    from optuna_codeepneat.cli._terminal import progress
    from optuna_codeepneat.cli._terminal import silence
    from optuna_codeepneat.cli._workers import Limits
    from optuna_codeepneat.cli._workers import Run
    from optuna_codeepneat.cli._workers import WorkerOrder
    from optuna_codeepneat.cli._workers import bind_workers

    silence()
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
        if run.warnings.n_unseen:
            shown.note(f"{run.warnings}.")
        if run.failures:
            shown.note(f"{run.failures}.")
