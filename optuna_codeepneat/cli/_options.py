"""The options that several commands share, and those of `search` and `worker` as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated
from typing import Any

import typer
from typer.core import TyperCommand

from optuna_codeepneat.cli._errors import CommandError


NAME = "optuna-codeepneat"
"""What the command is called."""


class SamplerName(str, Enum):
    """The samplers that a search may use."""

    codeepneat = "codeepneat"
    lemonade = "lemonade"
    nsgaii = "nsgaii"
    tpe = "tpe"
    random = "random"


class ProfileName(str, Enum):
    """The profiles of papers, see `optuna_codeepneat.problems.Profile`."""

    leaf_wikidetox = "leaf-wikidetox"
    leaf_chest_xray = "leaf-chest-xray"
    codeepneat_2017 = "codeepneat-2017"
    lemonade = "lemonade"


class Inherit(str, Enum):
    """How networks inherit weights."""

    exact = "exact"
    noisy = "noisy"
    fresh = "fresh"
    off = "off"


class PrunerName(str, Enum):
    """What stops trainings early."""

    none = "none"
    halving = "halving"
    size_class = "size-class"


class ScheduleName(str, Enum):
    """How the learning rate of a final training goes."""

    one_cycle = "one_cycle"
    cosine = "cosine"
    constant = "constant"
    plateau = "plateau"
    wsd = "wsd"


class TaskName(str, Enum):
    """What is learnt from data."""

    classification = "classification"
    regression = "regression"
    labels = "labels"


class TokensName(str, Enum):
    """What texts are read as."""

    words = "words"
    characters = "characters"
    byte_pairs = "byte_pairs"


class ClassWeights(str, Enum):
    """How much each class counts in the loss."""

    balanced = "balanced"


SearchedProblem = Annotated[
    str | None,
    typer.Argument(
        metavar="PROBLEM", help="The problem that was searched; beside --storage, or the study."
    ),
]
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
Space = Annotated[
    str | None,
    typer.Option(
        "--space",
        metavar="MODULE:ATTRIBUTE",
        help="The search space, for a study that doesn't hold it.",
    ),
]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show tracebacks, each in full and each time.")
]

Timeout = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        metavar="SECONDS",
        help="After so long begin no more networks; those under way are finished.",
    ),
]
TrialTimeout = Annotated[
    float | None,
    typer.Option(
        min=0.1,
        metavar="SECONDS",
        help="How long a network may take; one that goes on for longer is ended.",
    ),
]
Grace = Annotated[
    float,
    typer.Option(
        min=0.0,
        metavar="SECONDS",
        help="After Ctrl-C or SIGTERM let networks under way go on for so long.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help="Processes that train.  [default: one for each core, or each GPU]",
    ),
]
WorkersPerGpu = Annotated[
    int | None,
    typer.Option(
        "--workers-per-gpu", min=1, metavar="K", help="Processes for each GPU, instead of one."
    ),
]
Device = Annotated[
    str,
    typer.Option(
        metavar="DEVICE",
        help="Where networks are trained: auto (GPUs if there are some), cpu, cuda (all GPUs), "
        "cuda:1, mps.",
    ),
]
LogFile = Annotated[
    str | None,
    typer.Option(
        "--log-file",
        metavar="PATH",
        help="File that all is appended to which the processes print.  [default: "
        "NAME-output.log beside the database]",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]

NamedNetworks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PROBLEM [TRIAL|best|knee]...",
        help="The problem that was searched, or the study; then networks: numbers of trials, "
        "`best` by the first objective, or `knee`, the one of the front that is farthest from "
        "the line between its extremes.",
        show_default=False,
    ),
]
MaxParams = Annotated[
    int | None,
    typer.Option(
        "--max-params",
        min=1,
        metavar="N",
        help="The most parameters that `best` and `knee` may have.",
    ),
]
FrontMaxParams = Annotated[
    int | None,
    typer.Option(
        "--max-params",
        min=1,
        metavar="N",
        help="The front of the networks that have no more parameters.",
    ),
]
FinalArtifacts = Annotated[
    str | None,
    typer.Option(
        "--artifacts",
        metavar="PLACE",
        help="Where the weights lie: a folder, s3://bucket or gs://bucket.  [default: where the "
        "search keeps its artifacts]",
    ),
]

ReportPath = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="PATH",
        help="Where the report goes that a search ends with.  [default: NAME-report.html]",
        show_default=False,
    ),
]
NoReport = Annotated[bool, typer.Option("--no-report", help="Write no report.")]


Svg = Annotated[
    str | None,
    typer.Option(metavar="[PATH]", help="Draw the network too.  [default PATH: STUDY-TRIAL.svg]"),
]
Png = Annotated[
    str | None,
    typer.Option(metavar="[PATH]", help="The same as a PNG.  [default PATH: STUDY-TRIAL.png]"),
]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What the command lines of `search` and `worker` share; fields are named as parameters are.

    Raises:
        CommandError: If they contradict each other.
    """

    study_name: str | None = None
    timeout: float | None = None
    trial_timeout: float | None = None
    grace: float = 0.0
    artifacts: str | None = None
    workers: int | None = None
    workers_per_gpu: int | None = None
    device: str = "auto"
    log_file: str | None = None
    quiet: bool = False
    debug: bool = False

    def __post_init__(self) -> None:
        if self.workers_per_gpu is not None and self.workers is not None:
            raise CommandError("give either `--workers` or `--workers-per-gpu`, not both.", 2)
        if self.workers_per_gpu is not None and self.device == "cpu":
            raise CommandError("`--workers-per-gpu` needs `--device cuda`.", 2)


