"""The commands that take home what a search found: their arguments."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from optuna_codeepneat.cli import _options
from optuna_codeepneat.cli._errors import CommandError


class ExportFormat(str, Enum):
    """What a network may be written as."""

    safetensors = "safetensors"
    onnx = "onnx"
    torch_export = "torch-export"


def train(
    words: _options.NamedNetworks = None,
    max_params: _options.MaxParams = None,
    seeds: Annotated[
        int,
        typer.Option(
            min=1,
            max=100,
            metavar="K",
            help="How often each network is trained, from weights of its own each time.",
        ),
    ] = _options.TrainOptions.seeds,
    epochs: Annotated[
        float | None,
        typer.Option(
            min=0.001, metavar="N", help="How often each example is seen, instead of the recipe's."
        ),
    ] = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Training steps, instead of the recipe's."),
    ] = None,
    widen: Annotated[
        float,
        typer.Option(
            min=1.0,
            max=64.0,
            metavar="F",
            help="Multiply each width of the network; it begins with the weights of the search, "
            "where those are kept.",
        ),
    ] = _options.TrainOptions.widen,
    augment: Annotated[
        bool | None,
        typer.Option(
            "--augment/--no-augment",
            help="Change examples at random, in the way that suits the problem.  [default: as its "
            "recipe says]",
        ),
    ] = None,
    tta: Annotated[
        int,
        typer.Option(
            min=0,
            max=1000,
            metavar="K",
            help="Average predictions over K copies of each test example, changed in that way; "
            "the score without them is kept too.",
        ),
    ] = _options.TrainOptions.tta,
    schedule: Annotated[
        _options.ScheduleName | None,
        typer.Option(
            help="How the learning rate goes, instead of the recipe's; plateau holds examples "
            "out to go by.",
        ),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Train what was trained before once more, as for longer, and test that too.",
        ),
    ] = False,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    artifacts: _options.FinalArtifacts = None,
    workers: _options.Workers = None,
    workers_per_gpu: _options.WorkersPerGpu = None,
    device: _options.Device = _options.RunOptions.device,
    log_file: _options.LogFile = None,
    quiet: _options.Quiet = False,
    debug: _options.Debug = False,
) -> None:
    """Train networks of a search finally, test each once, and keep their weights.

    For example `train mnist1d`, which trains the best one, `train mnist1d best knee 17`,
    `train mnist1d best --max-params 1000`, or `train mnist1d 17 --widen 2 --augment`. They learn
    from the training and the validation examples by the problem's final recipe. What is trained is
    not trained again, and nothing is tested twice, unless you say `--again`. Ctrl-C stops within
    seconds; the same command goes on.
    """
    options = _options.TrainOptions(**{**locals(), "words": words or []})
    from optuna_codeepneat.cli._commands._final import run_train

    run_train(options)


def export(
    words: _options.NamedNetworks = None,
    formats: Annotated[
        list[ExportFormat] | None,
        typer.Option(
            "--format",
            help="What else to write: onnx (model.onnx), torch-export (model.pt2); may be "
            "repeated. The weights, model.safetensors, are always written.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="The directory.  [default: STUDY-TRIAL]"
        ),
    ] = None,
    max_params: _options.MaxParams = None,
    storage: _options.Storage = None,
    study_name: _options.StudyName = None,
    artifacts: _options.FinalArtifacts = None,
    debug: _options.Debug = False,
) -> None:
    """Write a finally trained network as a directory that others can use.

    For example `export mnist1d best --format onnx -o digits`. The directory holds the weights,
    architecture and preprocessing, a model card and a drawing. A directory that holds something
    else is left alone.
    """
    from optuna_codeepneat.cli._commands._export import run_export

    run_export(
        words or [],
        [each.value for each in formats or []],
        output,
        max_params=max_params,
        storage=storage,
        study_name=study_name,
        artifacts=artifacts,
    )


def retrain(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="What `export` wrote.", show_default=False)
    ],
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="New examples with their answers, of the kind that the network reads: a table, "
            "an .npz file with x and y, or a folder with a sub-folder of images for each class.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="NEW", help="The directory to write.", show_default=False
        ),
    ],
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN",
            help="The column of the answers; several times for several columns.  [default: as "
            "the network was made for]",
        ),
    ] = None,
    test: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            help="Share of the examples that is held out to measure the network, before and "
            "after; data with a part for tests keep that.",
        ),
    ] = 0.2,
    steps: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Training steps.  [default: by the examples]"),
    ] = None,
    new_weights: Annotated[
        bool,
        typer.Option("--new-weights", help="Begin with new weights instead of its present ones."),
    ] = False,
    formats: Annotated[
        list[ExportFormat] | None,
        typer.Option("--format", help="What else to write, see `export`; may be repeated."),
    ] = None,
    device: Annotated[
        str,
        typer.Option(metavar="DEVICE", help="Where the network is trained: auto, cpu, cuda, mps."),
    ] = "auto",
    seed: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="Of the held-out examples, new weights, and the training."
        ),
    ] = 0,
    quiet: _options.Quiet = False,
    debug: _options.Debug = False,
) -> None:
    """Train an exported network on new examples, and write it as another directory.

    For example `retrain prices new_prices.csv -o prices_2027`. Architecture and preprocessing
    stay the same. Its score on the examples that are held out is printed, before and after. DIR
    stays as it is, unless `-o` names it.
    """
    if not 0.0 < test < 1.0:
        raise CommandError(f"`--test` must be a share between 0 and 1, got {test:g}.", 2)
    from optuna_codeepneat.cli._commands._retrain import run_retrain

    run_retrain(
        directory,
        data,
        output,
        target=target or [],
        test=test,
        steps=steps,
        new_weights=new_weights,
        formats=[each.value for each in formats or []],
        device=device,
        seed=seed,
        quiet=quiet,
    )


def predict(
    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="What `export` wrote.", show_default=False)
    ],
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="By what the network reads: images or folders of them, tables *.csv, texts or "
            "files with one in each line, arrays *.npy, *.npz or *.csv.",
            show_default=False,
        ),
    ],
    csv: Annotated[bool, typer.Option("--csv", help="Print comma-separated values.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print all of each answer as JSON, one a line.")
    ] = False,
    device: Annotated[
        str,
        typer.Option(metavar="DEVICE", help="Where the network computes: auto, cpu, cuda, mps."),
    ] = "cpu",
    debug: _options.Debug = False,
) -> None:
    """Ask an exported network: prints an answer for each example.

    For example `predict digits examples.npy`, or `predict pets photos/ --csv > answers.csv`.
    """
    if csv and json:
        raise CommandError("give either `--csv` or `--json`, not both.", 2)
    from optuna_codeepneat.cli._commands._predict import run_predict

    run_predict(directory, inputs, csv=csv, json=json, device=device)
