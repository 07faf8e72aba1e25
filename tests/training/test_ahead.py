from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from optuna_codeepneat.training._ahead import ahead


def test_the_same_items_in_the_same_order() -> None:
    assert list(ahead(iter(range(5)))) == [0, 1, 2, 3, 4]
    assert list(ahead(iter(()))) == []


def test_the_next_one_is_made_meanwhile() -> None:
    made = [threading.Event() for _ in range(3)]

    def items() -> Iterator[int]:
        for i, event in enumerate(made):
            event.set()
            yield i

    for i in ahead(items()):
        assert i == 2 or made[i + 1].wait(10), "nobody made it"


def test_what_fails_reaches_who_asks() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    given = ahead(items())
    assert next(given) == 1
    with pytest.raises(ValueError, match="no more"):
        next(given)
