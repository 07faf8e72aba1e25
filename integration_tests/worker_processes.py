"""The workers of one study as processes, and what must hold once they have gone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import libfaketime
import optuna
from optuna.trial import TrialState

from integration_tests.servers import ROOT
from integration_tests.study_worker import SIZE
from integration_tests.study_worker import Diary
from integration_tests.study_worker import open_study
from integration_tests.study_worker import sampler
from integration_tests.study_worker import sum_of_squares
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import counted
from tests.sampler.studies import lineage
from tests.sampler.studies import stored


if TYPE_CHECKING:
    from typing_extensions import Self

PATIENCE = 120.0


def url_of(backend: str, folder: Path, name: str = "study") -> str:
    """The URL of a study in a file."""
    suffix = {"sqlite": "db", "journal": "log"}[backend]
    return f"{backend}:///{folder}/{name}.{suffix}"


@dataclass(frozen=True)
class Worker:
    """A process, the diary of what it finished, what it wrote to stderr, what sets its clock."""

    process: subprocess.Popen[bytes]
    diary: Path
    errors: Path
    clock: Path

    @property
    def finished(self) -> list[tuple[int, str, list[float] | None]]:
        return Diary.read(self.diary)

    def check(self) -> None:
        """An error if it has died."""
        assert not self.process.poll(), self.errors.read_text()[-5000:]

    def finish(self) -> None:
        """Waits for the end, which has to be a good one."""
        self.process.wait(PATIENCE)
        self.check()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


class WorkerProcesses:
    """Starts, kills and replaces the workers of a study; none outlives the ``with`` block.

    Args:
        url:
            The storage.
        what:
            The objective.
        folder:
            Where a folder for the workers' diaries is made.
        seconds:
            The longest evaluation.
        own_clocks:
            Whether each worker has a clock of its own, as on hosts of their own.
    """

    def __init__(
        self,
        url: str,
        what: str,
        folder: Path,
        *,
        seconds: float = 0.0,
        own_clocks: bool = False,
    ) -> None:
        self._url, self._what, self._seconds = url, what, seconds
        self._own_clocks = own_clocks
        self._folder = Path(tempfile.mkdtemp(prefix="processes-", dir=folder))
        self._all: list[Worker] = []
        self.workers: list[Worker] = []
        """Those that have not been killed or dismissed."""
        self._going = self._folder / "going"
        self._going.touch()

    def start(
        self,
        n_trials: int | None = None,
        *,
        seed: int | None = None,
        url: str | None = None,
        wrapper: Sequence[str] = (),
        more: Sequence[str] = (),
    ) -> Worker:
        """A new worker, with another order of hashes than any other."""
        diary, errors, clock = (
            self._folder / f"{kind}-{len(self._all)}.txt" for kind in ("diary", "errors", "clock")
        )
        options = ["--seconds", str(self._seconds), "--diary", str(diary)]
        options += (
            ["--while", str(self._going)] if n_trials is None else ["--trials", str(n_trials)]
        )
        options += [] if seed is None else ["--seed", str(seed)]
        options += more
        script = [sys.executable, "integration_tests/study_worker.py"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "random"}
        if self._own_clocks:
            clock.write_text("+0")
            environment.update(libfaketime.get_reload_information()[1])
            environment["FAKETIME_TIMESTAMP_FILE"] = str(clock)
        with errors.open("wb") as file:
            process = subprocess.Popen(
                [*wrapper, *script, url or self._url, self._what, *options],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        worker = Worker(process, diary, errors, clock)
        self._all.append(worker)
        self.workers.append(worker)
        return worker

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for something to become true, while all workers live."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"waited in vain: {what}"
            for worker in self.workers:
                worker.check()
            time.sleep(0.05)

    def kill_one(self) -> None:
        """SIGKILL for a random worker."""
        worker = self.workers.pop(random.randrange(len(self.workers)))
        worker.check()
        worker.kill()
        assert worker.process.returncode == -signal.SIGKILL

    def freeze_one(self, seconds: float) -> None:
        """SIGSTOP for a random worker, and SIGCONT after a while."""
        worker = random.choice(self.workers)
        worker.check()
        worker.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        worker.process.send_signal(signal.SIGCONT)

    def set_one_clock(self, seconds: float) -> None:
        """Puts the clock of a random worker on, or back, from what it is for the others."""
        worker = random.choice(self.workers)
        worker.check()
        new = worker.clock.with_suffix(".new")
        new.write_text(f"{seconds:+f}")
        new.replace(worker.clock)

    def dismiss(self) -> None:
        """Lets all workers finish what they have begun, and go."""
        self._going.unlink()
        self.finish()
        self._going.touch()

    def finish(self) -> None:
        """Waits for the workers that were given a number of trials."""
        for worker in self.workers:
            worker.finish()
        self.workers.clear()

    @property
    def finished(self) -> dict[int, tuple[str, list[float] | None]]:
        """What all workers, dead or alive, know to be finished: states and values by number."""
        lines = [line for worker in self._all for line in worker.finished]
        finished = {number: (state, values) for number, state, values in lines}
        assert len(finished) == len(lines), "a trial was finished by two workers"
        return finished

    def check(self, *, views: int = 1) -> None:
        """A process that comes later goes on, and then `check_study` holds."""
        assert self.finished
        self.start(SIZE + 1).finish()  # begins at least one generation
        study = open_study(self._url, self._what, None)
        check_study(study, self._what, self.finished, views=views)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for worker in self._all:
            worker.kill()


def check_study(
    study: optuna.Study,
    what: str,
    finished: dict[int, tuple[str, list[float] | None]],
    *,
    views: int = 1,
) -> None:
    """Nothing finished is lost, all of it has been counted once, and every generation is one.

    Args:
        study:
            The study after its last trial, which one worker alone made, with those of at least
            one generation before it.
        what:
            Its objective.
        finished:
            What the workers know to be finished: states and values by trial number.
        views:
            The most records of one generation: one, unless a worker that leads it is cut off for
            so long that another takes over. What follows is bred from one of them all the same.
    """
    trials = stored(study)
    assert [trial.number for trial in trials] == list(range(len(trials)))
    for number, (state, values) in finished.items():
        assert (trials[number].state.name, trials[number].values) == (state, values)
    for trial in trials:
        if what == "sphere" and trial.state == TrialState.COMPLETE:
            assert trial.values == [sum_of_squares(trial.params)]

    found = audit(study, sampler(what, None))
    last = max(found, key=lambda record: record.generation)
    generations = [record.generation for record in lineage(last, found)]
    expected = list(range((len(trials) - 1) // SIZE + 1))
    assert sorted(generations) == expected, "a generation is missing"
    bred_from = defaultdict(set)
    for assignment in assignments(study):
        bred_from[assignment.generation].add(assignment.record)
    assert all(len(numbers) <= views for numbers in bred_from.values()), bred_from
    done = {trial.number for trial in trials[: last.number] if trial.state.is_finished()}
    assert counted(last, found) == sorted(done)
