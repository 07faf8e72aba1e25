"""The commands, their arguments and what they print."""

from __future__ import annotations

import os
from enum import Enum
from typing import Annotated

import typer

from optuna_codeepneat.cli._errors import CommandError


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


class SamplerName(str, Enum):
    """The samplers that a search may use."""

    codeepneat = "codeepneat"
    nsgaii = "nsgaii"
    tpe = "tpe"
    random = "random"


Storage = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Database of the study, as Optuna takes it.  [default: sqlite:///PROBLEM.db]",
        show_default=False,
    ),
]
StudyName = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Name of the study.  [default: PROBLEM]"),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


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
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            metavar="SECONDS",
            help="After so long begin no more networks; those under way are finished.",
        ),
    ] = None,
    storage: Storage = None,
    study_name: StudyName = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Processes that train.  [default: one for each core, or each GPU]",
        ),
    ] = None,
    device: Annotated[
        str,
        typer.Option(
            metavar="DEVICE", help="Where networks are trained: cpu, cuda (all GPUs), cuda:1, mps."
        ),
    ] = "cpu",
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
        typer.Option(min=2, metavar="P", help="Networks in a generation of codeepneat or nsgaii."),
    ] = None,
    final: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="K",
            help="Networks of the front to train finally and to test in the end.",
        ),
    ] = 3,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    debug: Debug = False,
) -> None:
    """Search for networks, then train and test the best.

    Creates the study, or resumes it. Ctrl-C stops within seconds: networks under way are given
    up, finished ones are kept, and the same command resumes. A network that fails is left out;
    ten failures with no success end the search with status 1.

    At the end a few members of the Pareto front are trained by the problem's final recipe and
    tested, each once: the same command again prints the same table and tests nothing again.
    """
    from optuna_codeepneat.cli._messages import WorkerOrder
    from optuna_codeepneat.cli._progress import progress
    from optuna_codeepneat.cli._search import Plan
    from optuna_codeepneat.cli._search import Search
    from optuna_codeepneat.cli._storages import default_storage
    from optuna_codeepneat.cli._studies import load_problem
    from optuna_codeepneat.cli._studies import open_search
    from optuna_codeepneat.cli._tables import finals_table
    from optuna_codeepneat.cli._tables import print_table

    _hush()
    devices = _devices(device)
    cores = _cores()
    n_workers = workers or (cores if device == "cpu" else len(devices))
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
    )
    order = WorkerOrder(
        problem=problem,
        storage=url,
        study_name=name,
        settings=settings,
        device=devices[0],
        verbose=debug,
    )
    plan = Plan(
        total=trials,
        timeout=timeout,
        n_finals=final,
        n_workers=n_workers,
        devices=devices,
        threads=max(1, cores // n_workers),
    )
    with progress(quiet=quiet) as shown:
        run = Search(study, found, order=order, plan=plan, progress=shown)
        outcome = run.run()
        if run.failures is not None:
            shown.note(f"{run.failures}.")
    if outcome.scores:
        trials_by_number = {t.number: t for t in run.front.trials}
        columns, rows = finals_table(trials_by_number, outcome.scores, found)
        print_table(f"{found.title}: finally trained networks", columns, rows)
    if run.front.best is None:
        raise CommandError("no network has been completed, so there is no front")
    if outcome.errors:
        raise CommandError(f"the final training of {'; of '.join(outcome.errors)}")


@app.command()
def front(
    problem: Annotated[
        str | None, typer.Argument(metavar="PROBLEM", help="The problem that was searched.")
    ] = None,
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


@app.command()
def show(
    problem: Annotated[
        str | None, typer.Argument(metavar="PROBLEM", help="The problem that was searched.")
    ] = None,
    trial: Annotated[
        str | None, typer.Argument(metavar="TRIAL", help="Number of the network's trial.")
    ] = None,
    storage: Storage = None,
    study_name: StudyName = None,
    debug: Debug = False,
) -> None:
    """Print one network: its layers, shapes and sizes, its values and attributes.

    For example `show mnist1d 17`, or `show 17 --storage sqlite:///study.db`.
    """
    from optuna_codeepneat.cli._studies import open_study
    from optuna_codeepneat.cli._tables import decoded
    from optuna_codeepneat.cli._tables import metric
    from optuna_codeepneat.cli._tables import properties

    _hush()
    chosen, text = (problem, trial) if trial is not None else (None, problem)
    if chosen is not None and chosen.isdecimal():
        chosen, text = text, chosen
    if text is None or not text.isdecimal():
        raise CommandError(f"TRIAL must be the number of a trial, got {text!r}.", 2)
    study, found = open_study(chosen, storage, study_name)
    number, all_trials = int(text), study.get_trials(deepcopy=False)
    if number >= len(all_trials):
        known = f"has the trials 0 to {len(all_trials) - 1}" if all_trials else "has no trials"
        raise CommandError(f"there is no trial {number}; the study {study.study_name!r} {known}.")
    shown = all_trials[number]
    architecture = decoded(shown, None if found is None else found.space)
    if architecture is None:
        why = "the study has no problem recorded" if found is None else shown.state.name.lower()
        raise CommandError(f"trial {number} holds no network ({why}).")
    print(architecture)
    print()
    values = {"state": shown.state.name.lower()}
    if shown.values is not None:
        names = study.metric_names or [f"value {i}" for i in range(len(shown.values))]
        values |= {n: metric(n, v) for n, v in zip(names, shown.values, strict=True)}
    print(properties(values | shown.user_attrs))


def _hush() -> None:
    """Leaves the terminal to this command."""
    import warnings

    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def _cores() -> int:
    """The cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Linux
        return os.cpu_count() or 1


def _devices(device: str) -> list[str]:
    """The devices that a name stands for, each of which is there."""
    if device == "cpu":
        return ["cpu"]
    import torch

    try:
        kind, index = torch.device(device).type, torch.device(device).index
    except RuntimeError:
        kind, index = "", None
    if kind == "cuda":
        n = torch.cuda.device_count()
        if index is None and n > 0:
            return [f"cuda:{i}" for i in range(n)]
        if index is not None and index < n:
            return [device]
        there = f"{n} CUDA device{'s' * (n != 1)}" if n else "no CUDA device"
        raise CommandError(f"the device {device!r} isn't there: torch finds {there}.")
    if kind == "mps" and torch.backends.mps.is_available():
        return [device]
    if kind == "mps":
        raise CommandError(f"the device {device!r} isn't there: torch finds no such device.")
    raise CommandError(f"`--device` must be cpu, cuda, cuda:0 or mps, got {device!r}.", 2)
