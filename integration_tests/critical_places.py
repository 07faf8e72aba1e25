"""Where a process may be hit while it stores a trial: in a transaction, within an append."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import Any

import sqlalchemy


def before_statement(n: int, act: Callable[[], None]) -> None:
    """Acts before the n-th statement of SQL that changes something, or its commit."""
    step, changed = _nth(n, act), False

    def execute(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        nonlocal changed
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            changed = True
            step()

    def commit(connection: Any) -> None:
        nonlocal changed
        if changed:
            step()
        changed = False

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", execute)
    sqlalchemy.event.listen(sqlalchemy.Engine, "commit", commit)


def within_append(n: int, act: Callable[[], None]) -> None:
    """Acts at the n-th step of appends to a journal: locked, about to write, written."""
    step = _nth(n, act)

    def surrounded(name: str, *, after: bool) -> None:
        call = getattr(os, name)

        def surrounding(*args: Any) -> Any:
            if after:
                result = call(*args)
                step()
                return result
            step()
            return call(*args)

        setattr(os, name, surrounding)

    surrounded("symlink", after=True)
    surrounded("write", after=False)
    surrounded("fsync", after=True)


def _nth(n: int, act: Callable[[], None]) -> Callable[[], None]:
    """Acts at its n-th call, and at no other."""
    calls = count(1)

    def step() -> None:
        if next(calls) == n:
            act()

    return step
