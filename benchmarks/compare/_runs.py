"""One study is one run: a file of its own, written when it is through, never run twice."""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from benchmarks.compare._clock import sampler_clock
from benchmarks.compare._provenance import provenance


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.morphism import Checkpoints


@dataclass(frozen=True, kw_only=True)
class Job:
    """A study to run.

    Args:
        folder:
            Where runs are kept, as ``<problem>/<sampler>/<seed>.json``.
        problem, sampler, seed:
            Which.
        networks:
            It ends after so many trials with values.
        steps:
            And after so many training steps in sum, None for any number.
        variants:
            Samplers of the user's own: names and keyword arguments.
        commit:
            Of the code.
    """

    folder: Path
    problem: str
    sampler: str
    seed: int
    networks: int
    steps: int | None = None
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    commit: str = ""

    @property
    def file(self) -> Path:
        return self.folder / self.problem / self.sampler / f"{self.seed}.json"

    def stored(self) -> dict[str, Any] | None:
        """What an earlier call has left, None if that is nothing or less than is wanted.

        Raises:
            ValueError: If a variant of that name had other arguments.
        """
        run = read_run(self.file)
        if run is None:
            return None
        wanted = self.variants.get(self.sampler)
        if wanted != run["variant"]:
            raise ValueError(
                f"{self.file} is of {run['variant']}, not of {wanted}: give the variant another "
                "name, or remove the folder."
            )
        enough = n_networks(run) >= self.networks
        if self.steps is not None:
            enough = enough or sum(run["steps"]) >= self.steps
        return run if enough else None


def n_networks(run: Mapping[str, Any]) -> int:
    return sum(state == "COMPLETE" for state in run["states"])


def read_run(file: Path) -> dict[str, Any] | None:
    try:
        run: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    return run


def run_missing(jobs: Iterable[Job], *, processes: int) -> bool:
    """Runs the studies that are not there yet, in processes of their own.

    Returns:
        Whether all went well. One that fails does not keep the others from running.
    """
    jobs = list(jobs)
    stored = [(job, job.stored()) for job in jobs]
    missing = [job for job, run in stored if run is None]
    older = sum(run is not None and run["commit"] != job.commit for job, run in stored)
    said = f", {older} of another commit" if older else ""
    print(f"{len(jobs) - len(missing)} of {len(jobs)} runs are there{said}", flush=True)
    if not missing:
        return True
    # Before NumPy and torch load: networks this small gain nothing from more threads.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    well, began = True, time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        futures = [pool.submit(run_and_write, job) for job in missing]
        try:
            for n, future in enumerate(as_completed(futures), 1):
                line, ok = future.result()
                well &= ok
                spent = time.perf_counter() - began
                print(f"[{n}/{len(missing)}, {spent:.0f} s] {line}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return well


def run_and_write(job: Job) -> tuple[str, bool]:
    """Runs a study and writes its file; returns a line to print and whether it went well."""
    from benchmarks.compare._samplers import DoesNotApply

    what = f"{job.problem} {job.sampler} seed {job.seed}"
    try:
        run = run_study(job)
    except DoesNotApply as reason:
        return f"{what}: left out, {reason}", True
    except Exception:
        return f"{what} failed:\n{traceback.format_exc()}", False
    job.file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", dir=job.file.parent, suffix=".part", delete=False
    ) as part:
        json.dump(run, part)
    os.replace(part.name, job.file)
    asking = 1000 * sum(run["asking"]) / len(run["asking"])
    return (
        f"{what}: {n_networks(run)} networks, {run['seconds']:.0f} s, {asking:.0f} ms an ask",
        True,
    )


def run_study(job: Job) -> dict[str, Any]:
    """A study in memory, in one process; see `_trials` for more workers."""
    import optuna
    from optuna.trial import TrialState

    from benchmarks.compare._problems import PROBLEMS
    from benchmarks.compare._samplers import entry
    from optuna_codeepneat._attributes import StoppedEarly

    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    chosen = entry(job.sampler, job.variants)
    benchmark = chosen.problem(PROBLEMS[job.problem]())
    sampler = chosen.sampler(benchmark, job.seed)
    study = optuna.create_study(directions=benchmark.directions, sampler=sampler)
    clock = sampler_clock(sampler)
    asked = 0.0
    asking: list[float] = []
    steps: list[int] = []
    began, n_scored = time.perf_counter(), 0
    inherits = chosen.inheritance is not None and benchmark.steps is not None
    with _checkpoints(inherits) as checkpoints:
        objective = benchmark.make_objective(job.seed, checkpoints)
        for trial in _trials(study, objective, chosen.workers):
            asking.append(clock() - asked)
            asked += asking[-1]
            is_scored = trial.state == TrialState.COMPLETE
            n_scored += is_scored
            is_trained = is_scored or StoppedEarly.of(trial) is not None
            steps.append(benchmark.steps(trial) if is_trained and benchmark.steps else 0)
            if n_scored >= job.networks or (job.steps is not None and sum(steps) >= job.steps):
                break
    trials = [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished()]
    return {
        "problem": job.problem,
        "sampler": job.sampler,
        "seed": job.seed,
        "variant": job.variants.get(job.sampler),
        "options": dict(chosen.options),
        "commit": job.commit,
        **provenance(),
        "seconds": time.perf_counter() - began,
        "values": [trial.values for trial in trials],
        "states": [trial.state.name for trial in trials],
        "steps": steps,
        "inherited": [_share(trial) for trial in trials],
        "asking": asking,
    }


def _trials(
    study: optuna.Study, objective: Callable[..., Any], workers: int
) -> Iterator[optuna.trial.FrozenTrial]:
    """Runs trials without end, and yields each as it finishes.

    With more workers than one, so many trials run at once, and end in the order in which they
    began: a sampler does not know the values of the last ones.
    """
    import optuna

    running: deque[tuple[optuna.Trial, Any]] = deque()
    while True:
        trial = study.ask()
        try:
            value = objective(trial)
        except optuna.TrialPruned:
            value = None
        running.append((trial, value))
        if len(running) < workers:
            continue
        first, value = running.popleft()
        pruned = optuna.trial.TrialState.PRUNED if value is None else None
        yield study.tell(first, value, state=pruned)


@contextmanager
def _checkpoints(inherits: bool) -> Iterator[Checkpoints | None]:
    """Where weights are kept during a study, None if they are not."""
    if not inherits:
        yield None
        return
    from optuna.artifacts import FileSystemArtifactStore

    from optuna_codeepneat.morphism import Checkpoints

    with tempfile.TemporaryDirectory() as folder:
        yield Checkpoints(FileSystemArtifactStore(folder))


def _share(trial: optuna.trial.FrozenTrial) -> float | None:
    """The share of a network's parameters that are inherited, None without an ancestor."""
    inheritance = trial.user_attrs.get("inheritance", {})
    share: float | None = inheritance.get("share") if inheritance.get("from") is not None else None
    return share
