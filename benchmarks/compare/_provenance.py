"""Where a figure is from."""

from __future__ import annotations

import platform
import subprocess
from datetime import date
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version
from pathlib import Path
from typing import Any


_PACKAGES = ("optuna", "torch", "numpy", "moocore", "optuna-codeepneat")


def provenance() -> dict[str, Any]:
    """Date, machine and versions."""
    return {
        "date": str(date.today()),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "versions": _versions(),
    }


def _versions() -> dict[str, str]:
    """Of what figures depend on."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """That of the code, with ``-dirty`` if it has changed since; empty outside of git."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(
        command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
