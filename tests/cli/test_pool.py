"""How a lost worker is described."""

from __future__ import annotations

import pytest

from optuna_codeepneat.cli._pool import Crashed


@pytest.mark.parametrize(
    ("exit_code", "reason"),
    [(-9, "was killed by SIGKILL"), (-11, "was killed by SIGSEGV"), (3, "ended with status 3")],
)
def test_reason(exit_code: int, reason: str) -> None:
    assert Crashed(None, 7, exit_code).reason == reason
