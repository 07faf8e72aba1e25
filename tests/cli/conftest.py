"""A folder with a problem in it, as a user of the command has."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest


@pytest.fixture(autouse=True)
def verbosity() -> Iterator[None]:
    """Commands silence Optuna's log, which other tests listen to."""
    before = optuna.logging.get_verbosity()
    yield
    optuna.logging.set_verbosity(before)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of a test, which holds ``toy_problem.py``."""
    shutil.copy(Path(__file__).with_name("toy_problem.py"), tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "toy_problem", raising=False)
    monkeypatch.delitem(sys.modules, "other_problem", raising=False)
    return tmp_path
