"""Networks, one after the other, until there are enough: what `search` and `worker` share."""

from __future__ import annotations

import time
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._study import output_file
from optuna_codeepneat.cli._terminal import FrontView
from optuna_codeepneat.cli._terminal import Monitor
from optuna_codeepneat.cli._terminal import Rate
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.cli._terminal import clock
from optuna_codeepneat.cli._workers._baseline_training import BaselineTraining
from optuna_codeepneat.cli._workers._bindings import in_words
from optuna_codeepneat.cli._workers._failures import Failures
from optuna_codeepneat.cli._workers._failures import tell_failed
from optuna_codeepneat.cli._workers._final_settings import FinalSettings
from optuna_codeepneat.cli._workers._final_training import FinalTraining
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import Decoded
from optuna_codeepneat.cli._workers._messages import Finished
from optuna_codeepneat.cli._workers._messages import Started
from optuna_codeepneat.cli._workers._messages import Trace
from optuna_codeepneat.cli._workers._messages import TrainNext
from optuna_codeepneat.cli._workers._messages import WorkerOrder
from optuna_codeepneat.cli._workers._output import WorkerOutput
from optuna_codeepneat.cli._workers._pool import Crashed
from optuna_codeepneat.cli._workers._pool import WorkerPool
from optuna_codeepneat.cli._workers._warnings import WarningCounts
from optuna_codeepneat.storages import database_reason


if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna_codeepneat.cli._options import RunOptions
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._study import Search
    from optuna_codeepneat.cli._terminal import Front
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.cli._workers._bindings import Binding
    from optuna_codeepneat.cli._workers._final_training import Outcome
    from optuna_codeepneat.cli._workers._pool import Event

TICK_SECONDS = 0.2
_POLL_SECONDS = 1.0
# A network that heeds its deadline still has to be scored: so much longer before it is ended.
_LEAST_OVERTIME = 5.0
_OVERTIME = 0.1


