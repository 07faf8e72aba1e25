from __future__ import annotations

import os

import pytest

from optuna_codeepneat._machine import memory_bytes
from optuna_codeepneat._machine import usable_cores


def test_memory_is_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory_bytes() > 1 << 28
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert memory_bytes() == float("inf")


def test_there_is_a_core_for_this_process_at_least(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usable_cores()
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert len(usable_cores()) >= 1
