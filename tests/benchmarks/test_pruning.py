"""What the benchmark of early stopping counts."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.pruning import RULES
from benchmarks.pruning import RUNGS
from benchmarks.pruning import WHOLE
from benchmarks.pruning import print_correlations
from benchmarks.pruning import print_rules
from benchmarks.pruning import replayed


def curve(accuracy: float) -> dict[str, Any]:
    rungs = {str(rung): accuracy * rung / WHOLE for rung in RUNGS}
    return {"rungs": rungs, "accuracy": accuracy, "num_params": 100.0, "feasible": True}


RISING = [curve(i / 20) for i in range(1, 13)]


def test_rules_are_replayed_one_training_after_the_other() -> None:
    halving = RULES["halving, a third"]
    assert replayed(halving(), RISING) == [WHOLE] * 12  # each is the best so far
    assert replayed(halving(), RISING[::-1]) == [WHOLE, *[4] * 11]
    by_size = replayed(RULES["size class"](), RISING[::-1])
    assert by_size[:3] == [WHOLE] * 3  # three have to be better
    assert set(by_size[5:]) == {9}


def test_every_rule_has_its_rungs_among_those_that_are_scored() -> None:
    assert {rung for make in RULES.values() for rung in make().rungs} <= set(RUNGS)


def test_tables(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    monkeypatch.setattr("benchmarks.pruning.ORDERS", 2)
    known = {"steady": {str(i): own for i, own in enumerate(RISING)} | {"12": None}}
    print_correlations(known)
    *_, row = capsys.readouterr().out.splitlines()
    assert row == f"| steady (12) | {' | '.join(['1.00'] * len(RUNGS))} | 32.5%, 60.0% |"
    print_rules(known)
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 2 + len(RULES)
    assert all(row.endswith("| 0% |") for row in rows[2:])  # the best of all is never behind
