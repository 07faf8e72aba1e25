"""Whole searches from the command line: to the end, stopped, killed, failing, resumed."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")

REPOSITORY = Path(__file__).parents[1]
TOY = "toy_problem:toy"
DATABASE = "toy_problem-toy.db"
PATIENCE = 120.0


class Command:
    """The command in a folder of its own, with a problem that a user wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        shutil.copy(REPOSITORY / "tests" / "cli" / "toy_problem.py", folder)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "optuna_codeepneat.cli", *arguments],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": self.path, "OMP_NUM_THREADS": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a group of its own, as a terminal gives it
        )
        self.processes.append(process)
        return process

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def search(self, n_trials: int, *options: str, **environment: str) -> tuple[int, str, str]:
        return self.run(*searching(n_trials, *options), **environment)

    @property
    def path(self) -> str:
        return os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(REPOSITORY)])

    @property
    def states(self) -> Counter[str]:
        """How many trials there are in each state."""
        try:
            with sqlite3.connect(self.folder / DATABASE, timeout=30) as database:
                return Counter(row[0] for row in database.execute("SELECT state FROM trials"))
        except sqlite3.OperationalError:  # no table yet
            return Counter()

    @property
    def tested(self) -> list[str]:
        """A line for each look at the test data."""
        path = self.folder / "tested.txt"
        return path.read_text().splitlines() if path.exists() else []


def searching(n_trials: int, *options: str) -> tuple[str, ...]:
    return ("search", TOY, "--trials", str(n_trials), "--workers", "2", *options)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a command."""
    pids = []
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            command = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == str(process.pid) and b"spawn_main" in command:
            pids.append(int(entry.name))
    return pids


def until(condition: Callable[[], bool]) -> None:
    """Waits for something to become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path)
    yield command
    for process in command.processes:
        if process.poll() is None:
            for pid in [*workers_of(process), process.pid]:
                os.kill(pid, signal.SIGKILL)
            process.communicate()


def numbers(table: str) -> list[str]:
    """The trials in the table of finally trained networks."""
    return [line.split()[1] for line in table.splitlines()[1:] if line.startswith("trial")]


def test_search_to_the_end_again_and_on(command: Command) -> None:
    status, table, err = command.search(6, "--seed", "1", "--population-size", "3")
    assert status == 0, err
    assert command.states == {"COMPLETE": 6}
    assert table.splitlines()[0].split()[:3] == ["network", "parameters", "multiply-adds"]
    assert len(numbers(table)) == len(command.tested) == 3
    assert "6/6 networks" in err
    assert "nobody" not in table + err

    # The same command prints the same table, and looks at no test data.
    assert command.search(6, "--quiet") == (0, table, "")
    assert len(command.tested) == 3
    assert command.states == {"COMPLETE": 6}

    # A larger number adds the rest; who was tested is not tested again.
    status, table, err = command.search(9, "--final", "4")
    assert status == 0, err
    assert command.states == {"COMPLETE": 9}
    assert len(numbers(table)) == 4
    assert len(command.tested) == len(set(command.tested)) <= 7

    status, front, err = command.run("front", TOY)
    assert (status, err) == (0, "")
    assert {line.split()[-1] for line in front.splitlines()[1:]} <= {"0", "1", "2"}
    assert set(numbers(table)) <= {line.split()[0] for line in front.splitlines()}
    status, network, err = command.run("show", TOY, numbers(table)[0])
    assert (status, err) == (0, "")
    assert "generation" in network and "multiply-adds, depth" in network


