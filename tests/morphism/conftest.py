"""A study, a place for weights, and what the package warns of."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest

from tests.morphism.lines import Flaky
from tests.s3 import bucket as bucket  # a fixture, for the tests of this folder


@pytest.fixture
def study() -> optuna.Study:
    return optuna.create_study()


@pytest.fixture
def store(tmp_path: Path) -> Flaky:
    folder = tmp_path / "weights"
    folder.mkdir()
    return Flaky(folder)


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the package warns of, which Optuna's logger keeps from others."""
    logger = logging.getLogger("optuna")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)
