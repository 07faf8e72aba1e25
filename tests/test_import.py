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


# -- figures -----------------------------------------------------------------------------------

DRAWING = ("jinja2", "matplotlib", "optuna_dashboard", "plotly", "resvg_py")


def test_import_of_figures_loads_none_of_what_draws_them() -> None:
    code = (
        "import sys; import optuna_codeepneat.visualization, "
        "optuna_codeepneat.visualization.matplotlib; "
        f"print(*sorted(set({DRAWING}) & set(sys.modules)))"
    )
    assert run(code) == ""


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [
        ("plot_history", "plotly", "visualization"),
        ("matplotlib.plot_history", "matplotlib", "visualization"),
        ("network_png", "resvg_py", "visualization"),
        ("write_report", "jinja2", "visualization"),
        ("publish", "optuna_dashboard", "dashboard"),
    ],
)
def test_missing_package_is_one_sentence_with_its_extra(
    name: str, package: str, extra: str
) -> None:
    module, _, name = f"optuna_codeepneat.visualization.{name}".rpartition(".")
    code = f"""
import sys
sys.modules["{package}"] = None
try:
    from {module} import {name}
except ImportError as error:
    print(error)
"""
    said = run(code)
    assert said.startswith(f"`{name}` needs ")
    assert said.endswith(f"; install it with: pip install optuna-codeepneat[{extra}]")


@pytest.mark.parametrize("name", ["Diagrams", "network_svg"])
def test_diagrams_need_nothing_that_optuna_does_not(name: str) -> None:
    blocked = "; ".join(f"sys.modules['{package}'] = None" for package in (*DRAWING, "torch"))
    run(f"import sys; {blocked}; from optuna_codeepneat.visualization import {name}")
