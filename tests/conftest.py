"""What every test shares: readable assertions, hypothesis profiles, one thread."""

from __future__ import annotations

import os
import sys

import hypothesis
import pytest


# Before numpy or torch load, so that it also holds for processes that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest.register_assert_rewrite("optuna.testing.pytest_samplers")

_SLOW_IS_FINE = [hypothesis.HealthCheck.too_slow]
hypothesis.settings.register_profile(
    "dev", deadline=None, max_examples=25, suppress_health_check=_SLOW_IS_FINE
)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=20, derandomize=True, suppress_health_check=_SLOW_IS_FINE
)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev")
)


@pytest.fixture(autouse=True)
def single_thread() -> None:
    """Keeps torch at one thread, where a test has loaded it; does not load it."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)
