"""A memory that does not grow."""

from __future__ import annotations

from optuna_codeepneat._recent import Recent


def test_what_was_not_used_for_longest_is_forgotten() -> None:
    recent: Recent[str, int] = Recent(2)
    recent["a"] = 1
    recent["b"] = 2
    assert recent["a"] == 1
    recent["c"] = 3
    assert dict(recent) == {"a": 1, "c": 3}
    recent["a"] = 4
    recent["d"] = 5
    assert dict(recent) == {"a": 4, "d": 5}


def test_it_is_a_dictionary() -> None:
    recent: Recent[int, list[int]] = Recent(2)
    recent.setdefault(1, []).append(7)
    recent.setdefault(1, []).append(8)
    assert recent[1] == [7, 8]
    assert 2 not in recent
    assert recent.get(2) is None
    for key in (2, 3):
        recent[key] = []
    assert list(recent) == [2, 3]
    assert len(recent) == 2
    assert 1 not in recent
