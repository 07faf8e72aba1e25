"""What a newcomer types first, and what each command says to type next."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands._next import naming
from optuna_codeepneat.cli._commands._next import naming_search
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import open_search
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.problems import available_problems
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.version import __version__


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def next_lines(err: str) -> list[list[str]]:
    """The command lines that a command ends with."""
    lines = [line.partition("#")[0] for line in err.partition("\nNext:\n")[2].splitlines()]
    return [shlex.split(line) for line in lines]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "--version")
    assert (status, err) == (0, "")
    assert out.startswith(f"optuna-codeepneat {__version__}, optuna ")
    assert out.count("\n") == 1


def test_problems_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "problems")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(available_problems())
    lines = [line.split(maxsplit=1)[1] for line in out.splitlines()]
    assert "MNIST-1D: maximize accuracy, minimize num_params" in lines
    assert (
        "Fashion-MNIST: maximize accuracy, minimize num_params; "
        "--set size=28, train=50000, recipe=cpu"
    ) in lines
    assert ["optuna-codeepneat", "init"] in next_lines(err)


def test_a_problem_that_is_begun_runs_as_it_stands(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    pytest.importorskip("torch")
    status, out, err = run(capsys, "init")
    assert (status, out) == (0, "my_problem.py\n")
    [[_, *search]] = next_lines(err)
    assert search == ["search", "my_problem.py", "--trials", "20"]
    search[-1] = "2"
    # Without a seed, two networks in a row may be no better than the floor.
    status, out, err = run(capsys, *search, "--workers", "1", "--final", "1", "--seed", "1")
    assert status == 0, err
    assert "trial" in out
    assert "failed" not in err
    # The next ones are right as well.
    said = next_lines(err)
    assert [line[1] for line in said] == ["front", "show", "export", "search"]
    for _, *line in said[:2]:
        status, out, err = run(capsys, *line)
        assert (status, err) == (0, "")
        assert out
    status, out, err = run(capsys, *said[2][1:])
    assert status == 0, err
    assert Path(said[2][-1], "README.md").exists()
    assert said[3][-2:] == ["--trials", "4"]


def test_no_file_is_overwritten(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    Path("mine.py").write_text("precious")
    status, _, err = run(capsys, "init", "mine.py")
    assert (status, err) == (1, "Error: 'mine.py' is there already; name another file.\n")
    assert Path("mine.py").read_text() == "precious"
    assert "PATH must be a file *.py, got 'mine'" in run(capsys, "init", "mine")[2]
    assert "can't write 'no/mine.py': No such file" in run(capsys, "init", "no/mine.py")[2]


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("sea", "search"), ("search mn", "mnist1d"), ("search to", "toy_problem.py")],
)
def test_a_shell_completes(folder: Path, typed: str, completed: str) -> None:
    words = f"optuna-codeepneat {typed}"
    variables = {
        "_OPTUNA_CODEEPNEAT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    root = str(Path(__file__).parents[3])
    process = subprocess.run(
        [sys.executable, "-m", "optuna_codeepneat.cli"],
        env=os.environ | {"PYTHONPATH": root} | variables,
        capture_output=True,
        text=True,
    )
    assert process.stdout.split() == [completed], process.stderr


def test_studies_are_named_as_they_were_and_no_password_is_shown() -> None:
    assert naming("mnist1d", None, None) == "mnist1d"
    assert naming(None, "sqlite:///my study.db", "b") == (
        "--storage 'sqlite:///my study.db' --study-name b"
    )
    assert "secret" not in naming(None, "postgresql://me:secret@host/db", None)


def test_options_are_said_again_and_their_study_goes_by_its_own_name(folder: Path) -> None:
    pytest.importorskip("torch")
    name = "fashion_mnist?train=5000&size=14"
    options = SearchOptions(problem=name, sampler=SamplerName.random, seed=1, trials=1)
    search = open_search(options)
    reading, again = naming_search(search, options)
    assert reading == search.study.study_name == "fashion_mnist-size14-train5000"
    assert again == "fashion_mnist --set size=14 --set train=5000"
    study, problem = open_study(reading, None, None)
    assert problem is get_problem("fashion_mnist", size=14, train=5000)
    # Code of the user's is named, as it is run for no name in a database.
    Path("mine.py").write_text("def make(size=3):\n    pass\n")
    own = SearchOptions(problem="mine:make?size=5")
    assert naming_search(search, own) == ("'mine:make?size=5'", "'mine:make?size=5'")


def test_pipes_are_left_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    say_next(("front mnist1d", "its front"))
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    say_next(("front mnist1d", "its front"), ("show  mnist1d 3", "draws it"))
    assert capsys.readouterr().err == (
        "\nNext:\n"
        "  optuna-codeepneat front mnist1d   # its front\n"
        "  optuna-codeepneat show mnist1d 3  # draws it\n"
    )
    monkeypatch.setenv("COLUMNS", "40")
    say_next(("front mnist1d", "its front"), ("show mnist1d 3", "draws it in colours"))
    assert capsys.readouterr().err == (
        "\nNext:\n"
        "  # its front:\n"
        "  optuna-codeepneat front mnist1d\n"
        "  # draws it in colours:\n"
        "  optuna-codeepneat show mnist1d 3\n"
    )
