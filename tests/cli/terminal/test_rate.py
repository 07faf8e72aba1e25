"""How fast networks finish: honest at first, and by the last of them later."""

from __future__ import annotations

import pytest

from optuna_codeepneat.cli._terminal._rate import Rate


def test_nothing_is_said_before_each_process_had_its_turn() -> None:
    pace = Rate(done=40)
    assert pace.rate(0.0, n_workers=4) is None
    pace.begin(10.0)
    for i in range(1, 4):
        pace.count(40 + i, 20.0 + i, n_workers=4)
        assert pace.rate(20.0 + i, n_workers=4) is None
    pace.count(44, 24.0, n_workers=4)
    assert pace.rate(24.0, n_workers=4) == pytest.approx(4 / 14)


def test_one_network_is_too_few_for_one_process() -> None:
    pace = Rate(done=0)
    pace.begin(0.0)
    pace.count(2, 2.0, n_workers=1)
    assert pace.rate(2.0, n_workers=1) is None
    pace.count(3, 3.0, n_workers=1)
    assert pace.rate(3.0, n_workers=1) == pytest.approx(1.0)


def test_last_networks_count() -> None:
    pace = Rate(done=0)
    pace.begin(0.0)
    for i in range(1, 101):  # the first half is fast
        pace.count(i, i if i <= 50 else 50 + 10 * (i - 50), n_workers=2)
    assert pace.rate(550.0, n_workers=2) == pytest.approx(0.1)


def test_rate_falls_while_nothing_finishes() -> None:
    pace = Rate(done=0)
    pace.begin(0.0)
    pace.begin(50.0)
    for done in range(1, 11):
        pace.count(done, float(done), n_workers=1)
    assert pace.rate(10.0, n_workers=1) == pytest.approx(1.0)
    pace.count(10, 100.0, n_workers=1)
    assert pace.rate(100.0, n_workers=1) == pytest.approx(0.1)
