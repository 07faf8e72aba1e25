from __future__ import annotations

import os

import pytest

from optuna_codeepneat._memory import memory_bytes


def test_memory_is_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory_bytes() > 1 << 28
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert memory_bytes() == float("inf")
