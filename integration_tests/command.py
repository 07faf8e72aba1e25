"""The command `optuna-codeepneat` in a folder of its own, and what became of its processes."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any


REPOSITORY = Path(__file__).parents[1]
TOY = "toy_problem:toy"
DATABASE = "toy.db"
URL = f"sqlite:///{DATABASE}"
PATIENCE = 120.0


class Command:
    """The command in a folder of its own, with a problem that a user wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        folder.mkdir(exist_ok=True)
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
    def failures(self) -> dict[int, str]:
        """Why networks failed, by the numbers of their trials."""
        return self._attributes("failure")

    @property
    def inheritance(self) -> dict[int, dict[str, Any]]:
        """What networks inherited, by the numbers of their trials."""
        return self._attributes("inheritance")

    def _attributes(self, key: str) -> dict[int, Any]:
        with sqlite3.connect(self.folder / DATABASE, timeout=30) as database:
            rows = database.execute(
                "SELECT number, value_json FROM trials JOIN trial_user_attributes USING (trial_id)"
                " WHERE key = ? ORDER BY number",
                (key,),
            )
            return {number: json.loads(value) for number, value in rows}

    @property
    def tested(self) -> list[str]:
        """A line for each look at the test data."""
        path = self.folder / "tested.txt"
        return path.read_text().splitlines() if path.exists() else []


def searching(n_trials: int, *options: str) -> tuple[str, ...]:
    trials = ("--trials", str(n_trials), "--workers", "1")  # torch loads in each
    return ("search", TOY, *trials, "--no-report", *options)


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The worker processes of a command, which are forked from a server that is one of its own."""
    servers = [pid for pid, command in children_of(process.pid) if b"forkserver" in command]
    forked = [pid for server in servers for pid, _ in children_of(server)]
    spawned = [pid for pid, command in children_of(process.pid) if b"spawn_main" in command]
    return forked + spawned


def children_of(pid: int) -> list[tuple[int, bytes]]:
    """The processes that one has started and not buried yet, with their command lines."""
    children = []
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            command = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent == str(pid):
            children.append((int(entry.name), command))
    return children


def until(condition: Callable[[], bool], what: str = "it") -> None:
    """Waits for something to become true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)


def is_gone(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
