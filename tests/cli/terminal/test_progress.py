"""What a search shows of itself."""

from __future__ import annotations

import io
import re

import optuna
import pytest
from rich.console import Console

from optuna_codeepneat.cli._terminal._progress import Lines
from optuna_codeepneat.cli._terminal._progress import progress
from optuna_codeepneat.cli._terminal._snapshot import Snapshot
from optuna_codeepneat.cli._terminal._snapshot import clock
from optuna_codeepneat.storages._retry import Patience


EARLY = Snapshot(done=0, total=150)
LATE = Snapshot(
    done=12,
    total=150,
    per_minute=34.125,
    seconds_left=242.6,
    front=7,
    best="95.1 % with 2,014 parameters",
    failed=1,
)


def test_snapshot_reads_as_a_line() -> None:
    assert str(EARLY) == "0/150 networks"
    assert str(LATE) == (
        "12/150 networks, 34.1/min, 4:03 left, 1 failed, front 7, "
        "best 95.1 % with 2,014 parameters"
    )
    final = Snapshot(done=1, total=3, noun="networks trained finally", seconds=61.0)
    assert str(final) == "1/3 networks trained finally, 1:01"

    shared = Snapshot(done=9, total=20, own=2, workers=(1, 2))
    assert str(shared) == "9/20 networks, 2 by this command, 1 of 2 workers"
    assert str(Snapshot(done=9, total=20, steps=12_500)) == "9/20 networks, 12,500 steps"
    assert str(Snapshot(done=9, total=20, workers=(1, 1))) == "9/20 networks, 1 worker"
    loading = Snapshot(done=0, total=20, decoded=(64, 112_120))
    assert str(loading) == "0/20 networks, 64 of 112,120 images decoded"
    helped = Snapshot(done=9, total=20, workers=(2, 2), elsewhere=3, pruned=1, front=0)
    assert str(helped) == "9/20 networks, 2 workers, 3 elsewhere, 1 pruned"
    stopped = Snapshot(done=90, total=150, stopped=41, steps=123_456)
    assert str(stopped) == "90/150 networks, stopped early 41, 123,456 steps"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (-3, "0:00"), (59.6, "1:00"), (3599, "59:59"), (3661, "1:01:01")],
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_lines_come_every_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    file = io.StringIO()
    lines = Lines(Console(file=file, soft_wrap=True))
    for _ in range(21):
        lines.update(LATE)
        now += 1.0
    lines.note("A worker process was killed [SIGKILL].")
    lines.note("a:smile:\n    b")
    lines.finish(EARLY)
    shown = [str(LATE)] * 3 + ["A worker process was killed [SIGKILL]."]
    shown += ["a:smile:", "    b", str(EARLY)]
    assert file.getvalue().splitlines() == shown


def test_quiet_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with progress(quiet=True) as shown:
        shown.update(LATE)
        shown.note("text")
        shown.finish(LATE)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("variable", [None, "FORCE_COLOR", "TTY_INTERACTIVE"])
def test_progress_goes_to_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variable: str | None
) -> None:
    if variable is not None:
        monkeypatch.setenv(variable, "1")
    with progress(quiet=False) as shown:
        shown.update(LATE)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{LATE}\n"


def test_outages_of_the_database_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    calls = iter([ConnectionResetError("gone"), ConnectionResetError("gone"), None])

    def call() -> None:
        error = next(calls)
        if error is not None:
            raise error

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # as the command does
    try:
        with progress(quiet=False):
            Patience(10).call(call)
    finally:
        optuna.logging.set_verbosity(verbosity)
    away, back = capsys.readouterr().err.splitlines()
    assert away == "The storage can't be used now: gone. Trying again for 10 seconds."
    assert re.fullmatch(r"The storage is back after \d\.\d seconds\.", back)
