"""How far the reading of data is, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias


LoadingListener: TypeAlias = Callable[[int, int], None]
"""Hears how many images are decoded, of how many."""

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
