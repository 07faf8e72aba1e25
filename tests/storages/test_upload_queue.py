"""What is stored in the background: in order, again where it failed, and never in the way."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from optuna.artifacts import FileSystemArtifactStore

from optuna_codeepneat.storages import _upload_queue
from optuna_codeepneat.storages._upload_queue import Item
from optuna_codeepneat.storages._upload_queue import UploadQueue


class Store:
    """A store that fails for a while."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.written: list[tuple[str, bytes]] = []
        self.open = threading.Event()
        self.open.set()

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self.open.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("no space left")
        self.written.append((artifact_id, content_body.read()))

    def open_reader(self, artifact_id: str) -> BinaryIO:
        raise AssertionError("a queue writes, and reads nothing")

    def remove(self, artifact_id: str) -> None:
        raise AssertionError("a queue writes, and removes nothing")


class Trouble:
    """What went wrong."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def __call__(self, item: Item, error: Exception) -> None:
        self.said.append(f"{item.name}: {error}")


def item(name: str, make: Callable[[], bytes] = lambda: b"x") -> Item:
    return Item(name, make, name)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_upload_queue, "_FIRST_WAIT", 0.01)
    monkeypatch.setattr(_upload_queue, "_LONGEST_WAIT", 0.05)


def test_all_is_stored_in_order() -> None:
    store, trouble = Store(), Trouble()
    queue = UploadQueue(store, trouble)
    for name in "abc":
        queue.add(item(name, name.encode))
    assert queue.close(10.0) == 0
    assert store.written == [("a", b"a"), ("b", b"b"), ("c", b"c")]
    queue.add(item("d"))  # it may go on after that
    assert queue.close(10.0) == 0
    assert store.written[-1] == ("d", b"x")
    assert not trouble.said


def test_closing_what_never_had_anything() -> None:
    assert UploadQueue(Store(), Trouble()).close(10.0) == 0


def test_what_fails_is_tried_again_and_said_once() -> None:
    store, trouble = Store(failures=3), Trouble()
    queue = UploadQueue(store, trouble)
    queue.add(item("a"))
    queue.add(item("b"))
    end = time.monotonic() + 10
    while len(queue) and time.monotonic() < end:
        time.sleep(0.01)
    assert [name for name, _ in store.written] == ["a", "b"]
    assert trouble.said == ["a: no space left"]


def test_what_cannot_be_made_is_left_out() -> None:
    store, trouble = Store(), Trouble()
    queue = UploadQueue(store, trouble)
    queue.add(item("a", lambda: bytes(1 // 0)))
    queue.add(item("b"))
    assert queue.close(10.0) == 0
    assert [name for name, _ in store.written] == ["b"]
    assert trouble.said == ["a: integer division or modulo by zero"]


def test_store_that_never_works_is_given_up() -> None:
    queue = UploadQueue(Store(failures=10**9), Trouble(), capacity=2)
    assert not queue.is_full
    queue.add(item("a"))
    queue.add(item("b"))
    assert queue.is_full
    begin = time.monotonic()
    assert queue.close(10.0) == 2
    assert time.monotonic() - begin < 5.0
    assert not queue.is_full


def test_store_that_hangs_is_waited_for_no_longer_than_told() -> None:
    store = Store()
    store.open.clear()
    queue = UploadQueue(store, Trouble())
    queue.add(item("a"))
    assert queue.close(0.1) == 1
    store.open.set()


def test_copy_in_another_process_begins_with_nothing(tmp_path: Path) -> None:
    queue = UploadQueue(FileSystemArtifactStore(tmp_path / "gone"), print)
    queue.add(item("a"))
    copied = pickle.loads(pickle.dumps(queue))
    assert (len(copied), len(queue)) == (0, 1)
    assert queue.close(10.0) == 1
