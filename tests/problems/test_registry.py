from __future__ import annotations

import sys
from pathlib import Path

import pytest

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import available_problems
from optuna_codeepneat.problems import get_problem


MODULE = """
from optuna_codeepneat.problems import Problem

def make():
    return Problem(name="mine", title="Mine", make_space=None, load_splits=dict)

class Group:
    problem = make()

problem = make()
number = 3

def fails():
    raise OSError("no such disk")
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module in the current folder, where Python would not look for it."""
    name = f"problems_of_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    (tmp_path / f"{name}_broken.py").write_text("import no_such_package")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [p for p in sys.path if p not in ("", str(tmp_path))])
    return name


def test_built_in_problems_are_made_once() -> None:
    for name in available_problems():
        problem = get_problem(name)
        assert problem.name == name
        assert problem is get_problem(name)


def test_a_problem_needs_no_torch_until_it_trains() -> None:
    import subprocess

    code = (
        "import sys; from optuna_codeepneat.problems import get_problem; "
        "print(get_problem('mnist1d').space.input_shape, 'torch' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )

    assert out.stdout == "(1, 40) False\n"


@pytest.mark.parametrize("attribute", ["problem", "make", "Group.problem"])
def test_a_problem_of_the_users(module: str, attribute: str) -> None:
    path = list(sys.path)

    problem = get_problem(f"{module}:{attribute}")

    assert isinstance(problem, Problem)
    assert problem.title == "Mine"
    assert sys.path == path


@pytest.mark.parametrize("name", ["mnist", "mnist1d:", ":problem", ""])
def test_an_unknown_name(name: str) -> None:
    with pytest.raises(
        ValueError, match=r"there is no problem '.*'; the known ones are .*mnist1d"
    ):
        get_problem(name)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ("nothing", "has no 'nothing'"),
        ("Group.nothing", "has no 'Group.nothing'"),
        ("number", "must be a `Problem` or a function that returns one, got int"),
        ("fails", "can't be made: OSError: no such disk"),
    ],
)
def test_what_is_no_problem(module: str, attribute: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as error:
        get_problem(f"{module}:{attribute}")

    assert f"'{module}:{attribute}'" in str(error.value)


def test_a_module_that_cannot_be_imported(module: str) -> None:
    with pytest.raises(ValueError, match="failed with ModuleNotFoundError: No module named 'no_s"):
        get_problem(f"{module}_broken:problem")
    with pytest.raises(ValueError, match="No module named 'nowhere'"):
        get_problem("nowhere:problem")
