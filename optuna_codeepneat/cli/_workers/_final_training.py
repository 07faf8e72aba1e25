"""The final training: which networks of the front are worth it, and their test scores."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from optuna.study import StudyDirection

from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._ranking import gains
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.cli._terminal import decoded
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import Tested
from optuna_codeepneat.cli._workers._messages import Trace
from optuna_codeepneat.cli._workers._messages import TrainFinally
from optuna_codeepneat.cli._workers._pool import Crashed
from optuna_codeepneat.sampler import believed_values


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.cli._terminal import Front
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.cli._workers._pool import WorkerPool
    from optuna_codeepneat.search_space import SearchSpace

_STEPS = (4.0, 2.0)
_WORST_LOSS = 0.25
_TICK_SECONDS = 0.2
_MOST_TRIES = 2


@dataclass(frozen=True)
class Candidate:
    """A network that may be trained finally.

    Args:
        number:
            The trial's number.
        gain:
            The first objective as it is believed to be, turned so that larger is better.
        size:
            Trainable parameters.
    """

    number: int
    gain: float
    size: int


def choose(candidates: Iterable[Candidate], k: int) -> list[int]:
    """Chooses up to `k` networks that span the front from its best to its small ones.

    The first is the best network; each further one is the best among those with less than a
    quarter of the parameters of the one before. A network that loses more than a quarter of the
    range of the first objective is too poor to be worth its smallness. Where that leaves fewer
    than `k`, a half instead of a quarter is enough, then those fill up that differ most in size
    from the chosen ones, then the poor ones. Of equal networks the smaller one counts, then the
    earlier one.

    Args:
        candidates:
            The members of the front.
        k:
            How many to choose.

    Returns:
        Their numbers, in the order of choice.
    """
    ranked = sorted(candidates, key=lambda c: (-c.gain, c.size, c.number))
    if not ranked or k < 1:
        return []
    least = ranked[0].gain - _WORST_LOSS * (ranked[0].gain - ranked[-1].gain)
    good = [c for c in ranked if c.gain >= least]
    for step in _STEPS:
        chosen = [good[0]]
        while smaller := [c for c in good if c.size < chosen[-1].size / step]:
            chosen.append(smaller[0])
        if len(chosen) >= k:
            break
    while len(chosen) < k and (rest := [c for c in good if c not in chosen]):
        chosen.append(max(rest, key=lambda c: min(abs(log(c.size / d.size)) for d in chosen)))
    chosen += ranked[len(good) :]
    return [c.number for c in chosen[:k]]


def choose_finals(study: optuna.Study, front: Front, space: SearchSpace, k: int) -> list[int]:
    """Chooses up to `k` networks of a front, see `choose`.

    They are judged by what a model of the whole study believes them to be worth: on a front are
    those that were lucky (`believed_values`).
    """
    if k < 1:
        return []
    believed = believed_values(study, space)
    maximize = [direction == StudyDirection.MAXIMIZE for direction in study.directions]
    candidates = []
    for score, trial in front.members:
        architecture = decoded(trial, space)
        if architecture is not None:
            own = believed.get(trial.number)
            gain = score.values[0] if own is None else float(gains(own, maximize)[0])
            candidates.append(Candidate(trial.number, gain, architecture.num_params))
    return choose(candidates, k)


@dataclass(frozen=True)
class Outcome:
    """What a search came to.

    Args:
        scores:
            Test scores of finally trained networks by trial number, the best network first.
        errors:
            Why some of the chosen networks have none.
    """

    scores: dict[int, float]
    errors: list[str]


def train_finally(
    study: optuna.Study,
    chosen: Sequence[int],
    *,
    pool: WorkerPool,
    check: Callable[[], None],
    tell: Callable[[int, str, Trace], None],
    progress: Progress,
) -> Outcome:
    """Trains networks by the problem's final recipe and tests each once.

    Scores are kept in the study's user attributes, so that no network is tested again.

    Args:
        study:
            The study.
        chosen:
            Numbers of the networks' trials.
        pool:
            The worker processes.
        check:
            Raises if the command has to stop.
        tell:
            Shows where a network failed in the user's code: see `Run.tell`.
        progress:
            Where to show how far it is.
    """
    stored = stored_test_scores(study.user_attrs)
    scores: dict[int, float] = {n: stored[n] for n in chosen if n in stored}
    waiting = [n for n in chosen if n not in stored]
    tries: Counter[int] = Counter()
    errors: list[str] = []
    begin = time.monotonic()
    while len(scores) + len(errors) < len(chosen):
        while waiting and pool.give(TrainFinally(waiting[0])):
            tries[waiting.pop(0)] += 1
        for worker, event in pool.events(_TICK_SECONDS):
            if isinstance(event, Tested):
                if event.score is None:
                    if event.trace is not None:
                        tell(worker, f"the final training of network {event.number}", event.trace)
                    errors.append(f"network {event.number} failed with {event.error}")
                else:
                    scores[event.number] = event.score
                    store_test_score(study, event.number, event.score)
            elif isinstance(event, Broken):
                if event.trace is not None:
                    tell(worker, "the final training", event.trace)
                raise CommandError(f"the final training can't begin: {event.error}")
            elif isinstance(event, Crashed) and isinstance(event.task, TrainFinally):
                number = event.task.number
                if tries[number] < _MOST_TRIES:
                    waiting.append(number)
                else:
                    errors.append(f"network {number} failed: a worker process {event.reason}")
        check()
        progress.update(
            Snapshot(
                done=len(scores),
                total=len(chosen),
                noun="networks trained finally",
                seconds=time.monotonic() - begin,
            )
        )
    return Outcome({n: scores[n] for n in chosen if n in scores}, errors)
