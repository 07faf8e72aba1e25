"""Several commands at one study: workers that join, are stopped, crash, hang or come too early."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time

import pytest

from integration_tests.command import DATABASE
from integration_tests.command import PATIENCE
from integration_tests.command import TOY
from integration_tests.command import URL
from integration_tests.command import Command
from integration_tests.command import is_gone
from integration_tests.command import searching
from integration_tests.command import until
from integration_tests.command import workers_of


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")

WORKER = ("worker", TOY, "--storage", URL, "--workers", "1")


def test_workers_that_come_early_and_a_search_finish_together(command: Command) -> None:
    early = [command.start(*WORKER, TOY_SECONDS="0.3") for _ in range(2)]
    time.sleep(1.0)
    assert not (command.folder / DATABASE).exists()
    arguments = searching(24, "--workers", "1", "--population-size", "4", "--final", "1")
    process = command.start(*arguments, TOY_SECONDS="0.3")
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "trial" in out
    for worker in early:
        out, err = worker.communicate(timeout=PATIENCE)
        assert worker.returncode == 0, err
        assert out == ""
        assert err.startswith("Waiting up to 1:00 for a search: there is no study database")
        assert "by this command" in err
    assert set(command.states) == {"COMPLETE"}
    # Whoever has just begun a network when the last one is finished still finishes it.
    assert 24 <= command.states["COMPLETE"] <= 26


def test_worker_goes_on_where_a_search_stopped(command: Command) -> None:
    process = command.start(*searching(5, "--sampler", "random"), TOY_SECONDS="60")
    until(lambda: command.states["RUNNING"] == 1)
    process.terminate()
    process.communicate(timeout=PATIENCE)
    status, out, err = command.run(*WORKER, "--trials", "2", "--study-name", "toy")
    assert (status, out) == (0, ""), err
    assert "2/5 networks" in err
    status, _, err = command.run(*WORKER)
    assert status == 0, err
    assert command.states == {"COMPLETE": 5, "FAIL": 1}
    nothing_left = "Nothing to do: the study has all networks that it shall have.\n"
    assert command.run(*WORKER) == (0, "", nothing_left)
    assert command.states == {"COMPLETE": 5, "FAIL": 1}


def test_worker_is_told_to_stop(command: Command) -> None:
    search = command.start(*searching(99, "--workers", "1"), TOY_SECONDS="60")
    until(lambda: command.states["RUNNING"] == 1)
    arguments = (*WORKER, "--grace", "1")
    worker = command.start(*arguments, TOY_SECONDS="60")
    until(lambda: command.states["RUNNING"] == 2)
    [pid] = workers_of(worker)
    begin = time.monotonic()
    os.killpg(worker.pid, signal.SIGTERM)
    _, err = worker.communicate(timeout=PATIENCE)
    assert 1.0 <= time.monotonic() - begin < 6.0
    assert worker.returncode == 143
    assert err.splitlines()[-1] == (
        "Stopped with 0 of 99 networks finished. "
        f"The same command resumes: optuna-codeepneat {' '.join(arguments)}"
    )
    assert is_gone(pid)
    assert search.poll() is None
    assert command.states == {"FAIL": 1, "RUNNING": 1}
    assert command.failures == {1: "the command was stopped"}


def test_grace_lets_networks_finish(command: Command) -> None:
    arguments = searching(99, "--workers", "2", "--sampler", "random", "--grace", "60")
    process = command.start(*arguments, TOY_SECONDS="2")
    until(lambda: command.states["RUNNING"] == 2)
    os.killpg(process.pid, signal.SIGTERM)
    os.killpg(process.pid, signal.SIGTERM)  # as srun and Slurm may do both
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "Stopping: 2 networks under way may take up to 1:00" in err
    assert command.states == {"COMPLETE": 2}
    assert command.failures == {}


def test_second_signal_ends_the_grace(command: Command) -> None:
    arguments = searching(99, "--sampler", "random", "--grace", "600")
    process = command.start(*arguments, TOY_SECONDS="60")
    until(lambda: command.states["RUNNING"] == 1)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(1.5)
    assert process.poll() is None
    begin = time.monotonic()
    os.kill(process.pid, signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - begin < 5.0
    assert process.returncode == 130, err
    assert command.states == {"FAIL": 1}


@pytest.mark.long
def test_network_that_hangs(command: Command) -> None:
    arguments = ("--workers", "1", "--sampler", "random", "--final", "0")
    status, _, err = command.search(2, *arguments, "--trial-timeout", "0.5", TOY_FAILS="hangs")
    assert status == 0, err
    assert command.states == {"COMPLETE": 2, "FAIL": 1}
    reason = "was ended, as its network went on beyond `--trial-timeout`"
    assert command.failures == {1: f"a worker process {reason}"}
    assert f"A worker process {reason} while it trained network 1." in err


@pytest.mark.long
@pytest.mark.soak
def test_worker_that_crashes_now_and_then(command: Command) -> None:
    arguments = ("--workers", "1", "--sampler", "random", "--final", "0")
    status, _, err = command.search(5, *arguments, TOY_FAILS="crashes")
    assert status == 0, err
    # More often than it is started again without a success in between.
    assert command.states == {"COMPLETE": 5, "FAIL": 4}
    assert set(command.failures.values()) == {"a worker process ended with status 3"}


def test_worker_that_always_crashes(command: Command) -> None:
    status, out, err = command.search(
        10, "--workers", "1", "--sampler", "random", TOY_FAILS="crash"
    )
    assert (status, out) == (1, "")
    assert err.splitlines()[-1].startswith("Error: all worker processes were lost")
    assert "Traceback" not in err
    assert command.states == {"FAIL": 4}


def test_broken_gpu_is_left_with_its_process(command: Command) -> None:
    arguments = searching(1, "--workers", "1", "--sampler", "random", "--final", "0")
    process = command.start(*arguments, TOY_FAILS="cuda", TOY_SECONDS="2")
    pids = set()

    def ended() -> bool:
        pids.update(workers_of(process))
        return process.poll() is not None

    until(ended)
    assert process.returncode == 0
    assert len(pids) == 2
    assert command.states == {"FAIL": 1, "COMPLETE": 1}


def test_database_that_fails_for_good(command: Command) -> None:
    process = command.start(*searching(99, "--sampler", "random"), TOY_SECONDS="0.3")
    until(lambda: command.states["COMPLETE"] >= 1 and command.states["RUNNING"] >= 1)
    pids = workers_of(process)
    with sqlite3.connect(command.folder / DATABASE, timeout=30) as database:
        database.execute("DROP TABLE trial_params")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (1, "")
    last = err.splitlines()[-1]
    assert last.startswith("Error: the database failed: no such table: trial_params")
    assert "Traceback" not in err
    assert all(map(is_gone, pids))
    assert command.states["COMPLETE"] >= 1
