"""What worker processes print reaches the terminal once, and a file in full."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.cli._workers._capture import capture
from optuna_codeepneat.cli._workers._capture import flush
from optuna_codeepneat.cli._workers._output import WorkerOutput


pytestmark = pytest.mark.skipif(os.name != "posix", reason="there output is not captured")


@pytest.fixture
def output(tmp_path: Path) -> Iterator[WorkerOutput]:
    output = WorkerOutput(tmp_path / "output.log")
    yield output
    output.close()


def printed(output: WorkerOutput, *chunks: bytes, worker: int = 1) -> list[str]:
    """What the terminal gets of what a process prints before it ends."""
    pipe = output.connect(worker)
    shown = []
    for chunk in chunks:
        os.write(pipe.fileno(), chunk)
        time.sleep(0.2)  # so that they come one after the other
    pipe.close()
    end = time.monotonic() + 20
    while output._streams and time.monotonic() < end:
        time.sleep(0.01)
    shown += output.take()
    return shown


def kept(output: WorkerOutput) -> list[str]:
    """The lines of the file, without the time."""
    return [line.split(" ", 2)[2] for line in output.path.read_text().splitlines()]


def test_lines_have_the_number_of_their_worker(output: WorkerOutput) -> None:
    assert printed(output, b"one\ntwo", worker=3) == ["worker 3: one", "worker 3: two"]
    assert kept(output) == ["worker 3: one", "worker 3: two"]


def test_a_terminal_gets_a_line_once_and_the_file_each_time(output: WorkerOutput) -> None:
    assert printed(output, b"loading\n") == ["worker 1: loading"]
    assert printed(output, b"loading\n", b"loading\n", worker=2) == []
    assert output.n_left_out == 2
    assert len(kept(output)) == 3


def test_a_traceback_stays_whole(output: WorkerOutput) -> None:
    printed(output, b"Traceback:\n  line 1\nfirst\n")
    assert printed(output, b"Traceback:\n  line 1\nsecond\n") == [
        "worker 1: Traceback:",
        "worker 1:   line 1",
        "worker 1: second",
    ]


def test_nothing_moves_the_cursor(output: WorkerOutput) -> None:
    bar = b"\r 10%|#\r 50%|#####\r100%|##########\r\n"
    assert printed(output, bar, b"\x1b[31mred\x1b[0m\x1b]0;title\x07\x08\xff\n") == [
        "worker 1: 100%|##########",
        "worker 1: red�",
    ]


def test_no_process_waits_for_whoever_reads(output: WorkerOutput) -> None:
    pipe, n = output.connect(1), 200_000
    done = threading.Event()

    def flood() -> None:
        with os.fdopen(os.dup(pipe.fileno()), "w") as stream:
            stream.writelines(f"line {i}\n" for i in range(n))
        done.set()

    threading.Thread(target=flood, daemon=True).start()
    assert done.wait(60)
    pipe.close()
    output.close()
    shown = output.take()
    assert shown[0] == "worker 1: line 0"
    assert len(shown) + output.n_left_out == len(kept(output)) == n
    assert len(shown) < n / 10


def test_a_file_that_cannot_be_written_costs_the_file_alone(tmp_path: Path) -> None:
    output = WorkerOutput(tmp_path / "none" / "output.log")
    lines = printed(output, b"one\n", b"two\n")
    output.close()
    assert lines[:2] == ["worker 1: one", "worker 1: two"]
    assert len(lines) == 3
    assert "output.log: No such file or directory." in lines[2]


def talk(pipe: Connection[Any, Any]) -> None:
    """Prints in all ways, and dies without another word."""
    import ctypes
    import logging
    import subprocess
    import warnings

    capture(pipe)
    print("printed")
    print("to stderr", file=sys.stderr)
    warnings.warn("warned", stacklevel=1)
    logging.getLogger("theirs").warning("logged")
    os.system("echo by a program")
    subprocess.run(["echo", "by another"], check=True)
    ctypes.CDLL(None).printf(b"by C\n")
    flush()
    os.kill(os.getpid(), signal.SIGKILL)


def test_all_that_a_killed_process_printed(output: WorkerOutput) -> None:
    pipe = output.connect(1)
    process = get_context("spawn").Process(target=talk, args=(pipe,))
    process.start()
    pipe.close()
    process.join()
    output.close()
    text = output.path.read_text()
    for said in ("printed", "to stderr", "UserWarning: warned", "logged", "by a program"):
        assert said in text
    assert "by another" in text
    assert "by C" in text
    assert process.exitcode == -signal.SIGKILL


def test_what_a_process_leaves_running_holds_nobody_up(output: WorkerOutput) -> None:
    pipe = output.connect(1)
    left = os.dup(pipe.fileno())  # as a program that it started has it
    pipe.close()
    os.write(left, b"half a line")
    begin = time.monotonic()
    output.close()
    assert time.monotonic() - begin < 30
    assert kept(output) == ["worker 1: half a line"]
    os.close(left)