@dataclass(frozen=True, kw_only=True)
class SearchOptions(RunOptions):
    """The command line of `search`."""

    problem: str | None = None
    settings: list[str] | None = None
    data: str | None = None
    target: list[str] | None = None
    text: str | None = None
    tokens: TokensName | None = None
    vectors: str | None = None
    drop: list[str] | None = None
    task: TaskName | None = None
    metric: str | None = None
    split: str | None = None
    group: str | None = None
    size: int | None = None
    steps: int | None = None
    validation: float | None = None
    test: float | None = None
    split_seed: int | None = None
    class_weights: ClassWeights | None = None
    time_per_network: float | None = None
    trials: int = 150
    storage: str | None = None
    seed: int | None = None
    profile: ProfileName | None = None
    sampler: SamplerName | None = None
    population_size: int | None = None
    inherit: Inherit | None = None
    surrogate: bool | None = None
    pruner: PrunerName | None = None
    reproducible: bool | None = None
    min_score: float | None = None
    final: int = 3
    baselines: bool | None = None
    report: str | None = None
    no_report: bool = False

    def __post_init__(self) -> None:
        if self.no_report and self.report is not None:
            raise CommandError("`--report` and `--no-report` exclude each other.", 2)
        if self.steps is not None and self.time_per_network is not None:
            raise CommandError("give either `--steps` or `--time-per-network`, not both.", 2)
        if self.problem is None and self.data is None:
            raise CommandError("name the PROBLEM to search, or your own data by `--data`.", 2)
        if self.problem is not None and self.data is not None:
            raise CommandError(
                f"give either `--data` or a PROBLEM, not both, got {self.problem!r}.", 2
            )
        if self.settings:
            if self.problem is None:
                raise CommandError("`--set` goes with a PROBLEM, and data have options.", 2)
            _with_options(self.problem, self.settings)  # which may not be possible
        said = [name for name in self._said_of_data if name != "steps"]
        if self.data is None and said:
            raise CommandError(f"`--{said[0]}` goes with `--data`.", 2)
        super().__post_init__()

    @property
    def problem_name(self) -> str:
        """The name of the problem, with its options, or of that which is made of data."""
        from optuna_codeepneat.problems import DataName

        if self.problem is None:
            return str(DataName.made(self.data or "", self._said_of_data))
        return _with_options(self.problem, self.settings or ())

    @property
    def _said_of_data(self) -> dict[str, Any]:
        """What was said of the data, by its names there."""
        given = {
            "target": self.target,
            "text": self.text,
            "tokens": self.tokens and self.tokens.value,
            "vectors": self.vectors,
            "drop": self.drop,
            "task": self.task and self.task.value,
            "metric": self.metric,
            "split": self.split,
            "group": self.group,
            "size": self.size,
            "steps": self.steps,
            "validation": self.validation,
            "test": self.test,
            "split-seed": self.split_seed,
            "class-weights": self.class_weights and self.class_weights.value,
        }
        return {name: value for name, value in given.items() if value not in (None, [])}


@dataclass(frozen=True, kw_only=True)
class TrainOptions(RunOptions):
    """The command line of `train`; `words` are the problem and the networks."""

    words: list[str]
    storage: str | None = None
    max_params: int | None = None
    seeds: int = 1
    steps: int | None = None
    epochs: float | None = None
    schedule: ScheduleName | None = None
    augment: bool | None = None
    tta: int = 0
    widen: float = 1.0
    again: bool = False

    def __post_init__(self) -> None:
        if self.steps is not None and self.epochs is not None:
            raise CommandError("give either `--steps` or `--epochs`, not both.", 2)
        super().__post_init__()


@dataclass(frozen=True, kw_only=True)
class WorkerOptions(RunOptions):
    """The command line of `worker`."""

    storage: str
    problem: str | None = None
    trust_problem: bool = False
    trials: int | None = None
    wait: float = 60.0


def _with_options(problem: str, settings: Sequence[str]) -> str:
    """A problem's name with what was said by `--set`."""
    from optuna_codeepneat.problems import ProblemName

    options: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not (name.isidentifier() and equals):
            raise CommandError(f"`--set` must be NAME=VALUE, got {setting!r}.", 2)
        if name in options:
            raise CommandError(f"`--set {name}=...` may be given once.", 2)
        options[name] = value
    try:
        return str(ProblemName.of(problem).with_options(options)) if options else problem
    except ValueError as error:
        raise CommandError(str(error), 2) from error


class DrawingCommand(TyperCommand):
    """A command whose `--svg` and `--png` may stand without a path, which is then ""."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the command line once every such option has a value."""
        filled: list[str] = []
        for word, following in zip(args, [*args[1:], "-"], strict=False):
            filled.append(word)
            # In `show mnist1d --svg 17` the number is the trial's.
            if word in ("--svg", "--png") and (following[:1] == "-" or following.isdecimal()):
                filled.append("")
        return super().parse_args(ctx, filled)
