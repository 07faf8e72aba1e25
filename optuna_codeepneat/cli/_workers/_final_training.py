"""The final training: which networks of the front are worth it, and their test scores."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

from optuna.study import StudyDirection
from optuna.trial import TrialState

from optuna_codeepneat._attributes import FinalNetwork
from optuna_codeepneat._attributes import store_final_network
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._ranking import gains
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.cli._terminal import decoded
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import Progressed
from optuna_codeepneat.cli._workers._messages import Tested
from optuna_codeepneat.cli._workers._messages import Trace
from optuna_codeepneat.cli._workers._messages import TrainFinally
from optuna_codeepneat.cli._workers._pool import Crashed
from optuna_codeepneat.cli._workers._tasks import Abandoned
from optuna_codeepneat.cli._workers._tasks import reports_on
from optuna_codeepneat.sampler import believed_values


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.cli._terminal import Front
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.cli._workers._pool import WorkerPool
    from optuna_codeepneat.search_space import SearchSpace

_STEPS = (4.0, 2.0)
_WORST_LOSS = 0.25
# Of fewer networks a model knows so little that it takes most of what is good for luck.
_ENOUGH_TO_BELIEVE = 50


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

    From fifty finished networks on, they are judged by what a model of the whole study believes
    them to be worth: on a front are those that were lucky (`believed_values`).
    """
    if k < 1:
        return []
    n_finished = len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
    believed = believed_values(study, space) if n_finished >= _ENOUGH_TO_BELIEVE else {}
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
    """What final trainings came to.

    Args:
        scores:
            Test scores of finally trained networks by trial number, the best network first.
        errors:
            Why some of the chosen networks have none.
        networks:
            Those whose weights are kept, by trial number and training.
        n_trained:
            How many trainings this command did.
    """

    scores: dict[int, float]
    errors: list[str]
    networks: dict[int, dict[int, FinalNetwork]]
    n_trained: int = 0


class FinalTraining:
    """Trains networks by the problem's final recipe and tests each once.

    Scores, and where the weights are, are kept in the study's user attributes, so that no network
    is tested again.

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
        trainings:
            How often each network is trained.
        keeping:
            Whether a network is trained again that was tested and whose weights are not kept; it
            is not tested again.
        again:
            Whether those are trained and tested again that were before.
        others:
            Whether they are trained or tested in another way than the problem says, so that a test
            score without weights says nothing of them.
    """

    def __init__(
        self,
        study: optuna.Study,
        chosen: Sequence[int],
        *,
        pool: WorkerPool,
        check: Callable[[], None],
        tell: Callable[[int, str, Trace], None],
        progress: Progress,
        trainings: int = 1,
        keeping: bool = False,
        again: bool = False,
        others: bool = False,
    ) -> None:
        self._study = study
        self._chosen = chosen
        self._pool = pool
        self._check = check
        self._tell = tell
        self._progress = progress
        stored = {} if again else stored_test_scores(study.user_attrs)
        kept = {} if again else stored_final_networks(study.user_attrs)
        self._scores = {n: stored[n] for n in chosen if n in stored}
        self._kept = {n: kept[n] for n in chosen if n in kept}
        if others:
            known = {n for n, networks in self._kept.items() if 0 in networks}
            self._scores = {n: score for n, score in self._scores.items() if n in known}
        for number, networks in self._kept.items():  # a command that was killed in between
            if number not in self._scores and 0 in networks:
                self._store_score(number, networks[0].score)
        self._tasks = [
            TrainFinally(n, k, score=self._scores.get(n) if k == 0 else None)
            for k in range(trainings)
            for n in chosen
            if k not in self._kept.get(n, {}) and (k > 0 or keeping or n not in self._scores)
        ]
        self._errors: list[str] = []
        self._n_trained = 0
        self._shares: dict[TrainFinally, float] = {}
        self._begin = time.monotonic()
        self._told_why = False

    @property
    def in_words(self) -> str:
        """How far it is, as in "1 of 3 networks trained"."""
        return f"{self._n_trained} of {len(self._tasks)} networks trained"

    def run(self) -> Outcome:
        """Trains and tests what was not yet."""
        self._begin = time.monotonic()
        for worker, event in reports_on(self._tasks, self._pool, self._tick):
            if isinstance(event, Progressed):
                self._shares[event.task] = event.share
            elif isinstance(event, Tested):
                self._take(worker, event)
            elif isinstance(event, Broken):
                if event.trace is not None:
                    self._tell(worker, "the final training", event.trace)
                raise CommandError(f"the final training can't begin: {event.error}")
            elif isinstance(event, Crashed | Abandoned) and isinstance(event.task, TrainFinally):
                self._shares.pop(event.task, None)
                if isinstance(event, Abandoned):
                    self._errors.append(f"network {event.task.number} failed: {event.reason}")
        scores = {n: self._scores[n] for n in self._chosen if n in self._scores}
        kept = {n: dict(sorted(self._kept[n].items())) for n in self._chosen if n in self._kept}
        return Outcome(scores, self._errors, kept, self._n_trained)

    def _take(self, worker: int, event: Tested) -> None:
        """Keeps what a training came to."""
        number, training = event.task.number, event.task.training
        self._shares.pop(event.task, None)
        if event.score is None:
            if event.trace is not None:
                self._tell(worker, f"the final training of network {number}", event.trace)
            self._errors.append(f"network {number} failed with {event.error}")
            return
        self._n_trained += 1
        if event.kept is not None:
            store_final_network(self._study, number, event.kept, training)
            self._kept.setdefault(number, {})[training] = event.kept
        elif not self._told_why:
            self._told_why = True
            self._progress.note(f"The weights of network {number} are not kept: {event.not_kept}.")
        if training == 0 and number not in self._scores:
            self._store_score(number, event.score)

    def _store_score(self, number: int, score: float) -> None:
        self._scores[number] = score
        store_test_score(self._study, number, score)

    def _tick(self) -> None:
        self._check()
        self._progress.update(self._snapshot())

    def _snapshot(self) -> Snapshot:
        seconds, under_way = time.monotonic() - self._begin, sum(self._shares.values())
        done = self._n_trained + under_way
        left = len(self._tasks) - len(self._errors) - done
        return Snapshot(
            done=self._n_trained,
            total=len(self._tasks),
            noun="networks trained finally",
            seconds=seconds,
            seconds_left=seconds / done * left if under_way and left > 0 else None,
            under_way={task.number: self._shares[task] for task in sorted(self._shares)},
        )
