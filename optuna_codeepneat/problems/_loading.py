"""How far the reading of data is, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class LoadingListener(Protocol):
    """Hears of data that are read."""

    def __call__(self, done: int, total: int) -> None:
        """So many images are decoded, of so many."""


_LISTENER: ContextVar[LoadingListener | None] = ContextVar("_LISTENER", default=None)


@contextmanager
def loading_heard(listener: LoadingListener) -> Iterator[None]:
    """A stretch in which a listener hears how far the reading of data is."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def report_loaded(done: int, total: int) -> None:
    """Tells the listener, if there is one, that so many images are decoded."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(done, total)
