"""The commands that train networks: their arguments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optuna_codeepneat.cli import _options


def _names_of_problems() -> list[str]:
    """What a shell completes a problem's name to, beside files."""
    from optuna_codeepneat.problems import available_problems

    return [*available_problems(), *sorted(str(path) for path in Path().glob("*.py"))]


def search(
    problem: Annotated[
        str | None,
        typer.Argument(
            metavar="PROBLEM",
            help="A built-in problem such as mnist1d, or one of your own: file.py or "
            "module:attribute. Without it, --data.",
            autocompletion=_names_of_problems,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An option of the problem, such as size=14; may be repeated.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Data of your own instead of a problem: a CSV or Parquet file, an .npz file with "
            "x and y, or a folder with a sub-folder of images for each class.",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="The column to learn; several times for several columns."
        ),
    ] = None,
    text: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column of the texts to read.")
    ] = None,
    tokens: Annotated[
        _options.TokensName | None,
        typer.Option(help="What texts are read as.  [default: by the texts]"),
    ] = None,
    vectors: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Vectors of words that embeddings begin with, in the text format of fastText, "
            "word2vec or GloVe (.vec, .txt, also with .gz).",
        ),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column to leave out; may be repeated."),
    ] = None,
    task: Annotated[
        _options.TaskName | None,
        typer.Option(help="What is learnt from the data.  [default: guessed from the target]"),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What networks are compared by: accuracy, balanced_accuracy, macro_f1, auroc, "
            "average_precision, log_loss, r2, rmse, mae.  [default: accuracy, r2 or auroc]",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column with train, validation or test.  [default: chosen by chance]",
        ),
    ] = None,
    group: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rows that are equal here are in one part."),
    ] = None,
    size: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Height and width of images; words of texts."),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Steps that each network is trained for.  [default: as the problem says, or by "
            "the number of examples]",
            show_default=False,
        ),
    ] = None,
    time_per_network: Annotated[
        float | None,
        typer.Option(
            "--time-per-network",
            min=0.1,
            metavar="SECONDS",
            help="About how long a middle-sized network shall take, instead of --steps: how many "
            "steps that are is measured once, when the study begins.",
            show_default=False,
        ),
    ] = None,
    validation: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of the data by which networks are compared.  [default: 0.2]",
            show_default=False,
        ),
    ] = None,
    test: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of the data that is kept for the end.  [default: 0.2]",
            show_default=False,
        ),
    ] = None,
    split_seed: Annotated[
        int | None,
        typer.Option(
            "--split-seed",
            min=0,
            max=2**63 - 1,
            metavar="S",
            help="Seed of the choice of these parts.  [default: 0]",
            show_default=False,
        ),
    ] = None,
    class_weights: Annotated[
        _options.ClassWeights | None,
        typer.Option(
            "--class-weights", help="Rare classes count as much as frequent ones in the loss."
        ),
    ] = None,
    trials: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="N",
            help="Finished networks that the study shall have IN ALL: the same command again "
            "goes on where it stopped, and a larger number adds the rest.",
        ),
    ] = _options.SearchOptions.trials,
    timeout: _options.Timeout = None,
    trial_timeout: _options.TrialTimeout = None,
    grace: _options.Grace = _options.RunOptions.grace,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    workers: _options.Workers = None,
    workers_per_gpu: _options.WorkersPerGpu = None,
    device: _options.Device = _options.RunOptions.device,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**63 - 1,  # what torch takes; a study would remember another for good
            metavar="S",
            help="Seed.  [default: a new one, kept in the study]",
        ),
    ] = None,
    profile: Annotated[
        _options.ProfileName | None,
        typer.Option(
            help="Search as a paper did: its sampler, its search space and its training, for "
            "texts or images of any problem."
        ),
    ] = None,
    sampler: Annotated[
        _options.SamplerName | None,
        typer.Option(help="What proposes networks.  [default: as before, at first codeepneat]"),
    ] = None,
    population_size: Annotated[
        int | None,
        typer.Option(
            min=2, metavar="P", help="Networks in a generation of codeepneat, lemonade or nsgaii."
        ),
    ] = None,
    inherit: Annotated[
        _options.Inherit | None,
        typer.Option(
            help="How networks inherit the weights of their ancestors: keeping the function, with "
            "a little noise, or with random weights for what is new.  [default: as before, at "
            "first exact for lemonade and off for the others]"
        ),
    ] = None,
    surrogate: Annotated[
        bool | None,
        typer.Option(
            "--surrogate/--no-surrogate",
            help="Whether a model of the finished networks chooses, for codeepneat and lemonade, "
            "which of many bred ones are trained; without it they are as published.  [default: "
            "as before, at first a model chooses]",
            show_default=False,
        ),
    ] = None,
    pruner: Annotated[
        _options.PrunerName | None,
        typer.Option(
            help="What stops trainings early that lead nowhere: at each rung all but a third, by "
            "Pareto ranks, or those to which several networks of their own size are clearly "
            "better.  [default: as before, at first none]"
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
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="SCORE",
            help="The least validation score of a network on the front, the most where smaller is "
            "better.  [default: as before, at first the problem's; if that's a bit more than what "
            "guessing gets: nine tenths of what hand-made ones gain over it]",
            show_default=False,
        ),
    ] = None,
    final: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="K",
            help="Networks of the front to train finally and to test in the end.",
        ),
    ] = _options.SearchOptions.final,
    baselines: Annotated[
        bool | None,
        typer.Option(
            "--baselines/--no-baselines",
            help="Whether to train hand-made networks for such data at the end, as the search "
            "trains its own, and to show them beside the front; where they are asked for, finally "
            "too.  [default: from 30 networks on]",
            show_default=False,
        ),
    ] = None,
    report: _options.ReportPath = None,
    no_report: _options.NoReport = False,
    log_file: _options.LogFile = None,
    quiet: _options.Quiet = False,
    debug: _options.Debug = False,
) -> None:
    """Search for networks, then train and test the best.

    Creates the study, or resumes it. Ctrl-C stops within seconds: networks under way are given
    up, finished ones are kept, and the same command resumes. A network that fails is left out;
    ten failures with no success end the search with status 1.

    Of data of your own, as in `search --data prices.csv --target price`, it makes a problem, and
    says before it begins what it found and chose.

    At the end a few members of the Pareto front are trained by the problem's final recipe and
    tested, each once: the same command again prints the same table and tests nothing again. Then
    the search is written into one HTML file, see `report`.
    """
    options = _options.SearchOptions(**locals())  # whose fields are the parameters
    from optuna_codeepneat.cli._commands._training import run_search

    run_search(options)


