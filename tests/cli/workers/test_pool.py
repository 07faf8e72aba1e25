"""How a lost worker is described."""

from __future__ import annotations

import pytest

from optuna_codeepneat.cli._workers._pool import Crashed


@pytest.mark.parametrize(
    ("exit_code", "reason"),
    [(-9, "was killed by SIGKILL"), (-11, "was killed by SIGSEGV"), (3, "ended with status 3")],
)
def test_reason(exit_code: int, reason: str) -> None:
    assert Crashed(None, 7, exit_code).reason == reason


def test_reason_of_one_that_took_too_long() -> None:
    assert "went on beyond `--trial-timeout`" in Crashed(None, 7, -9, overdue=True).reason
