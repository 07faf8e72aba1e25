"""What a worker process does: one network after the other, as the parent process asks."""

from __future__ import annotations

import os
import threading
import time
from multiprocessing import connection
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING
from typing import Any

import optuna
from optuna.exceptions import UpdateFinishedTrialError

from optuna_codeepneat._attributes import FAILURE
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import ProblemError
from optuna_codeepneat.cli._errors import full_traceback
from optuna_codeepneat.cli._errors import kind_of
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._errors import users_traceback
from optuna_codeepneat.cli._signals import WORKER_SIGNAL
from optuna_codeepneat.cli._signals import StopSignal
from optuna_codeepneat.cli._study import load_problem
from optuna_codeepneat.cli._study import make_pruner
from optuna_codeepneat.cli._study import make_sampler
from optuna_codeepneat.cli._study import open_checkpoints
from optuna_codeepneat.cli._study import open_diagrams
from optuna_codeepneat.cli._study import open_storage
from optuna_codeepneat.cli._workers._capture import capture
from optuna_codeepneat.cli._workers._capture import drop
from optuna_codeepneat.cli._workers._capture import flush
from optuna_codeepneat.cli._workers._failures import free_memory
from optuna_codeepneat.cli._workers._failures import has_ended
from optuna_codeepneat.cli._workers._failures import is_lasting
from optuna_codeepneat.cli._workers._failures import is_out_of_memory
from optuna_codeepneat.cli._workers._failures import objection
from optuna_codeepneat.cli._workers._failures import reason_of
from optuna_codeepneat.cli._workers._final_settings import trains_by_recipe
from optuna_codeepneat.cli._workers._hand_made import earlier_trial
from optuna_codeepneat.cli._workers._keeping import checkpoint_of
from optuna_codeepneat.cli._workers._keeping import keep
from optuna_codeepneat.cli._workers._keeping import seed_of
from optuna_codeepneat.cli._workers._messages import Broken
from optuna_codeepneat.cli._workers._messages import Decoded
from optuna_codeepneat.cli._workers._messages import Finished
from optuna_codeepneat.cli._workers._messages import FinishedBaseline
from optuna_codeepneat.cli._workers._messages import Message
from optuna_codeepneat.cli._workers._messages import Progressed
from optuna_codeepneat.cli._workers._messages import Started
from optuna_codeepneat.cli._workers._messages import Task
from optuna_codeepneat.cli._workers._messages import Tested
from optuna_codeepneat.cli._workers._messages import Trace
from optuna_codeepneat.cli._workers._messages import TrainBaseline
from optuna_codeepneat.cli._workers._messages import TrainFinally
from optuna_codeepneat.cli._workers._messages import WorkerOrder
from optuna_codeepneat.cli._workers._searched_weights import searched_network
from optuna_codeepneat.cli._workers._warnings import WarningLog
from optuna_codeepneat.exceptions import CoDeepNEATError
from optuna_codeepneat.problems import loading_heard
from optuna_codeepneat.sampler import wait_with
from optuna_codeepneat.storages import database_reason
from optuna_codeepneat.training import Measurement


if TYPE_CHECKING:
    from optuna.trial import Trial

    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.pruning import FrontPruner
    from optuna_codeepneat.visualization import Diagrams

# Within the time that the parent leaves to a process that it stops.
_DIAGRAM_SECONDS = 1.5
_REPORT_SECONDS = 1.0


def run_worker(
    order: WorkerOrder,
    device: str,
    index: int,
    pipe: Connection[Message, Task],
    output: Connection[Any, Any] | None = None,
) -> None:
    """Runs tasks until the parent closes the pipe, sends its signal, or is gone.

    Args:
        order:
            What to work on.
        device:
            Where networks are trained.
        index:
            This worker's number among those of the command.
        pipe:
            Where tasks come from and messages go.
        output:
            Where all goes that this process prints, None for the terminal of the command.
    """
    stop = StopSignal()
    stop.install()
    capture(output)
    threading.Thread(target=_stop_without_parent, daemon=True).start()
    worker = _Worker(order, device, index, pipe, stop)
    try:
        while True:
            with stop.interruptible():
                task = pipe.recv()
            worker.run(task)
    except (KeyboardInterrupt, EOFError, BrokenPipeError):
        return
    finally:
        worker.close()
        flush()


