"""Journal files whose writers are killed, or have no room."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import _lock
from optuna_codeepneat.storages import open_storage
from optuna_codeepneat.storages._journal import WholeLinesBackend
from tests.frozen import Frozen
from tests.storages.conftest import fill


def ours(path: Path) -> BaseStorage:
    return open_storage(f"journal:///{path}")


def optunas(path: Path) -> BaseStorage:
    return JournalStorage(JournalFileBackend(str(path)))


def run_trials(storage: BaseStorage, number: int, name: str = "study") -> optuna.Study:
    study = optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        sampler=optuna.samplers.RandomSampler(seed=1),
    )
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=number)
    return study


def test_optuna_reads_and_continues_it(tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    for opened in (ours, optunas, ours):
        run_trials(opened(path), 2)
    assert len(run_trials(optunas(path), 0).trials) == 6


@pytest.mark.parametrize("cut", [1, 5, 12, 40])
def test_unfinished_line_is_passed_over(
    cut: int, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    """As of a process that was killed; `cut` bytes are missing from the last line."""
    path = tmp_path / "study.log"
    run_trials(optunas(path), 0)
    early = ours(path)  # a process that is there all the time
    run_trials(ours(path), 3)
    cut_short = path.read_bytes()[:-cut]
    path.write_bytes(cut_short)
    late = ours(path)
    assert run_trials(early, 1).trials[-1].state == TrialState.COMPLETE
    run_trials(late, 1)
    assert sum("unfinished line" in record.getMessage() for record in log.records) == 1
    for reader in (early, late, ours(path)):
        states = [trial.state for trial in run_trials(reader, 0).trials]
        done = TrialState.COMPLETE
        assert states == [done, done, TrialState.RUNNING, done, done]
    assert path.read_bytes().startswith(cut_short)  # nothing is ever removed


def test_file_that_is_nothing_but_an_unfinished_line(tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    for beginning in (b'{"op', b'{"op_code":0,"worker_id":' + b"x" * 100_000, b"\0" * 70_000):
        path.write_bytes(beginning)
        run_trials(ours(path), 1)
        assert len(run_trials(ours(path), 0).trials) == 1


def test_every_beginning_of_a_line_is_passed_over(tmp_path: Path) -> None:
    """Whatever was written of a line, and whether or not its end was seen to be missing."""
    path = tmp_path / "study.log"
    logs = [{"op_code": 8, "user_attr": {'a"\\': [{"op_code": 1}, "}", None, 1e-05]}}]
    line = json.dumps(logs[0], separators=(",", ":")).encode()
    for end in range(1, len(line) + 1):
        path.write_bytes(line + b"\n" + line[:end])
        late = WholeLinesBackend(str(path))
        late.append_logs(logs)
        # A process that was frozen before it wrote an end for what has one by now.
        path.write_bytes(path.read_bytes() + b"\x18\n" + line + b"\n")
        assert list(late.read_logs(0)) == logs * 3
        assert list(late.read_logs(2)) == logs
        # One that did not see that an end is needed.
        path.write_bytes(line + b"\n" + line[:end] + line + b"\n" + line + b"\n")
        assert list(WholeLinesBackend(str(path)).read_logs(0)) == logs * 2


def test_line_that_is_damaged_is_an_error(tmp_path: Path) -> None:
    """To pass it over would give its trial's number to the next one."""
    path = tmp_path / "study.log"
    run_trials(ours(path), 2)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b":", b";"), *lines[3:]]))
    with pytest.raises(StorageError, match="or damaged"):
        ours(path)


@pytest.mark.parametrize("text", ["a note without a line's end", '{"op_kind": 1}'])
def test_text_of_a_user_is_not_removed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text(text)
    with pytest.raises(StorageError, match="note.txt is no journal of Optuna's"):
        run_trials(ours(path), 1)
    assert path.read_text() == text


