from __future__ import annotations

import sys
from pathlib import Path

import pytest

from optuna_codeepneat.problems import Problem
from optuna_codeepneat.problems import available_problems
from optuna_codeepneat.problems import canonical_name
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import needs_no_trust
from optuna_codeepneat.problems import options_of


MODULE = """
import functools
import sys
from sys import exit
from optuna_codeepneat.problems import Problem

def make():
    return Problem(name="mine", title="Mine", make_space=None, load_splits=dict)

class Group:
    problem = make()

problem = make()
number = 3

def _wrapped():
    return make()

cached = functools.cache(make)
exits = sys.exit

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


def test_built_in_problems_have_options() -> None:
    problem = get_problem("fashion_mnist", size=14)
    assert problem.space.input_shape == (1, 14, 14)
    assert problem.name == "fashion_mnist-size14"
    assert problem.title == "Fashion-MNIST (size 14)"
    for name in ("fashion_mnist?size=14", "fashion_mnist?size=14&recipe=cpu"):
        assert get_problem(name) is problem
        assert canonical_name(name) == "fashion_mnist?size=14"
    assert get_problem("fashion_mnist", size=28) is get_problem("fashion_mnist")
    assert canonical_name("fashion_mnist?size=28") == "fashion_mnist"
    assert canonical_name("fashion_mnist?siz=28") == "fashion_mnist?siz=28"
    assert canonical_name("./mine.py:make?b=1&a=2") == "mine.py:make?a=2&b=1"
    assert options_of("fashion_mnist") == {"size": 28, "train": 50_000, "recipe": "cpu"}
    assert needs_no_trust("fashion_mnist?size=14")
    assert not needs_no_trust("mine:make?size=14")
    with pytest.raises(ValueError, match="can't be made: `size` must be one of 14, 28, got 13"):
        get_problem("fashion_mnist", size=13)
    with pytest.raises(ValueError, match="'mnist1d' has no option 'size'; it has none"):
        get_problem("mnist1d", size=13)


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


@pytest.mark.parametrize("attribute", ["problem", "make", "cached", "Group.problem"])
def test_a_problem_of_the_users(module: str, attribute: str) -> None:
    path = list(sys.path)

    problem = get_problem(f"{module}:{attribute}")

    assert isinstance(problem, Problem)
    assert problem.title == "Mine"
    assert sys.path == path


@pytest.mark.parametrize("name", ["mnist", "mnist1d:", "mine.py:", ":problem", ""])
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
        ("exit", "defined in 'problems_of_.*', got <built-in function exit>"),
        ("functools.lru_cache", "defined in 'problems_of_.*', got <function lru_cache"),
        ("Problem", "defined in 'problems_of_.*', got <class"),
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


def test_functions_of_other_modules_are_not_called() -> None:
    with pytest.raises(ValueError, match="must be a `Problem` or a function .* in 'os'"):
        get_problem("os:abort")


@pytest.mark.parametrize("form", ["{}.py:problem", "./{}.py:problem", "{folder}/{}.py:make"])
def test_a_file(module: str, tmp_path: Path, form: str) -> None:
    path = list(sys.path)
    problem = get_problem(form.format(module, folder=tmp_path))
    assert problem.title == "Mine"
    assert sys.path == path
    assert sys.modules[module].__file__ == str(tmp_path / f"{module}.py")
    assert get_problem(f"{module}:problem") is get_problem(f"{module}.py:problem")


def test_a_file_elsewhere_that_has_the_name_of_another_module(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text(MODULE + "import sibling")
    (tmp_path / "sibling.py").write_text("")
    before = sys.modules["json"]
    assert get_problem(f"{tmp_path}/json.py:problem").title == "Mine"
    assert sys.modules["json"] is before
    assert get_problem(f"{tmp_path}/json.py:problem") is get_problem(f"{tmp_path}/json.py:problem")


def test_a_file_with_one_problem_needs_no_attribute(tmp_path: Path) -> None:
    one, two = tmp_path / "one_of_mine.py", tmp_path / "two_of_mine.py"
    one.write_text(MODULE)
    two.write_text(MODULE + "\nsecond = make()")
    assert get_problem(str(one)).title == "Mine"
    with pytest.raises(ValueError, match=r"two_of_mine.py' holds problem, second; name one as /"):
        get_problem(str(two))
    two.write_text("")
    del sys.modules["two_of_mine"]
    with pytest.raises(ValueError, match="holds no `Problem`; name one as"):
        get_problem(str(two))
    with pytest.raises(ValueError, match="FileNotFoundError: .*none.py"):
        get_problem("none.py:problem")


def test_names_of_files_begin_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("./a/mine.py:x", f"{tmp_path}/a/mine.py:x", "a/../a/mine.py:x"):
        assert canonical_name(name) == "a/mine.py:x"
    # One in this folder is a module, unless it hides another.
    for stem in ("a_problem_of_mine", "json"):
        (tmp_path / f"{stem}.py").touch()
    assert canonical_name(f"{tmp_path}/a_problem_of_mine.py:x") == "a_problem_of_mine:x"
    assert canonical_name("a_problem_of_mine.py") == "a_problem_of_mine.py"
    assert canonical_name("./json.py:x") == "json.py:x"
    assert canonical_name("../mine.py") == f"{tmp_path.parent}/mine.py"
    assert canonical_name("mine:x") == "mine:x"
    assert canonical_name("mnist1d") == "mnist1d"
