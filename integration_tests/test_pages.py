"""What README.md and the pages tell to type, typed: each command in turn, in one folder.

Searches have few networks, everything else is as it stands.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from integration_tests.command import PATIENCE
from integration_tests.command import REPOSITORY


PAGES = (
    "README",
    "docs/cheaper_searches",
    "docs/cli",
    "docs/dashboard",
    "docs/diagrams",
    "docs/report",
    "docs/visualization",
)
"""In the order in which they are read; each finds what those before it left."""

NOT_TYPED = {
    "CONTRIBUTING": "it would write a file of the repository anew",
    "docs/benchmarks": "hours of computing, whose results the page shows",
    "docs/scaling": "a quarter of an hour of computing, whose results the page shows",
    "docs/cluster": "other machines and clusters; test_docs.py checks the options",
    "docs/own_data": "test_own_data.py searches; test_docs.py runs its Python",
    "docs/problems": "data that not every machine has; the tests of each problem read them",
    "docs/profiles": "data that not every machine has; test_profiles.py searches as a paper did",
    "docs/quickstart": "`make search` alone; test_docs.py runs its Python",
    "docs/trained_networks": "test_taking_home.py types these very commands",
}
"""Pages whose commands are left out, and why."""

NOT_RUN = {
    "make": "creates an environment and installs all of it, as CI itself does",
    "pip": "changes the environment that the tests run in",
}
"""Commands that are left to the reader, and why."""

SERVES = re.compile(r"http://\S+")
"""What a server prints once somebody may come."""

FEW = "1"
"""Networks: no page asks for more, and torch loads thirty times as it is."""


HERE = {"pets": "digits", "photos/": "examples.npy"}
"""What pages ask another network than the one that they have made, and what is here instead."""


class Line(NamedTuple):
    """A block of Python, or a command, and where it stands."""

    where: str
    text: str
    is_python: bool


def lines(page: str) -> Iterator[Line]:
    """What a page tells to run, in its order."""
    path = REPOSITORY / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    for block in re.finditer(r"^```(python|console)\n(.*?)^```$", text, re.M | re.S):
        where = f"{path.name}:{text.count(chr(10), 0, block.start()) + 1}"
        language, content = block.groups()
        if language == "python":
            yield Line(where, content, True)
            continue
        for command in content.replace("\\\n", " ").splitlines():
            if command.startswith("$ "):  # what it prints has no prompt
                yield Line(where, command[2:], False)


def shortened(words: list[str]) -> list[str]:
    """The same command for few networks, and for a database that is here."""
    name = "rings" if "my_problem.py" in words else "mnist1d"
    if words[0] == "optuna-dashboard":
        return [*words, "--port", str(free_port())]
    words = [re.sub(r"^(postgresql\S+|URL)$", f"sqlite:///{name}.db", word) for word in words]
    command = words[1]
    if command in ("show", "train", "export"):
        words = [re.sub(r"^\d\d$", "0", word) for word in words]
        words = ["1000000" if word == "1000" else word for word in words]  # the one there is
    if command in ("train", "retrain"):
        words += ["--steps", "20"]
    if command == "predict":
        words = [HERE.get(word, word) for word in words]
    if command == "dashboard":
        words += ["--port", "0"]
        words = [re.sub(r"^0\.0\.0\.0$", "127.0.0.1", word) for word in words]
    if command == "search":
        few = "6" if "random" in words else FEW  # some of which are larger than they may be
        words += ["--trials", few, "--final", "0", "--workers", "1", "--no-report", "--seed", "1"]
        words += ["--min-score", "0"]  # one network alone need not be better than guessing
    if command == "worker":
        words += ["--trials", "1", "--workers", "1"]
        if name == "mnist1d":
            words += ["--study-name", name]  # README's database has another study
    return words


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Shell:
    """A folder, and an environment in which the package is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bin_folder = str(Path(sys.executable).parent)
        self.environment = os.environ | {
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
            "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(REPOSITORY)]),
        }

    @contextmanager
    def started(self, words: list[str]) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            words,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    def run(self, words: list[str]) -> tuple[int, str]:
        with self.started(words) as process:
            out, _ = process.communicate(timeout=PATIENCE)
            return process.returncode, out

    def serve(self, words: list[str]) -> tuple[int, str]:
        """Runs a server until it says where it is; a success if it does, and stops when told."""
        with self.started(words) as process:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if SERVES.search(line):
                    os.killpg(process.pid, signal.SIGTERM)
                    process.communicate(timeout=PATIENCE)
                    return 0, said
            return 1, said


def test_each_page_is_typed_or_said_not_to_be() -> None:
    pages = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]
    shown = {
        page.relative_to(REPOSITORY).with_suffix("").as_posix()
        for page in pages
        if re.search(r"^ *```(console|bash|sh|shell)$", page.read_text(encoding="utf-8"), re.M)
    }
    assert shown == {*PAGES, *NOT_TYPED}
    commands = [line.text for page in PAGES for line in lines(page) if not line.is_python]
    typed = {command.split()[0] for command in commands}
    assert typed - {"optuna-codeepneat", "optuna-dashboard"} == {*NOT_RUN}


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="ends groups of processes")
@pytest.mark.parametrize(
    "pages",
    [
        pytest.param(PAGES[:1], id="README"),
        pytest.param(PAGES, id="all", marks=pytest.mark.soak),
    ],
)
def test_everything_works_as_it_stands(pages: tuple[str, ...], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("optuna_dashboard")
    pytest.importorskip("onnxruntime")
    pytest.importorskip("pandas")
    rows = [f"{area},{area % 7},{3 * area + area % 7}" for area in range(20, 80)]
    (tmp_path / "prices.csv").write_text("\n".join(["area,floor,price", *rows]))
    np.save(tmp_path / "examples.npy", np.zeros((3, 1, 40), dtype=np.float32))
    new = np.random.default_rng(0).normal(size=(60, 1, 40))
    np.savez(tmp_path / "new.npz", x=new, y=np.arange(60) % 10)
    shell = Shell(tmp_path)
    done: list[list[str]] = []
    for page in pages:
        for line in lines(page):
            if line.is_python:
                code = re.sub(r"n_trials=\d+", f"n_trials={FEW}", line.text)
                if "study.db" in code:  # which commands of the pages then ask for
                    status, said = shell.run([sys.executable, "-c", code])
                    assert status == 0, f"{line.where}:\n{said}"
                continue
            words = shlex.split(line.text, comments=True)
            if words[0] in NOT_RUN:
                continue
            words = shortened(words)
            if words in done:  # on a page before this one
                continue
            done.append(words)
            serves = "dashboard" in f"{words[0]} {words[1]}"
            status, said = (shell.serve if serves else shell.run)(words)
            assert status == 0, f"{line.where}: {shlex.join(words)}\n{said}"