def test_write_that_failed_in_the_end_is_not_done_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may have read the line: it stays, and its writer finds it at the next attempt."""
    path = tmp_path / "study.log"
    study = run_trials(ours(path), 1)
    fsync, failures = os.fsync, [0]

    def fails(file: int) -> None:
        if failures[0]:
            failures[0] -= 1
            raise OSError(errno.EIO, "broken")
        fsync(file)

    monkeypatch.setattr("os.fsync", fails)
    for number in (1, 2):
        failures[0] = 1
        trial = study.ask()
        assert failures == [0]
        failures[0] = 1
        study.tell(trial, 0.5)
        assert (trial.number, failures) == (number, [0])
    for reader in (ours(path), optunas(path)):
        states = [trial.state for trial in run_trials(reader, 0).trials]
        assert states == [TrialState.COMPLETE] * 3


@pytest.fixture
def frozen_writer(path: str, call: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Frozen]:
    """A process that appends a log, frozen before or after a call of the system."""
    monkeypatch.setattr(_lock, "_GRACE", 0.5)
    with Frozen(FREEZING, path, call) as process:
        yield process


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("call", ["symlink", "write", "fsync", "unlink"])
class TestFrozenWriter:
    """A process that is frozen while it appends, for longer than others wait."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> str:
        return str(tmp_path / "study.log")

    @pytest.mark.parametrize("ending", [None, signal.SIGINT])
    def test_removes_nothing(
        self, ending: signal.Signals | None, path: str, frozen_writer: Frozen
    ) -> None:
        others = WholeLinesBackend(path)
        logs = [{"op_code": 9, "n": n} for n in range(10)]
        for entry in logs:
            others.append_logs([entry])
        status = frozen_writer.go_on(ending)
        assert (status == 0) == (ending is None)
        others.append_logs([{"op_code": 9, "n": 10}])
        for reader in (others, WholeLinesBackend(path)):
            found = list(reader.read_logs(0))
            theirs = [entry for entry in found if entry["n"] == -1]
            assert [e for e in found if e["n"] >= 0] == [*logs, {"op_code": 9, "n": 10}]
            assert len(theirs) <= 1 and (ending is not None or len(theirs) == 1)
        assert os.listdir(os.path.dirname(path)) == ["study.log"]

    def test_finds_that_its_line_has_no_beginning(self, path: str, frozen_writer: Frozen) -> None:
        """One that took over has been killed while it wrote."""
        WholeLinesBackend(path).append_logs([{"op_code": 9, "n": 0}])
        with open(path, "ab") as file:
            file.write(b'{"op_code":9,"n')
        assert frozen_writer.go_on() == 0
        WholeLinesBackend(path).append_logs([{"op_code": 9, "n": 1}])
        found = [entry["n"] for entry in WholeLinesBackend(path).read_logs(0)]
        assert sorted(found) == [-1, 0, 1]


FREEZING = """
import os, signal, sys
from optuna_codeepneat.storages._journal import WholeLinesBackend
_, path, name = sys.argv
real = getattr(os, name)
def call(*args):
    setattr(os, name, real)
    before = name in ("write", "unlink")
    result = None if before else real(*args)
    os.kill(os.getpid(), signal.SIGSTOP)
    return real(*args) if before else result
backend = WholeLinesBackend(path)
setattr(os, name, call)
backend.append_logs([{"op_code": 9, "n": -1}])
"""


@pytest.mark.parametrize("scheme", ["journal", "sqlite"])
def test_full_disk_is_waited_for(
    scheme: str, small_disk: Path, log: pytest.LogCaptureFixture
) -> None:
    path = small_disk / "study"
    storage = open_storage(f"{scheme}:///{path}", patience=30)
    study = run_trials(storage, 1)
    filler = small_disk / "filler"
    room = threading.Timer(1, filler.unlink)

    def objective(trial: optuna.Trial) -> float:
        if trial.number == 1:
            fill(filler)
            room.start()
        trial.set_user_attr("text", "x" * 400_000)
        return trial.suggest_float("x", 0, 1)

    study.optimize(objective, n_trials=5)
    room.join()
    said = [record.getMessage() for record in log.records]
    assert sum("its disk is full" in line for line in said) == 1
    assert sum("is back" in line for line in said) == 1
    for reader in (storage, open_storage(f"{scheme}:///{path}")):
        trials = reader.get_all_trials(study._study_id)
        assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 6
        assert all(trial.user_attrs["text"] == "x" * 400_000 for trial in trials[1:])


def test_disk_that_stays_full_is_one_error(small_disk: Path) -> None:
    study = run_trials(open_storage(f"journal:///{small_disk}/study", patience=0.2), 1)
    fill(small_disk / "filler")
    with pytest.raises(StorageError, match="its disk is full"):
        for _ in range(100):
            study.ask()
