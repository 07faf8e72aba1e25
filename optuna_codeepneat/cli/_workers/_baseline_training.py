"""Hand-made networks beside those of a search: trained as they are, each once."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from optuna.trial import TrialState

from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat._attributes import Baseline
from optuna_codeepneat._attributes import store_baseline
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import FinishedBaseline
from optuna_codeepneat.cli._workers._messages import Trace
from optuna_codeepneat.cli._workers._messages import TrainBaseline
from optuna_codeepneat.cli._workers._tasks import Abandoned
from optuna_codeepneat.cli._workers._tasks import reports_on


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.cli._workers._pool import WorkerPool
    from optuna_codeepneat.search_space import Architecture


class BaselineTraining:
    """Trains the hand-made networks of a problem that the study says nothing of yet.

    What they come to is in the study's user attributes. Those that the search began with were
    trials, and are not trained again. The others are none: samplers do not see them, and they
    count for no budget. That one diverges is kept too, as it would again; what has another
    cause is a note, and the next search tries again. Whatever happens, the search has its result.

    Args:
        study:
            The study.
        networks:
            The hand-made networks by name.
        pool:
            The worker processes.
        check:
            Raises if the command has to stop.
        tell:
            Shows where a network failed in the user's code: see `Run.tell`.
        progress:
            Where to show how far it is.
        finally_:
            Whether to train them by the final recipe and to test them, those that did not fail in
            the search's.
    """

    def __init__(
        self,
        study: optuna.Study,
        networks: Mapping[str, Architecture],
        *,
        pool: WorkerPool,
        check: Callable[[], None],
        tell: Callable[[int, str, Trace], None],
        progress: Progress,
        finally_: bool = False,
    ) -> None:
        self._study = study
        self._networks = networks
        self._pool = pool
        self._check = check
        self._tell = tell
        self._progress = progress
        self._finally = finally_
        self._keep_trials()
        self._tasks = [
            TrainBaseline(name, finally_) for name in networks if self._is_missing(name)
        ]
        self._n_done = 0
        self._begin = time.monotonic()

    def run(self) -> None:
        """Trains what was not yet."""
        self._begin = time.monotonic()
        for worker, event in reports_on(self._tasks, self._pool, self._tick):
            if isinstance(event, Broken):
                self._progress.note(f"No hand-made networks: {event.error.rstrip('.')}.")
                return
            if isinstance(event, FinishedBaseline):
                self._n_done += 1
                self._take(worker, event)
            elif isinstance(event, Abandoned) and isinstance(event.task, TrainBaseline):
                self._n_done += 1
                self._note_failure(event.task.name, event.reason)

    def _tick(self) -> None:
        self._check()
        self._progress.update(
            Snapshot(
                done=self._n_done,
                total=len(self._tasks),
                noun="hand-made networks",
                seconds=time.monotonic() - self._begin,
            )
        )

    def _is_missing(self, name: str) -> bool:
        """Whether a network is still to be trained, one that has changed since included."""
        known = self._known(name)
        if not self._finally:
            return known is None
        return known is not None and known.values is not None and known.test_score is None

    def _keep_trials(self) -> None:
        """Keeps what hand-made networks came to that the search began with."""
        for trial in self._study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
            name = str(trial.user_attrs.get(HAND_MADE))
            if name in self._networks and self._known(name) is None:
                self._keep(name, values=tuple(trial.values))

    def _known(self, name: str) -> Baseline | None:
        known = stored_baselines(self._study.user_attrs).get(name)
        same = known is not None and known.signature == self._networks[name].signature
        return known if same else None

    def _take(self, worker: int, event: FinishedBaseline) -> None:
        """Keeps what a training came to."""
        name = event.task.name
        if event.trace is not None:
            self._tell(worker, f"the hand-made network {name!r}", event.trace)
        failure = event.failure or event.error
        if failure is not None:
            self._note_failure(name, failure)
        if event.test is not None and (known := self._known(name)) is not None:
            test = event.test
            tested = replace(known, test_score=test.score, low=test.low, high=test.high)
            store_baseline(self._study, tested)
        elif not event.task.finally_ and event.error is None:
            self._keep(name, event.values, event.failure)

    def _keep(
        self, name: str, values: tuple[float, ...] | None, failure: str | None = None
    ) -> None:
        network = self._networks[name]
        store_baseline(
            self._study,
            Baseline(
                name=name,
                signature=network.signature,
                num_params=network.num_params,
                macs=network.macs,
                depth=network.depth,
                values=values,
                failure=failure,
            ),
        )

    def _note_failure(self, name: str, reason: str) -> None:
        self._progress.note(f"The hand-made network {name!r} failed: {reason.rstrip('.')}.")