def worker(
    problem: Annotated[
        str | None,
        typer.Argument(
            metavar="PROBLEM",
            help="The problem of the search, where it is one of your own: its code is run here "
            "only if you name it.",
        ),
    ] = None,
    *,
    storage: Annotated[
        str, typer.Option(metavar="URL", help="Database of the study.", show_default=False)
    ],
    study_name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the study.  [default: the only one there]"),
    ] = None,
    trust_problem: Annotated[
        bool,
        typer.Option(
            "--trust-problem",
            help="Run the code of the problem that the database names, whatever it is.",
        ),
    ] = False,
    trials: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Networks that this command finishes at most.  [default: as many as the search "
            "still needs]",
        ),
    ] = None,
    timeout: _options.Timeout = None,
    trial_timeout: _options.TrialTimeout = None,
    grace: _options.Grace = _options.RunOptions.grace,
    wait: Annotated[
        float,
        typer.Option(
            min=0.0, metavar="SECONDS", help="How long to wait for a search that has not begun."
        ),
    ] = _options.WorkerOptions.wait,
    artifacts: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE",
            help="Where diagrams and inherited weights lie, if not where the search said.",
        ),
    ] = None,
    workers: _options.Workers = None,
    workers_per_gpu: _options.WorkersPerGpu = None,
    device: _options.Device = _options.RunOptions.device,
    log_file: _options.LogFile = None,
    quiet: _options.Quiet = False,
    debug: _options.Debug = False,
) -> None:
    """Help with a search, from any machine that reaches its database.

    Trains networks until the study has as many as `search --trials` asked for. Problem and
    settings come from the study; a problem of your own has to be importable here too, and is
    named again. Any number of workers may come and go at any time. Ctrl-C and SIGTERM stop one
    as they stop a search.
    """
    options = _options.WorkerOptions(**locals())  # whose fields are the parameters
    from optuna_codeepneat.cli._commands._training import run_worker

    run_worker(options)