class Run:
    """One command's worker processes at work on a study.

    To be used in a ``with`` statement, which ends the processes, and raises `Interrupted` where
    the command was told to stop.

    Args:
        search:
            The search: its study, new or resumed, and what that remembers.
        options:
            The command line.
        bindings:
            What each worker process may use of this machine.
        diagrams:
            Where diagrams of the networks go, None for none.
        stop:
            Whether the command was told to stop.
        progress:
            Where to show how far it is.
        total:
            Finished networks that the study shall have; None for what its search was asked for,
            which may grow meanwhile.
        own:
            Finished networks of this command, None for no limit.
        stream:
            What tells the command from others in the same study.
        finals:
            Where the weights of finally trained networks go, None for nowhere.
        finally_by:
            How networks are trained finally, None for what the problem says.
    """

    def __init__(
        self,
        search: Search,
        options: RunOptions,
        *,
        bindings: Sequence[Binding],
        diagrams: str | None,
        stop: StopNote,
        progress: Progress,
        total: int | None = None,
        own: int | None = None,
        stream: tuple[int, ...] = (),
        finals: str | None = None,
        finally_by: FinalSettings | None = None,
    ) -> None:
        study = search.study
        order = WorkerOrder(
            problem=search.problem_name,
            storage=search.storage,
            study_name=study.study_name,
            settings=search.settings,
            options=options,
            stream=stream,
            diagrams=diagrams,
            finals=finals,
            finally_by=finally_by or FinalSettings(),
        )
        self._output = WorkerOutput(
            output_file(search.storage, study.study_name, options.log_file)
        )
        self.pool = WorkerPool(order, bindings, self._output)
        self.failures = Failures()
        self.warnings = WarningCounts()
        self._study = study
        self._problem = search.problem
        self._bindings = bindings
        self._finally_by = order.finally_by
        self._options = options
        self._total_asked = total
        self._most_own = own
        self._stop = stop
        self._progress = progress
        self._monitor = Monitor(study)
        self._n_before = self._monitor.n_finished
        self._n_own = 0
        self._own: set[int] = set()
        self._told_where = self._told_bindings = False
        self._decoded: tuple[int, int] | None = None
        self._begin = time.monotonic()
        self._rate = Rate(self._n_before)
        self._stop_at: float | None = None
        self._final_training: FinalTraining | None = None
        self._view = FrontView(self._monitor.front, objective_names(study), search.problem.space)
        self._most = inf
        self._read_orders()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        lost = self.pool.stop()
        self._output.close()
        self._show_output()
        try:
            for number in lost:
                tell_failed(self._study, number, "the command was stopped")
            if isinstance(error, _Stopped):
                self._monitor.refresh()
        except Exception as failed:
            if error is None or database_reason(failed) is None:
                raise  # else the database is gone, and the first error says why this one ends
        if isinstance(error, _Stopped):
            assert self._stop.number is not None
            done = f"{self._monitor.n_finished} of {self._total} networks finished"
            if self._final_training is not None and self.is_done:
                done = self._final_training.in_words
            raise Interrupted(
                self._stop.number, f"Stopped with {done}. The same command resumes:"
            ) from None

    @property
    def front(self) -> Front:
        """The front, as far as it is known."""
        return self._monitor.front

    @property
    def n_finished(self) -> int:
        """Networks that are finished in the study."""
        return self._monitor.n_finished

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to do: the study has as many networks as it shall have."""
        return self._monitor.n_finished >= self._total

    def train_networks(self, most: float = inf) -> None:
        """Trains networks until there are enough.

        Args:
            most:
                As many finished ones are enough for now, also where the study shall have more.

        Raises:
            CommandError: If networks or workers keep failing.
        """
        self._most = most
        self._read_orders()
        if not self._wants_more():
            return
        if not self._told_bindings:
            self._told_bindings = True
            self._progress.note(in_words(self._bindings))
        while self._wants_more() or self.pool.tasks:
            while self._wants_more() and self.pool.give(TrainNext(self._min_score)):
                pass
            events = list(self.pool.events(TICK_SECONDS))
            for worker, event in events:
                self._handle(worker, event)
            if self._options.trial_timeout is not None:
                limit = self._options.trial_timeout
                self.pool.end_overdue(limit + max(_LEAST_OVERTIME, _OVERTIME * limit))
            self.check()
            # Whoever begins another network first looks what others have done meanwhile.
            if self._monitor.refresh(0.0 if events else _POLL_SECONDS):
                self._read_orders()
            self._progress.update(self._snapshot())
        self._monitor.refresh()
        (self._progress.update if self._most < self._total else self._progress.finish)(
            self._snapshot()
        )

    def train_finally(
        self,
        chosen: Sequence[int],
        *,
        trainings: int = 1,
        keeping: bool = False,
        again: bool = False,
    ) -> Outcome:
        """Trains networks by the problem's final recipe and tests each once.

        Args:
            chosen:
                Numbers of the networks' trials.
            trainings:
                How often each is trained.
            keeping:
                Whether those are trained again that were tested and whose weights are not kept.
            again:
                Whether those are trained and tested again that were before.

        Raises:
            CommandError: If it can't begin.
        """
        self._final_training = FinalTraining(
            self._study,
            chosen,
            pool=self.pool,
            check=self.check,
            tell=self.tell,
            progress=self._progress,
            trainings=trainings,
            keeping=keeping,
            again=again,
            others=not self._finally_by.is_usual,
        )
        return self._final_training.run()

    def train_baselines(self, *, finally_: bool = False) -> None:
        """Trains the problem's hand-made networks, each once: as in the search, or finally."""
        try:
            networks = self._problem.baselines
        except Exception as error:  # whatever the user's code raises
            self._progress.note(f"No hand-made networks: {one_line(error)}.")
            return
        BaselineTraining(
            self._study,
            networks,
            pool=self.pool,
            check=self.check,
            tell=self.tell,
            progress=self._progress,
            finally_=finally_,
        ).run()

    def summarize(self) -> None:
        """Notes how often something went wrong, as far as that was not shown at once."""
        if self.warnings.n_repeated:
            self._progress.note(f"{self.warnings}.")
        if self.failures:
            self._progress.note(f"{self.failures}.")
        if n := self._output.n_left_out:
            self._progress.note(
                f"{n:,} more line{'s' * (n > 1)} of the workers, seen before or too many to show, "
                f"{'are' if n > 1 else 'is'} in {self._output.path}."
            )

    def tell(self, worker: int, what: str, trace: Trace) -> None:
        """Shows the traceback of an exception in the user's code, and keeps it.

        Args:
            worker:
                The number of the worker process.
            what:
                What has failed, as in "network 17".
            trace:
                The traceback.
        """
        self._show_output()  # what was printed before
        self._progress.note(f"worker {worker}: {what} failed:\n{trace.text}")
        self._output.keep(worker, f"{what} failed:\n{trace.text}")

    def check(self) -> None:
        """Starts lost workers again, and shows what they print; to be called now and then.

        Raises:
            CommandError: If all workers were lost for good.
            Exception: If the command has to stop.
        """
        if self._stop.number is not None:
            self._check_stop()
        self._show_output()
        self.pool.replace_lost()
        if len(self.pool) and not self.pool.n_alive and self._stop.number is None:
            raise CommandError("all worker processes were lost, again and again")

    def _check_stop(self) -> None:
        if self._stop_at is None:
            self.pool.close()
            self._stop_at = time.monotonic() + self._options.grace
            if self._options.grace and (under_way := len(self.pool.tasks)):
                self._progress.note(
                    f"Stopping: {under_way} network{'s' * (under_way > 1)} under way may take up "
                    f"to {clock(self._options.grace)}; a second signal stops at once."
                )
        if self._stop.insisted or not self.pool.tasks or time.monotonic() >= self._stop_at:
            raise _Stopped

    def _read_orders(self) -> None:
        """How many networks there shall be, and from which score on they count."""
        searched = Searched.of(self._study.user_attrs)
        self._total = self._total_asked or searched.target
        self._min_score = SearchSettings.floor_in(searched)

    def _wants_more(self) -> bool:
        if self._options.timeout is not None and self._elapsed >= self._options.timeout:
            return False
        running = len(self.pool.tasks)
        if self._most_own is not None and self._n_own + running >= self._most_own:
            return False
        return self._monitor.n_finished + running < min(self._total, self._most)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._begin

    # -- what workers report -------------------------------------------------------------------

    def _show_output(self) -> None:
        lines = self._output.take()
        if self._output.is_kept and not self._told_where:
            self._told_where = True
            lines.insert(0, f"What workers print is kept in {self._output.path}.")
        for line in lines:
            self._progress.note(line)

    def _handle(self, worker: int, event: Event) -> None:
        if isinstance(event, Decoded):
            self._decoded = (event.done, event.total) if event.done < event.total else None
        elif isinstance(event, Started):
            self._own.add(event.number)
            self._rate.begin(time.monotonic())
        elif isinstance(event, Finished):
            for warned in event.warnings:
                if self.warnings.add(warned):
                    self._progress.note(warned.text)
            if event.error is None:
                self.failures.succeed()
                self._n_own += 1
                self._monitor.tell(event.number)
            else:
                self._record_failure(worker, f"network {event.number}", event)
        elif isinstance(event, Broken):
            if event.fatal:
                raise CommandError(event.error)
            self._record_failure(worker, "the first network of this process", event)
        elif isinstance(event, Crashed):
            self._record_crash(event)

    def _record_failure(self, worker: int, what: str, event: Finished | Broken) -> None:
        assert event.error is not None
        trace = event.trace
        if trace is not None and (self._options.debug or not self.failures.knows(trace.kind)):
            self.tell(worker, what, trace)
        self.failures.add(event.error, None if trace is None else trace.kind)

    def _record_crash(self, event: Crashed) -> None:
        if event.number is None and event.overdue:
            return  # it finished at the last moment
        reason = f"a worker process {event.reason}"
        if event.number is not None:
            tell_failed(self._study, event.number, reason)
        where = "" if event.number is None else f" while it trained network {event.number}"
        self._progress.note(f"A worker process {event.reason}{where}.")
        self.failures.add(reason)

    def _snapshot(self) -> Snapshot:
        now, done, wanted = time.monotonic(), self._monitor.n_finished, len(self.pool)
        fresh = done - self._n_before
        self._rate.count(done, now, n_workers=wanted)
        rate = self._rate.rate(now, n_workers=wanted)
        missing = max(0, self._total - done)
        left = None if rate is None or not missing else missing / rate
        if self._options.timeout is not None and missing:
            most = max(0.0, self._options.timeout - self._elapsed)
            left = most if left is None else min(left, most)
        return Snapshot(
            done=done,
            total=self._total,
            seconds=self._elapsed if rate is None else None,
            per_minute=None if rate is None else 60 * rate,
            seconds_left=left,
            own=None if fresh == self._n_own else self._n_own,
            workers=(self.pool.n_alive, wanted),
            elsewhere=self._monitor.n_elsewhere(self._own),
            failed=len(self.failures),
            pruned=self._monitor.n_pruned,
            stopped=self._monitor.n_stopped,
            steps=self._monitor.n_steps or None,
            decoded=self._decoded,
            front=None if self._view.is_ranking else len(self._view),
            best=self._view.best,
            view=self._view,
        )


class _Stopped(Exception):
    """The command was told to stop."""
