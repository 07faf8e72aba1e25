"""`ahead`: what comes next is made while the present is used."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from typing import cast


_Item = TypeVar("_Item")
_END = object()


def ahead(items: Iterator[_Item]) -> Iterator[_Item]:
    """The same items, each made by a thread while its predecessor is used."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, items, _END)
        while (item := following.result()) is not _END:
            following = pool.submit(next, items, _END)
            yield cast(_Item, item)
