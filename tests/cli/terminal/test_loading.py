from __future__ import annotations

import pytest

from optuna_codeepneat.cli._terminal import Progress
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.cli._terminal import _loading
from optuna_codeepneat.cli._terminal import loading_shown
from optuna_codeepneat.problems._loading import report_loaded


class Shown(Progress):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def update(self, snapshot: Snapshot) -> None:
        self.lines.append(f"... {snapshot}")

    def finish(self, snapshot: Snapshot) -> None:
        self.lines.append(str(snapshot))


def test_what_takes_long_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, now = Shown(), 100.0
    monkeypatch.setattr(_loading.time, "monotonic", lambda: now)
    with loading_shown(shown):
        report_loaded(64, 400)  # nobody wonders yet
        now = 110.0
        report_loaded(100, 400)
        now = 140.0
        report_loaded(400, 400)
    report_loaded(1, 400)  # nobody listens any more
    assert shown.lines == [
        "... 100/400 images decoded, 0:10, 0:30 left",
        "400/400 images decoded, 0:40",
    ]


def test_a_progress_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_loading, "_PATIENCE", 0.0)
    with loading_shown():
        report_loaded(400, 400)
    with loading_shown(quiet=True):
        report_loaded(400, 400)
    assert capsys.readouterr().err == "400/400 images decoded, 0:00\n"
