"""Whole searches from the command line: to the end, stopped, killed, failing, resumed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time

import pytest

from integration_tests.command import DATABASE
from integration_tests.command import PATIENCE
from integration_tests.command import REPOSITORY
from integration_tests.command import TOY
from integration_tests.command import Command
from integration_tests.command import is_gone
from integration_tests.command import searching
from integration_tests.command import until
from integration_tests.command import workers_of


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")


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
    assert "a line of the user's" not in table
    assert err.count("a line of the user's") == 1

    # The same command prints the same table, and looks at no test data.
    assert command.search(6, "--quiet") == (0, table, "")
    assert len(command.tested) == 3
    assert command.states == {"COMPLETE": 6}

    # A larger number adds the rest; who was tested is not tested again.
    status, table, err = command.search(9, "--final", "4")
    assert status == 0, err
    assert command.states == {"COMPLETE": 9}
    assert len(numbers(table)) == 4
    assert 4 <= len(command.tested) <= 7

    status, front, err = command.run("front", TOY)
    assert (status, err) == (0, "")
    heading, *rows = [re.split(r" {2,}", line.strip()) for line in front.splitlines()]
    assert heading[5:] == ["generation", "test accuracy"]
    assert {row[5] for row in rows} <= {"0", "1", "2"}
    assert {row[0].split()[0] for row in rows if row[6] != "-"} >= set(numbers(table))
    status, network, err = command.run("show", TOY, numbers(table)[0])
    assert (status, err) == (0, "")
    assert "generation" in network and "multiply-adds, depth" in network


@pytest.mark.parametrize(
    ("to_group", "number"),
    [
        pytest.param(True, signal.SIGINT, marks=[pytest.mark.long, pytest.mark.soak]),
        pytest.param(False, signal.SIGINT, marks=[pytest.mark.long, pytest.mark.soak]),
        (False, signal.SIGTERM),
    ],
    ids=["terminal", "parent", "terminate"],
)
def test_stop_cleanly_and_resume(command: Command, to_group: bool, number: int) -> None:
    arguments = searching(8, "--workers", "2", "--sampler", "random", "--final", "0")
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
    arguments = searching(6, "--workers", "2", "--sampler", "random")
    process = command.start(*arguments, TOY_SECONDS="0.3")
    until(lambda: command.states["COMPLETE"] >= 1 and command.states["RUNNING"] >= 1)
    os.kill(workers_of(process)[0], signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "A worker process was killed by SIGKILL" in err
    assert command.states["COMPLETE"] == 6
    assert command.states["FAIL"] <= 1
    assert len(numbers(out)) == 3


def test_killed_command_takes_its_workers_along(command: Command) -> None:
    arguments = searching(50, "--workers", "2", "--sampler", "random")
    process = command.start(*arguments, TOY_SECONDS="0.3")
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
    assert err.count("Traceback") == 1
    assert "optuna_codeepneat/" not in err  # the frames are the user's
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
    assert err.count("Traceback") == (fails == "always")
    assert command.states.keys() == {"FAIL"}
    assert command.states["FAIL"] <= 12


def test_networks_diverge_and_the_final_training_fails(command: Command) -> None:
    status, out, err = command.search(2, "--sampler", "random", TOY_FAILS="diverged")
    assert (status, out) == (1, "")
    assert command.states == {"PRUNED": 2}
    last = err.splitlines()[-1]
    assert re.search(r"completed yet; trial [01] was pruned: the loss is not finite\.$", last), (
        last
    )

    status, out, err = command.search(6, TOY_FAILS="final")
    assert (status, out) == (1, "")
    assert command.states == {"PRUNED": 2, "COMPLETE": 4}
    assert err.splitlines()[-1].startswith("Error: the final training of network ")
    assert "RuntimeError: no time left" in err

    status, out, err = command.search(6)
    assert status == 0, err
    assert len(numbers(out)) == len(command.tested) == 3


def test_weights_are_inherited(command: Command) -> None:
    small, weights = "small_problem:small", command.folder / "small-artifacts"
    elsewhere = Command(command.folder / "elsewhere")
    for folder in (command.folder, elsewhere.folder):
        shutil.copy(REPOSITORY / "tests" / "cli" / "small_problem.py", folder)
    url = f"sqlite:///{command.folder / DATABASE}"

    def search(n_trials: int, *options: str) -> tuple[int, str, str]:
        given = ("--storage", url, "--trials", str(n_trials), "--workers", "1", "--no-report")
        return command.run("search", small, *given, *options)

    begun = ("--sampler", "lemonade", "--population-size", "3", "--seed", "1")
    status, table, err = search(10, "--final", "1", *begun)
    assert status == 0, err
    assert command.states == {"COMPLETE": 10}
    assert len(numbers(table)) == 1
    assert " steps, front " in err
    assert "afresh" not in err
    donors = {number: record["from"] for number, record in command.inheritance.items()}
    heirs = [number for number, donor in donors.items() if donor is not None]
    assert len(donors) == 10
    assert heirs
    assert 1 <= len(list(weights.glob("weights-*"))) <= 10
    [final] = weights.glob("final-*")
    others = {final, *weights.glob("weights-*")}
    diagrams = set(weights.glob("[!.]*")) - others
    assert len(diagrams) == 10
    _, front, _ = command.run("front", "--storage", url)
    assert front.splitlines()[0].endswith("steps with ancestors")
    _, shown, _ = command.run("show", str(heirs[-1]), "--storage", url)
    assert f"of the parameters from trial {donors[heirs[-1]]}, trained for " in shown

    # It goes on as it was begun, and only so.
    status, _, err = search(20, "--inherit", "fresh")
    assert status == 1
    assert "was begun with `--inherit exact`; it can only go on as it was begun" in err
    assert search(20, "--timeout", "0", "--final", "0")[0] == 0

    # A worker in another folder finds the weights by itself.
    before = set(weights.glob("weights-*"))
    joining = ("worker", small, "--storage", url, "--workers", "1", "--trials")
    status, _, err = elsewhere.run(*joining, "3")
    assert (status, command.states["COMPLETE"]) == (0, 13), err
    assert "afresh" not in err
    assert set(weights.glob("weights-*")) - before
    assert not list(elsewhere.folder.glob("*artifacts"))

    # Without them it goes on too, and says so once.
    shutil.rmtree(weights)
    status, _, err = elsewhere.run(*joining, "3")
    assert (status, command.states["COMPLETE"]) == (0, 16), err
    assert f"keeps its weights in {weights}, which is not here" in err
    assert not weights.exists()
    assert len(command.inheritance) == 13
    status, _, err = search(20, "--final", "0")
    assert status == 0, err
    assert command.states == {"COMPLETE": 20}
    assert err.count("starts afresh and not with the weights of trial") <= 1
    assert len(command.inheritance) == 17
    assert list(weights.glob("weights-*"))  # to be inherited from now on


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


OWN = """
from optuna_codeepneat import SearchSpace
from optuna_codeepneat.problems import Problem

def objective(trial, *, seed):
    size = own.space.suggest(trial).num_params
    return 1 - 1 / size, size

own = Problem(
    name="own",
    title="Own",
    make_space=lambda: SearchSpace.dense(input_shape=(4,), num_outputs=1),
    objective=objective,
)
"""


def test_a_problem_with_an_objective_and_no_data(command: Command) -> None:
    (command.folder / "own_problem.py").write_text(OWN)
    status, out, err = command.run("search", "own_problem:own", "--trials", "4", "--workers", "1")
    assert (status, out) == (0, "")
    assert "Error" not in err
    status, out, _ = command.run("front", "own_problem:own")
    assert (status, out.splitlines()[0].split()[0]) == (0, "trial")