class _Worker:
    """The study and the problem, opened when the first task comes."""

    def __init__(
        self,
        order: WorkerOrder,
        device: str,
        index: int,
        pipe: Connection[Message, Task],
        stop: StopSignal,
    ) -> None:
        self._order = order
        self._device = device
        self._index = index
        self._pipe = pipe
        self._stop = stop
        self._opened: tuple[optuna.Study, Problem] | None = None
        self._final_problem: Problem | None = None
        self._checkpoints: Checkpoints | None = None
        self._pruner: FrontPruner | None = None
        self._diagrams: Diagrams | None = None
        self._warnings = WarningLog()
        self._told_decoded = time.monotonic()

    def run(self, task: Task) -> None:
        """Does one task and reports it."""
        try:
            if self._opened is None:
                with self._stop.interruptible():
                    self._opened = self._open()
            study, problem = self._opened
            if isinstance(task, TrainFinally):
                self._train_finally(study, problem, task)
            elif isinstance(task, TrainBaseline):
                self._train_baseline(problem, task)
            else:
                if task.min_score not in (None, problem.min_score):
                    problem = problem.with_floor(task.min_score)
                    self._opened = study, problem
                self._train_next(study, problem)
        except (EOFError, BrokenPipeError):  # the parent is gone
            raise
        except (CoDeepNEATError, ValueError) as error:  # the sampler refuses the study
            self._pipe.send(Broken(str(error), fatal=True))
        except CommandError as error:
            shown = error.users_traceback if isinstance(error, ProblemError) else ""
            trace = Trace(str(error), shown) if shown else None
            self._pipe.send(Broken(str(error), trace=trace))
        except Exception as error:  # whatever it is, the parent decides what follows
            reason = database_reason(error)
            if reason is None:
                self._pipe.send(Broken(one_line(error), trace=self._trace(error)))
            else:  # for good: storages wait for a database that goes away for a while
                self._pipe.send(Broken(f"the database failed: {reason}", fatal=True))

    def close(self) -> None:
        """Stores what is still to be stored."""
        if self._diagrams is not None:
            self._diagrams.close(_DIAGRAM_SECONDS)
        self._warnings.close()

    def _open(self) -> tuple[optuna.Study, Problem]:
        order = self._order
        problem = load_problem(order.problem, order.settings.space)
        problem = order.settings.applied_to(problem)
        self._pruner = make_pruner(order.settings, problem)
        with loading_heard(self._tell_decoded):
            problem.check(device=self._device)
        self._checkpoints = open_checkpoints(order.settings)
        self._diagrams = open_diagrams(order.diagrams)
        self._warnings.open()
        storage = open_storage(order.storage, create=True)
        study = optuna.load_study(study_name=order.study_name, storage=storage)
        begun = len(study.get_trials(deepcopy=False))
        stream = (begun, self._index, *order.stream)
        study.sampler = make_sampler(order.settings, problem, *stream, device=self._device)
        wait_with(study.sampler, self._sleep)
        return study, problem

    def _tell_decoded(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - self._told_decoded >= _REPORT_SECONDS:
            self._told_decoded = now
            self._pipe.send(Decoded(done, total))

    def _sleep(self, seconds: float) -> None:
        """Lets a signal in while the sampler waits for the results of others."""
        with self._stop.interruptible():
            time.sleep(seconds)

    def _train_next(self, study: optuna.Study, problem: Problem) -> None:
        timeout = self._order.options.trial_timeout
        number: int | None = None
        failed: str | None = None
        trace: Trace | None = None
        full = lasting = False

        def objective(trial: Trial) -> Any:
            nonlocal number, failed, trace, full, lasting
            number = trial.number
            self._pipe.send(Started(number))
            more: dict[str, Any] = {}
            if timeout is not None:
                more["deadline"] = time.monotonic() + timeout
            if self._checkpoints is not None:
                more["checkpoints"] = self._checkpoints
            if self._pruner is not None:
                more["pruner"] = self._pruner
            try:
                if (twin := earlier_trial(study, trial)) is not None:
                    raise optuna.TrialPruned(f"trial {twin} is of the same hand-made network.")
                with self._stop.interruptible():
                    values = problem.objective(
                        trial, device=self._device, seed=self._order.settings.seed, **more
                    )
                failed = objection(values, len(study.directions))
                if failed is None and problem.own_objective is not None:
                    problem.constrain(trial, values)
            except optuna.TrialPruned as pruned:
                trial.set_user_attr(FAILURE, single_spaced(pruned) or "pruned")
                self._draw(trial, problem)
                raise
            except KeyboardInterrupt:
                trial.set_user_attr(FAILURE, "the command was stopped")
                raise
            except Exception as error:
                failed, trace = reason_of(error), self._trace(error)
                full, lasting = is_out_of_memory(error), is_lasting(error)
                trial.set_user_attr(FAILURE, failed)
                self._draw(trial, problem)
                raise
            self._draw(trial, problem)
            if failed is not None:
                trial.set_user_attr(FAILURE, failed)
                raise ValueError(failed)
            return values

        try:
            study.optimize(objective, n_trials=1, catch=(Exception,))
        except CoDeepNEATError:
            raise
        except (AssertionError, ValueError, UpdateFinishedTrialError):
            # What Optuna raises for a trial that another process has ended, as it does with those
            # whose heartbeat stops. Before a trial begins, it's the sampler that objects.
            if number is None or not has_ended(study, number):
                raise
            failed = "its result came after another process had ended the trial"
        assert number is not None
        if full:
            free_memory()
        flush()
        self._pipe.send(Finished(number, failed, trace, lasting, self._warnings.take()))

    def _trace(self, error: Exception) -> Trace | None:
        """What is to be shown of an exception beside its text: with `--debug` all of it."""
        if self._order.options.debug:
            text = full_traceback(error)
        else:  # what a database says is no fault of the line that was about to use it
            text = "" if database_reason(error) else users_traceback(error)
        return Trace(kind_of(error), text) if text else None

    def _draw(self, trial: Trial, problem: Problem) -> None:
        """Attaches the diagram of a network that was trained, or that failed."""
        if self._diagrams is None:
            return
        try:
            architecture = problem.space.decode(trial.params)
        except Exception:  # it failed before its parameters described a network
            return
        self._diagrams.attach(trial, architecture)

    def _finally(self, problem: Problem) -> Problem:
        """The problem with the recipe that was asked for, made once, as it keeps its data."""
        if self._final_problem is None:
            self._final_problem = self._order.finally_by.applied_to(problem)
        return self._final_problem

    def _train_finally(self, study: optuna.Study, problem: Problem, task: TrainFinally) -> None:
        number = task.number
        params = study.get_trials(deepcopy=False)[number].params
        hyperparameters = {
            name: value
            for name, value in params.items()
            if name not in problem.space.architecture_parameters
        }
        seed = seed_of(self._order.settings.seed, task.training)
        try:
            with self._stop.interruptible():
                settings = self._order.finally_by
                problem = self._finally(problem)
                more: dict[str, Any] = {}
                ancestor = checkpoint = None
                architecture = problem.space.decode(params)
                if trains_by_recipe(problem):
                    checkpoint = checkpoint_of(study, number, task.training, self._order.finals)
                    more |= {
                        "on_progress": _Reporting(self._pipe, task),
                        "checkpoint": checkpoint,
                    }
                    if settings.widen != 1.0:
                        ancestor = searched_network(study, number, settings.weights)
                        more |= {"widen": settings.widen, "ancestor": ancestor}
                network = problem.train_final(
                    architecture, hyperparameters, device=self._device, seed=seed, **more
                )
                if task.score is None:
                    copies = {"copies": settings.copies} if settings.copies else {}
                    score = problem.measure(network, **copies)
                else:  # the test examples are looked at once
                    score = Measurement(score=task.score)
            # Not to be interrupted: it takes no time, and half an artifact is of no use.
            kept = keep(
                study,
                number,
                network,
                problem,
                score,
                place=self._order.finals,
                seed=seed,
                settings=settings,
                ancestor=ancestor,
            )
            if checkpoint is not None and not isinstance(kept, str):
                checkpoint.remove()
        except Exception as error:
            flush()
            text, trace = one_line(error), self._trace(error)
            self._pipe.send(Tested(task, error=text, trace=trace))
            return
        flush()
        found, why = (None, kept) if isinstance(kept, str) else (kept, None)
        self._pipe.send(Tested(task, score.score, kept=found, not_kept=why))

    def _train_baseline(self, problem: Problem, task: TrainBaseline) -> None:
        seed, timeout = self._order.settings.seed, self._order.options.trial_timeout
        try:
            with self._stop.interruptible():
                architecture = problem.baselines[task.name]
                if task.finally_:
                    problem = self._finally(problem)
                    network = problem.train_final(
                        architecture, {}, device=self._device, seed=seed_of(seed, 0)
                    )
                    done = FinishedBaseline(task, test=problem.measure(network))
                else:
                    deadline = None if timeout is None else time.monotonic() + timeout
                    values = problem.evaluate(
                        architecture, device=self._device, seed=seed, deadline=deadline
                    )
                    failed = objection(values, len(problem.directions))
                    done = FinishedBaseline(task, values=values)
                    if failed is not None:
                        done = FinishedBaseline(task, failure=failed)
        except optuna.TrialPruned as pruned:
            done = FinishedBaseline(task, failure=single_spaced(pruned) or "pruned")
        except Exception as error:
            done = FinishedBaseline(task, error=one_line(error), trace=self._trace(error))
            if is_out_of_memory(error):
                free_memory()
        flush()
        self._pipe.send(done)


class _Reporting:
    """Tells the parent now and then how far a training is."""

    def __init__(self, pipe: Connection[Message, Task], task: TrainFinally) -> None:
        self._pipe = pipe
        self._task = task
        self._last = time.monotonic()

    def __call__(self, done: int, total: int, loss: float) -> None:
        now = time.monotonic()
        if now - self._last >= _REPORT_SECONDS:
            self._last = now
            self._pipe.send(Progressed(self._task, done / total))


def _stop_without_parent() -> None:
    """Ends this process as the parent would, should the parent vanish."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        drop()
        os.kill(os.getpid(), WORKER_SIGNAL)
