"""The command on a real terminal: what is seen meanwhile, and what is left behind."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator

import pytest

from integration_tests.command import PATIENCE
from integration_tests.command import URL
from integration_tests.command import Command
from integration_tests.command import searching
from tests.cli.screen import Screen


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs pseudo-terminals")

SEARCH = ("--sampler", "random", "--seed", "1", "--final", "0")


class Terminal:
    """A pseudo-terminal with the command in it."""

    def __init__(
        self, command: Command, *arguments: str, rows: int = 24, **variables: str
    ) -> None:
        self.screen = Screen(80)
        self.written = ""
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
        settings = {
            "PYTHONPATH": command.path,
            "OMP_NUM_THREADS": "1",
            "TERM": "xterm-256color",
            "TOY_SECONDS": "0.2",
        }
        kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "optuna_codeepneat.cli", *arguments],
            cwd=command.folder,
            env=kept | settings | variables,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # So that a ^C that is typed reaches the command.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        command.processes.append(self.process)
        os.close(theirs)

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def screens(self) -> Iterator[str]:
        """What is seen, again and again, until the command ends."""
        end = time.monotonic() + PATIENCE
        pending, decoder = b"", codecs.getincrementaldecoder("utf-8")()
        while True:
            assert time.monotonic() < end, "waited in vain"
            if not select.select([self._ours], [], [], 0.1)[0]:
                if self.process.poll() is not None:
                    break
                continue
            try:
                pending += os.read(self._ours, 65536)
            except OSError:  # nobody has it open any more
                break
            # What is drawn at once may be read in pieces, and a drawing ends with no line.
            if select.select([self._ours], [], [], 0.02)[0]:
                continue
            text, pending = decoder.decode(pending), b""
            self.written += text
            self.screen.write(text)
            yield self.screen.text
        self.process.wait(PATIENCE)
        os.close(self._ours)


def test_front_grows_below_the_bar(command: Command) -> None:
    terminal = Terminal(command, *searching(8, "--workers", "2", *SEARCH))
    seen = list(terminal.screens())
    assert terminal.process.returncode == 0, seen[-1]
    fronts = [screen for screen in seen if "Pareto front," in screen]
    assert fronts
    for screen in fronts:
        lines = screen.replace("╸", "━").replace("╺", "━").splitlines()
        while not lines[0].startswith("━"):  # what was said before
            lines.pop(0)
        assert re.match(r"━+ +\d/8 networks, .*2 workers", lines[0])
        n = int(re.fullmatch(r"Pareto front, (\d) networks?", lines[2])[1])  # type: ignore[index]
        assert lines[3].split() == ["trial", "accuracy", "parameters"]
        assert len(lines) == 4 + n
    assert terminal.screen.widest < 80
    # Nothing of it is left in the end.
    said = terminal.screen.text
    assert re.search(r"^8/8 networks, .*, front \d, best .* parameters$", said, re.M), said
    assert "Pareto front," not in said and "━" not in said
    assert terminal.screen.cursor_is_shown


def test_stopped_by_a_key(command: Command) -> None:
    terminal = Terminal(command, *searching(500, *SEARCH))
    for screen in terminal.screens():
        if re.search("[1-9]/500 networks", screen) and "^C" not in terminal.written:
            terminal.type("\x03")
    assert terminal.process.returncode == 128 + signal.SIGINT
    lines = terminal.screen.text.splitlines()
    assert any(re.match(r"Stopped with \d+ of 500 networks", line) for line in lines), lines
    assert "^C" not in terminal.screen.text
    assert terminal.screen.cursor_is_shown


@pytest.mark.long
@pytest.mark.soak
def test_low_terminal_has_no_table(command: Command) -> None:
    terminal = Terminal(command, *searching(8, *SEARCH), rows=10)
    seen = list(terminal.screens())
    assert terminal.process.returncode == 0
    assert any(re.search("[1-7]/8 networks", screen) and "best" in screen for screen in seen)
    assert not any("Pareto front," in screen for screen in seen)


def test_terminal_without_control_codes_gets_lines(command: Command) -> None:
    terminal = Terminal(command, *searching(3, *SEARCH), TERM="dumb")
    for _ in terminal.screens():
        pass
    assert terminal.process.returncode == 0
    assert "\x1b" not in terminal.written
    counts = re.findall(r"^(\d)/3 networks", terminal.written, re.M)
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == ("0", "3")


def test_quiet_terminal(command: Command) -> None:
    terminal = Terminal(command, *searching(3, "--quiet", *SEARCH))
    for _ in terminal.screens():
        pass
    assert terminal.process.returncode == 0
    assert terminal.written == ""


@pytest.mark.parametrize(
    "answer",
    [
        "y",
        *(pytest.param(key, marks=[pytest.mark.long, pytest.mark.soak]) for key in ("n", "\x03")),
    ],
)
def test_a_worker_asks_before_it_runs_what_the_database_names(
    command: Command, answer: str
) -> None:
    assert command.search(2, *SEARCH)[0] == 0
    terminal = Terminal(command, "worker", "--storage", URL, "--wait", "0")
    asked = False
    for seen in terminal.screens():
        if not asked and "Run it? [y/N]" in seen:
            asked = True
            terminal.type(answer if answer == "\x03" else f"{answer}\n")
    assert asked
    status = terminal.process.wait()
    assert status == {"y": 0, "n": 1, "\x03": 130}[answer]
    assert ("Nothing to do" in terminal.written) == (answer == "y")
