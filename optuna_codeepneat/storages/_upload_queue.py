"""Artifacts that are made and stored in the background, so that nobody waits for them."""

from __future__ import annotations

import atexit
import io
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from optuna_codeepneat._optuna import ArtifactStore

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_AT_EXIT = 5.0


@dataclass(frozen=True)
class Item:
    """Something to store."""

    artifact_id: str  # where
    make: Callable[[], bytes]  # called in the background
    name: str


class UploadQueue:
    """What is still to be stored, one thing after the other, in a thread that never fails.

    A store that is away or full is tried again, at growing intervals. Meanwhile the queue grows
    to its capacity and no further. ``on_trouble(item, error)`` is called in the thread for what
    can't be made, and for what can't be stored at the first attempt.
    """

    def __init__(
        self,
        store: ArtifactStore,
        on_trouble: Callable[[Item, Exception], None],
        *,
        capacity: int = 100,
    ) -> None:
        self._store = store
        self._on_trouble = on_trouble
        self._capacity = capacity
        self._forget()

    def _forget(self) -> None:
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False

    def __len__(self) -> int:
        """How many things wait."""
        return len(self._items)

    @property
    def is_full(self) -> bool:
        """Whether nothing more may be added now."""
        return len(self._items) >= self._capacity

    def add(self, item: Item) -> None:
        """Adds something and returns at once."""
        with self._changed:
            self._items.append(item)
            self._closing = False
            # Another process that this one forked has the items, and not the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
                atexit.unregister(self.close)
                atexit.register(self.close, _AT_EXIT)
            self._changed.notify_all()

    def close(self, seconds: float) -> int:
        """Waits until all is stored, or for some seconds; returns how many things are given up."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            while self._items and (left := deadline - time.monotonic()) > 0:
                if self._thread is None or not self._thread.is_alive():
                    break
                self._changed.wait(left)
            given_up = len(self._items)
            self._items.clear()
            self._changed.notify_all()
        atexit.unregister(self.close)
        return given_up

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._items and not self._closing:
                    self._changed.wait()
                if not self._items:
                    self._thread = None
                    return
                item = self._items[0]
            is_done = self._store_one(item)
            with self._changed:
                if is_done and self._items and self._items[0] is item:
                    self._items.popleft()
                self._changed.notify_all()
                if not is_done:
                    self._thread = None
                    return

    def _store_one(self, item: Item) -> bool:
        """Stores one thing; False where that has to be given up."""
        try:
            content = item.make()
        except Exception as error:
            self._on_trouble(item, error)
            return True
        wait = 0.0
        while True:
            is_last = self._closing  # a disk may have room again: one more attempt
            try:
                self._store.write(item.artifact_id, io.BytesIO(content))
                return True
            except Exception as error:  # whatever a store raises
                if not wait:
                    self._on_trouble(item, error)
            if is_last:
                return False
            wait = min(2 * wait or _FIRST_WAIT, _LONGEST_WAIT)
            with self._changed:
                self._changed.wait_for(lambda: self._closing, wait)

    def __getstate__(self) -> dict[str, object]:
        # A copy in another process begins with nothing.
        kept = ("_store", "_on_trouble", "_capacity")
        return {name: self.__dict__[name] for name in kept}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)
        self._forget()
