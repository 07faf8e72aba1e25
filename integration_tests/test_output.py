"""What the user's code prints, warns, logs and raises in a search reaches the user."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from integration_tests.command import PATIENCE
from integration_tests.command import Command
from integration_tests.command import until
from integration_tests.command import workers_of


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")

PROBLEM = """
import logging, os, sys, time, warnings

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.problems import Problem

print("imported")
HOW = os.environ.get("HOW", "")


def load():
    print("loading")
    print("loading loudly", file=sys.stderr)
    warnings.warn("load this")
    logging.warning("loaded")
    os.write(1, b"by no Python\\n")


def check(trial):
    if HOW == "fails" and trial.number % 2:
        raise KeyError("my mistake")
    if HOW == "floods":
        for i in range(20_000):
            print(f"network {trial.number}, line {i}", "x" * 60)
    if HOW == "dies" and trial.number == 1:
        print("last words")
        os.kill(os.getpid(), 9)


class Mine(Problem):
    def objective(self, trial, **kwargs):
        self.load()
        trial.suggest_float("x", 0, 1)
        self.space.suggest(trial)
        check(trial)
        return 0.5, 1.0

    def train_final(self, architecture, hyperparameters=None, **kwargs):
        raise OSError("no final training")


mine = Mine(
    name="mine",
    title="Mine",
    make_space=lambda: SearchSpace.dense(input_shape=(4,), num_outputs=2),
    load_splits=load,
)
"""
SEARCH = ("search", "mine:mine", "--storage", "sqlite:///toy.db", "--no-report")
SEARCH += ("--sampler", "random", "--workers", "2", "--log-file", "said.log", "--trials")


@pytest.fixture
def mine(command: Command) -> Command:
    (command.folder / "mine.py").write_text(PROBLEM)
    return command


def test_everything_is_seen_once_and_kept(mine: Command) -> None:
    status, out, err = mine.run(*SEARCH, "6", "--final", "0")
    assert (status, out) == (0, ""), err
    said = (mine.folder / "said.log").read_text()
    for text in (
        "loading loudly",
        "UserWarning: load this",
        "WARNING:root:loaded",
        "by no Python",
    ):
        assert err.count(text) == 1
        assert err[err.rindex("\n", 0, err.index(text)) :].startswith("\nworker ")
        assert said.count(text) == 2  # by both workers
    assert "What workers print is kept in said.log." in err
    assert "Networks are trained on " in err


@pytest.mark.parametrize(
    "debug", [pytest.param(False, marks=[pytest.mark.long, pytest.mark.soak]), True]
)
def test_an_exception_shows_the_users_lines(mine: Command, debug: bool) -> None:
    options = ("--debug",) if debug else ()
    status, _, err = mine.run(*SEARCH, "6", "--final", "1", *options, HOW="fails")
    failed = mine.states["FAIL"]
    assert failed >= 3
    shown = err.count("line 21, in check\n    raise KeyError")
    assert shown == (failed if debug else 1)
    assert ("_worker.py" in err) == debug
    assert "KeyError: 'my mistake'" in err
    assert f"{failed} networks failed, the first with KeyError: 'my mistake' (" in err
    # What is done in the end too.
    assert status == 1
    assert "in train_final\n    raise OSError" in err
    assert err.splitlines()[-1].startswith("Error: the final training of network")


def test_a_space_that_cannot_be_made(mine: Command) -> None:
    text = PROBLEM.replace("input_shape=(4,)", "input_shape=(1 // 0,)")
    (mine.folder / "mine.py").write_text(text)
    status, out, err = mine.run(*SEARCH, "6")
    assert (status, out) == (1, "")
    assert "in <lambda>\n" in err
    assert "optuna_codeepneat/" not in err
    assert err.splitlines()[-1].startswith("Error: the problem 'mine:mine' can't make its search")


def test_last_words_of_a_process_that_is_killed(mine: Command) -> None:
    status, _, err = mine.run(*SEARCH, "4", "--final", "0", HOW="dies")
    assert status == 0, err
    assert "last words" in err
    assert "was killed by SIGKILL while it trained network 1" in err


@pytest.mark.long
@pytest.mark.soak
def test_a_flood_while_the_command_is_frozen(mine: Command) -> None:
    process = mine.start(*SEARCH, "6", "--final", "0", HOW="floods")
    until(lambda: mine.states["RUNNING"] >= 1 and len(workers_of(process)) == 2)
    for _ in range(3):
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(1)
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.2)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err[-2000:]
    assert mine.states == {"COMPLETE": 6}
    said = (mine.folder / "said.log").read_text()
    for number in range(6):
        assert said.count(f"network {number}, line ") == 20_000
    assert err.count("\n") < 5_000
    assert "are in said.log." in err