@pytest.mark.parametrize(
    ("to_group", "number"),
    [(True, signal.SIGINT), (False, signal.SIGINT), (False, signal.SIGTERM)],
    ids=["terminal", "parent", "terminate"],
)
def test_stop_cleanly_and_resume(command: Command, to_group: bool, number: int) -> None:
    arguments = searching(8, "--sampler", "random", "--final", "0")
    process = command.start(*arguments, TOY_SECONDS="0.3")
    until(lambda: command.states["COMPLETE"] >= 2 and command.states["RUNNING"] >= 1)
    pids = workers_of(process)
    assert len(pids) == 2
    begin = time.monotonic()
    (os.killpg if to_group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - begin < 5.0
    assert process.returncode == 128 + number
    done = command.states["COMPLETE"]
    last = err.splitlines()[-1]
    assert last == (
        f"Stopped with {done} of 8 networks finished. "
        f"The same command resumes: optuna-codeepneat {' '.join(arguments)}"
    )
    assert "Traceback" not in out + err
    assert all(map(is_gone, pids))
    assert set(command.states) <= {"COMPLETE", "FAIL"}  # none is left running
    if to_group:
        status, _, err = command.run(*arguments)
        assert status == 0, err
        assert command.states["COMPLETE"] == 8


def test_killed_worker_is_replaced(command: Command) -> None:
    process = command.start(*searching(6, "--sampler", "random"), TOY_SECONDS="0.3")
    until(lambda: command.states["COMPLETE"] >= 1 and command.states["RUNNING"] >= 1)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "A worker process was killed by SIGKILL" in err
    assert command.states["COMPLETE"] == 6
    assert command.states["FAIL"] <= 1
    assert len(numbers(out)) == 3


def test_killed_command_takes_its_workers_along(command: Command) -> None:
    process = command.start(*searching(50, "--sampler", "random"), TOY_SECONDS="0.3")
    until(lambda: command.states["COMPLETE"] >= 1 and command.states["RUNNING"] >= 1)
    pids = workers_of(process)
    process.kill()
    process.communicate()
    until(lambda: all(map(is_gone, pids)))
    assert command.states["RUNNING"] == 0


def test_running_trials_of_a_lost_search_do_not_count(command: Command) -> None:
    process = command.start(*searching(4, "--sampler", "random"), TOY_SECONDS="0.3")
    until(lambda: command.states["COMPLETE"] >= 1 and command.states["RUNNING"] >= 1)
    for pid in [process.pid, *workers_of(process)]:  # all at once, as a machine goes down
        os.kill(pid, signal.SIGKILL)
    process.communicate()
    lost = command.states["RUNNING"]
    status, _, err = command.search(4, "--final", "0")
    assert status == 0, err
    assert command.states["COMPLETE"] == 4
    assert command.states["RUNNING"] == lost


def test_some_networks_fail(command: Command) -> None:
    status, out, err = command.search(
        6, "--workers", "1", "--sampler", "random", TOY_FAILS="sometimes"
    )
    assert status == 0, err
    assert command.states["COMPLETE"] == 6
    failed = command.states["FAIL"]
    assert failed >= 2
    assert f"{failed} networks failed, the first with RuntimeError: the lab is on fire" in err
    assert "Traceback" not in err
    assert len(numbers(out)) == 3


@pytest.mark.parametrize(
    ("fails", "sentence"),
    [("always", "RuntimeError: the lab is on fire"), ("nan", "the objective returned (nan, 1.0)")],
)
def test_all_networks_fail(command: Command, fails: str, sentence: str) -> None:
    status, out, err = command.search(6, "--workers", "1", "--sampler", "random", TOY_FAILS=fails)
    assert (status, out) == (1, "")
    last = err.splitlines()[-1]
    assert last.startswith("Error: the search stopped after 10 failures in a row")
    assert sentence in last
    assert "Traceback" not in err
    assert command.states.keys() == {"FAIL"}
    assert command.states["FAIL"] <= 12


def test_networks_diverge_and_the_final_training_fails(command: Command) -> None:
    status, out, err = command.search(2, "--sampler", "random", TOY_FAILS="diverged")
    assert (status, out) == (1, "")
    assert command.states == {"PRUNED": 2}
    assert err.splitlines()[-1].startswith("Error: no network has been completed")

    status, out, err = command.search(6, TOY_FAILS="final")
    assert (status, out) == (1, "")
    assert command.states == {"PRUNED": 2, "COMPLETE": 4}
    assert err.splitlines()[-1].startswith("Error: the final training of network ")
    assert "RuntimeError: no time left" in err

    status, out, err = command.search(6)
    assert status == 0, err
    assert len(numbers(out)) == len(command.tested) == 3


def test_time_is_up(command: Command) -> None:
    status, _, err = command.search(
        500,
        "--workers",
        "1",
        "--sampler",
        "random",
        "--timeout",
        "3",
        "--final",
        "1",
        TOY_SECONDS="0.1",
    )
    assert status == 0, err
    assert command.states.keys() <= {"COMPLETE"}
    assert command.states["COMPLETE"] < 100
