"""Journal files whose writers are killed, or have no room."""

from __future__ import annotations

import errno
import threading
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_storage
from optuna_codeepneat.storages._journal import WholeLinesBackend
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
def test_unfinished_line_is_removed(
    cut: int, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    """As of a process that was killed; `cut` bytes are missing from the last line."""
    path = tmp_path / "study.log"
    run_trials(optunas(path), 0)
    early = ours(path)  # a process that is there all the time
    run_trials(ours(path), 3)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    late = ours(path)
    assert run_trials(early, 1).trials[-1].state == TrialState.COMPLETE
    run_trials(late, 1)
    assert sum("unfinished line" in record.getMessage() for record in log.records) == 1
    for reader in (early, late, ours(path), optunas(path)):
        states = [trial.state for trial in run_trials(reader, 0).trials]
        done = TrialState.COMPLETE
        assert states == [done, done, TrialState.RUNNING, done, done]


def test_file_that_is_nothing_but_an_unfinished_line(tmp_path: Path) -> None:
    path = tmp_path / "study.log"
    for beginning in (b'{"op', b'{"op_code":0,"worker_id":' + b"x" * 100_000, b"\0" * 70_000):
        path.write_bytes(beginning)
        run_trials(ours(path), 1)
        assert len(run_trials(optunas(path), 0).trials) == 1


@pytest.mark.parametrize("text", ["a note without a line's end", '{"op_kind": 1}'])
def test_text_of_a_user_is_not_removed(text: str, tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text(text)
    with pytest.raises(StorageError, match="note.txt is no journal of Optuna's"):
        run_trials(ours(path), 1)
    assert path.read_text() == text


def test_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even if it failed in the end, so that it can be repeated."""
    backend = WholeLinesBackend(str(tmp_path / "study.log"))
    backend.append_logs([{"op_code": 1}])

    def fails(file: int) -> None:
        raise OSError(errno.EIO, "broken")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fails)
        with pytest.raises(OSError, match="broken"):
            backend.append_logs([{"op_code": 2}])
    backend.append_logs([{"op_code": 3}])
    assert list(backend.read_logs(0)) == [{"op_code": 1}, {"op_code": 3}]


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
