"""Finished searches that many tests look at, each run once by the first process that needs it.

The fixtures below are handed to all tests of the folder by `conftest.py`.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from integration_tests.command import Command


BOUNDED = ("bounded_problem:bounded", "--storage", "sqlite:///study.db", "--study-name", "bounded")
"""How the command is told the problem below and its study."""

BOUNDED_PROBLEM = '''
"""A problem whose networks may not be large, and of which one fails."""

from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.training import Recipe


class Bounded(Problem):
    def objective(self, trial, **kwargs):
        values = super().objective(trial, **kwargs)
        trial.set_constraint("size", values[1] / 1500 - 1)
        if trial.number == 3:
            raise RuntimeError("out of luck")
        return values


mnist1d = get_problem("mnist1d")
bounded = Bounded(
    name="bounded",
    title="Small networks on MNIST-1D",
    make_space=mnist1d.make_space,
    load_splits=mnist1d.load_splits,
    objectives=mnist1d.objectives,
    search_recipe=Recipe(steps=5),
    final_recipe=Recipe(steps=5),
)
'''


def finished_search(
    factory: pytest.TempPathFactory,
    study: str,
    problem: str,
    *options: str,
    text: str | None = None,
) -> Path:
    """The folder of a finished search, which the first process that needs it runs for all.

    Args:
        factory:
            Of folders.
        study:
            The name of the study.
        problem:
            What is searched, in a study in SQLite.
        options:
            More of them.
        text:
            The module of the problem, if it is not a built-in one.
    """
    pytest.importorskip("torch")
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    module = problem.partition(":")[0]
    folder, done = shared / f"{module}-search", shared / f"{module}-search.done"
    with (shared / f"{module}-search.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            command = Command(folder)
            if text is not None:
                (folder / f"{module}.py").write_text(text)
            arguments = ("--trials", "12", "--workers", "1", "--seed", "1", "--final", "1")
            size = ("--population-size", "6")
            status, _, err = command.run("search", problem, *arguments, *size, *options)
            assert status == 0, err
            assert f"Report: {study}-report.html" in err
            done.touch()
    return folder


# -- fixtures ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def mnist1d_search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search of the built-in problem as it is, which trains networks for most of a minute."""
    return finished_search(tmp_path_factory, "mnist1d", "mnist1d")


@pytest.fixture(scope="session")
def short_search(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A search for MNIST-1D with little training, bounds for networks, and one that fails."""
    return finished_search(tmp_path_factory, "bounded", *BOUNDED, text=BOUNDED_PROBLEM)
