"""What the parent process and its workers tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._workers._final_settings import FinalSettings


if TYPE_CHECKING:
    from optuna_codeepneat._attributes import FinalNetwork
    from optuna_codeepneat.cli._options import RunOptions
    from optuna_codeepneat.cli._study import SearchSettings
    from optuna_codeepneat.training import Measurement


@dataclass(frozen=True, kw_only=True)
class WorkerOrder:
    """All that a worker needs to know, on this machine or on another.

    Args:
        problem:
            The problem's name.
        storage:
            The storage's URL.
        study_name:
            The study's name.
        settings:
            What the sampler is made from.
        options:
            The command line.
        stream:
            What tells the command from others in the same study: their samplers would else draw
            the same random networks.
        diagrams:
            Where diagrams of the networks go, None for none.
        finals:
            Where the weights of finally trained networks go, None for nowhere.
        finally_by:
            How networks are trained finally, as far as that is not left to their problem.
    """

    problem: str
    storage: str
    study_name: str
    settings: SearchSettings
    options: RunOptions
    stream: tuple[int, ...] = ()
    diagrams: str | None = None
    finals: str | None = None
    finally_by: FinalSettings = FinalSettings()


@dataclass(frozen=True)
class TrainNext:
    """To a worker: take one more trial.

    Args:
        min_score:
            The score that its network needs to be on the front, None for what the problem says.
    """

    min_score: float | None = None


@dataclass(frozen=True, order=True)
class TrainFinally:
    """To a worker: train the network of a finished trial by the final recipe, and test it.

    Args:
        number:
            The trial's.
        training:
            Which training it is of this network, each from weights of its own.
        score:
            What it got in the test, where it was tested before; else it is tested.
    """

    number: int
    training: int = 0
    score: float | None = None


@dataclass(frozen=True)
class TrainBaseline:
    """To a worker: train a hand-made network, which is in no trial.

    Args:
        name:
            What the problem calls it.
        finally_:
            Whether by the final recipe, to test it; else as in the search.
    """

    name: str
    finally_: bool = False


@dataclass(frozen=True)
class Decoded:
    """From a worker: so many images of the data are decoded, before its first network."""

    done: int
    total: int


@dataclass(frozen=True)
class Started:
    """From a worker: the trial is created and its network begins."""

    number: int


@dataclass(frozen=True)
class Warned:
    """Of a network: a package could not do its part, without which it did.

    Warnings of one `kind` differ in numbers and reasons alone.
    """

    package: str
    kind: tuple[str, int]
    text: str


@dataclass(frozen=True)
class Trace:
    """The frames of an exception in the user's code; mistakes of one `kind` have the same."""

    kind: str
    text: str


@dataclass(frozen=True)
class Finished:
    """From a worker: the trial is told; `error` says why where it failed.

    Where the worker is `spent`, only a new process can go on.
    """

    number: int
    error: str | None = None
    trace: Trace | None = None
    spent: bool = False
    warnings: tuple[Warned, ...] = ()


@dataclass(frozen=True)
class Progressed:
    """From a worker: how far a final training is, as a share of its steps."""

    task: TrainFinally
    share: float


@dataclass(frozen=True)
class Tested:
    """From a worker: the test score of a finally trained network, or why there is none.

    Args:
        task:
            What the worker was to do.
        score:
            On the test examples.
        error:
            Why there is none.
        trace:
            Where it failed in the user's code.
        kept:
            Where its weights are; None where they are nowhere.
        not_kept:
            Why that is so.
    """

    task: TrainFinally
    score: float | None = None
    error: str | None = None
    trace: Trace | None = None
    kept: FinalNetwork | None = None
    not_kept: str | None = None


@dataclass(frozen=True)
class FinishedBaseline:
    """From a worker: what a hand-made network came to.

    Args:
        task:
            What the worker was to do.
        values:
            Of the objectives, after a training as in the search.
        test:
            The test score, after a final training.
        failure:
            Why there is neither, where it would be so again.
        error:
            Why there is neither, where it may have another cause.
        trace:
            Where it failed in the user's code.
    """

    task: TrainBaseline
    values: tuple[float, ...] | None = None
    test: Measurement | None = None
    failure: str | None = None
    error: str | None = None
    trace: Trace | None = None


@dataclass(frozen=True)
class Broken:
    """From a worker: the task could not even begin, as when the database is gone.

    Where it is `fatal`, no other worker can do it either.
    """

    error: str
    fatal: bool = False
    trace: Trace | None = None


Task = TrainNext | TrainFinally | TrainBaseline
Message = Decoded | Started | Finished | Progressed | Tested | FinishedBaseline | Broken
