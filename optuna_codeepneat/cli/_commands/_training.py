"""What `search` and `worker` do, in which order."""

from __future__ import annotations

import os
import secrets
import select
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from optuna_codeepneat.cli._commands._by_hand import begin_by_hand
from optuna_codeepneat.cli._commands._by_hand import settle_floor
from optuna_codeepneat.cli._commands._by_hand import wait_for_floor
from optuna_codeepneat.cli._commands._by_hand import wants_baselines
from optuna_codeepneat.cli._commands._final import export_step
from optuna_codeepneat.cli._commands._next import naming
from optuna_codeepneat.cli._commands._next import naming_search
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._commands._report import end_with_report
from optuna_codeepneat.cli._commands._report import publish_figures
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._study import diagrams_place
from optuna_codeepneat.cli._study import open_search
from optuna_codeepneat.cli._study import settings_here
from optuna_codeepneat.cli._study import wait_for_search
from optuna_codeepneat.cli._terminal import finals_table
from optuna_codeepneat.cli._terminal import loading_shown
from optuna_codeepneat.cli._terminal import print_table
from optuna_codeepneat.cli._terminal import progress
from optuna_codeepneat.cli._terminal import properties
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.cli._terminal import silence
from optuna_codeepneat.cli._terminal import standing
from optuna_codeepneat.cli._terminal import width_of
from optuna_codeepneat.cli._workers import Run
from optuna_codeepneat.cli._workers import bind_workers
from optuna_codeepneat.cli._workers import choose_finals
from optuna_codeepneat.cli._workers import measured_step_time


if TYPE_CHECKING:
    from optuna_codeepneat.cli._options import SearchOptions
    from optuna_codeepneat.cli._options import WorkerOptions
    from optuna_codeepneat.cli._terminal import Progress

_TICK_SECONDS = 0.2


def run_search(options: SearchOptions) -> None:
    """Searches for networks, then trains and tests the best, and writes the report."""
    silence()
    bindings = bind_workers(options)

    def steps_for(problem: str, seconds: float) -> int:
        found = measured_step_time(problem, bindings)
        steps = found.steps_in(seconds)
        if not options.quiet:
            say(
                f"Networks are trained for {steps:,} steps: with them one of {found.num_params:,} "
                f"parameters takes about {max(seconds, found.score + found.step):.2g} s here."
            )
        return steps

    with loading_shown(quiet=options.quiet):
        search = open_search(options, steps_for)
    study, problem = search.study, search.problem
    if problem.findings and not options.quiet:
        found = properties(problem.findings, width=width_of(sys.stderr))
        print(found, end="\n\n", file=sys.stderr, flush=True)
    search = begin_by_hand(search, options)
    with StopNote() as stop, progress(quiet=options.quiet) as shown:
        run = Run(
            search,
            options,
            total=options.trials,
            bindings=bindings,
            diagrams=diagrams_place(search.settings, shown),
            stop=stop,
            progress=shown,
            finals=search.settings.artifacts,
        )
        with run:
            settle_floor(search, run, shown)
            run.train_networks()
            if wants_baselines(options, run.n_finished):
                run.train_baselines()
            n_final = options.final if problem.can_train_finally else 0
            chosen = choose_finals(study, run.front, problem.space, n_final)
            outcome = run.train_finally(chosen)
            # Nobody who did not ask for them waits for as many final trainings once more.
            if options.baselines and outcome.scores:
                run.train_baselines(finally_=True)
        run.summarize()
    if outcome.scores:
        trials = {trial.number: trial for trial in run.front.trials}
        columns, rows = finals_table(
            trials, outcome.scores, problem, outcome.networks, study.user_attrs
        )
        print_table(
            f"{problem.title}: finally trained networks",
            columns,
            rows,
            dispensable=("source", "multiply-adds"),
        )
    sentence = standing(run.front, study, problem.metric_names, problem.space)
    if sentence and not options.quiet:
        say(sentence)
    publish_figures(study, problem)
    if not options.no_report:
        end_with_report(study, problem, options.report, quiet=options.quiet)
    if run.front.best is None:
        raise CommandError(f"there is no front: {run.front.why_empty}")
    if outcome.errors:
        raise CommandError(f"the final training of {'; of '.join(outcome.errors)}")
    if not options.quiet:
        study_named, again = naming_search(search, options)
        more = 2 * max(options.trials, run.n_finished)
        steps = [
            (f"front {study_named}", "its Pareto front"),
            (f"show {study_named} {run.front.best.number}", "its best network"),
        ]
        if outcome.networks:
            steps.append(export_step(study_named, study.study_name, next(iter(outcome.networks))))
        elif problem.can_train_finally:
            steps.append((f"train {study_named} best", "trains it to the end, and tests it"))
        steps.append((f"search {again} --trials {more}", "goes on with more networks"))
        say_next(*steps, always=True)


def run_worker(options: WorkerOptions) -> None:
    """Trains networks for a search that was begun elsewhere, until it has enough."""
    silence()
    bindings = bind_workers(options)
    with StopNote() as stop, progress(quiet=options.quiet) as shown:
        may_run = partial(_asks, stop, shown)
        with loading_shown(shown):
            search = wait_for_search(options, stop=stop, progress=shown, may_run=may_run)
        wait_for_floor(search, stop, shown)
        diagrams = diagrams_place(search.settings, shown, joins=True, place=options.artifacts)
        run = Run(
            replace(search, settings=settings_here(search.settings, options.artifacts, shown)),
            options,
            own=options.trials,
            stream=(secrets.randbits(31),),
            bindings=bindings,
            diagrams=diagrams,
            stop=stop,
            progress=shown,
        )
        with run:
            if run.is_done:
                shown.note("Nothing to do: the study has all networks that it shall have.")
            run.train_networks()
        run.summarize()
    if not options.quiet:
        study_named = naming(options.problem, options.storage, options.study_name)
        say_next((f"front {study_named}", "the Pareto front so far"))


def _asks(stop: StopNote, progress: Progress, problem: str) -> bool:
    """Asks on a terminal whether the code of a problem may be run; elsewhere nobody may say so."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    with progress.paused():
        print(f"The database says to run the code of {problem!r} here. ", end="", file=sys.stderr)
        print("Run it? [y/N] ", end="", file=sys.stderr, flush=True)
        while os.name == "posix" and not select.select([sys.stdin], [], [], _TICK_SECONDS)[0]:
            if stop.number is not None:
                raise Interrupted(stop.number, "Stopped before a network began. Again:")
        return sys.stdin.readline().strip().lower() in ("y", "yes")
