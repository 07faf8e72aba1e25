"""Importing the package: what it loads, and what works without torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

import optuna_codeepneat


HEAVY = ("moocore", "networkx", "rich", "torch", "typer")
WITHOUT_TORCH = sorted(set(optuna_codeepneat.__all__) - {"build_network"})


def run(code: str) -> str:
    """What a fresh process prints."""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    return process.stdout.strip()


def loaded_after(statement: str) -> list[str]:
    code = f"import sys; {statement}; print(*sorted(set({HEAVY}) & set(sys.modules)))"
    return run(code).split()


def test_import_loads_nothing_heavy() -> None:
    assert loaded_after("import optuna_codeepneat") == []


def test_names_for_the_first_trial_load_nothing_that_optuna_does_not() -> None:
    # The import line of the README, less `build_network`.
    assert loaded_after("from optuna_codeepneat import CoDeepNEATSampler, SearchSpace") == []


@pytest.mark.parametrize("name", WITHOUT_TORCH)
def test_name_resolves_where_torch_is_absent(name: str) -> None:
    code = f"import sys; sys.modules['torch'] = None; from optuna_codeepneat import {name}"
    run(code)


def test_missing_torch_is_one_clear_sentence() -> None:
    code = """
import sys
sys.modules["torch"] = None
try:
    from optuna_codeepneat import build_network
except ImportError as error:
    print(error)
"""
    expected = (
        "`build_network` needs PyTorch; install it with: pip install optuna-codeepneat[torch]"
    )
    assert run(code) == expected


def test_all_names_resolve() -> None:
    pytest.importorskip("torch")
    for name in optuna_codeepneat.__all__:
        assert getattr(optuna_codeepneat, name) is not None
    assert set(optuna_codeepneat.__all__) <= set(dir(optuna_codeepneat))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Network'"):
        _ = optuna_codeepneat.Network
