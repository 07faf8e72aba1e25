"""The command `report`, and the report at the end of a search."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.trial import create_trial

from optuna_codeepneat.cli._commands._report import end_with_report
from optuna_codeepneat.cli._commands._training_in_words import training_in_words
from optuna_codeepneat.cli._study._studies import load_problem
from tests.cli.test_main import TOY
from tests.cli.test_main import URL
from tests.cli.test_main import make_study
from tests.cli.test_main import run
from tests.visualization.report.reading import Reading


NAME = "toy-report.html"


def test_report_is_written_here_and_its_name_printed(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = make_study()
    assert run(capsys, "report", TOY) == (0, f"{NAME}\n", "")
    report = Reading.of(folder / NAME)
    assert sorted(report.trials) == sorted(t.number for t in study.best_trials)
    assert "Problem Toy networks (toy_problem:toy)," in report.text
    assert "hand-made (test) 70.0 %" in report.text
    details = report.details(report.trials[0])
    assert any(tag == "svg" for tag, _ in details.tags)


def test_options(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study()
    arguments = ("report", "--storage", URL, "--output", "seen.html", "--price-per-hour", "2.5")
    assert run(capsys, *arguments) == (0, "seen.html\n", "")
    history = Reading.of(folder / "seen.html").figures["history"]
    assert "cost" in str(history["layout"]["updatemenus"])


def test_a_study_of_ones_own_making(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    study = optuna.create_study(study_name="../my / study", storage="sqlite:///own.db")
    study.add_trial(create_trial(value=1.0))
    assert run(capsys, "report", "--storage", "sqlite:///own.db") == (
        0,
        "my-study-096336bf-report.html\n",
        "",
    )
    text = Reading.of(folder / "my-study-096336bf-report.html").text
    assert "The search space is not known here" in text


def test_a_study_without_trials(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study(n_trials=0)
    assert run(capsys, "report", TOY) == (0, f"{NAME}\n", "")


def other_study(name: str, *directions: str) -> optuna.Study:
    """A study beside that of the problem, in the same storage."""
    study = optuna.create_study(study_name=name, storage=URL, directions=directions)
    study.add_trial(create_trial(values=[0.5 + i for i in range(len(directions))]))
    return study


def test_figures_lie_beside_the_report(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study()
    names = [f"{name}.{kind}" for name in ("front", "history") for kind in ("pdf", "svg")]
    paths = [str(Path("paper", "figures", name)) for name in names]
    arguments = ("report", TOY, "--figures", "paper/figures")
    assert run(capsys, *arguments) == (0, "\n".join([*paths, NAME, ""]), "")
    first = {path: (folder / path).read_bytes() for path in paths}
    assert sorted(map(str, Path("paper").rglob("*.*"))) == sorted(paths)
    for path, content in first.items():
        assert content.startswith(b"%PDF-" if path.endswith("pdf") else b"<?xml")
    assert run(capsys, *arguments)[0] == 0
    assert {path: (folder / path).read_bytes() for path in paths} == first


def test_fronts_of_further_studies(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study()
    for name in ("one $", "two"):
        other_study(name, "maximize", "minimize")
    status, out, err = run(
        capsys, *("report", TOY, "--figures", ".", "--with", "one $", "--with", "two")
    )
    assert (status, err) == (0, "")
    assert out.endswith(f"comparison.pdf\ncomparison.svg\n{NAME}\n")
    text = (folder / "comparison.svg").read_text(encoding="utf-8")
    assert all(f"{name}</text>" in text for name in ("toy", "one $", "two", "after 1 networks"))


def test_figures_of_one_objective(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    other_study("alone", "maximize")
    status, out, _ = run(
        capsys, *("report", "--storage", URL, "--output", "x.html", "--figures", ".")
    )
    assert (status, out) == (0, "history.pdf\nhistory.svg\nx.html\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--figures toy_problem.py", "figures can't be written to 'toy_problem.py': File exists"),
        ("--figures toy_problem.py/x", "figures can't be written to .*: Not a directory"),
        ("--figures x --study-name empty", "the study 'empty' has no trial yet"),
        ("--figures x --with no", "there is no study 'no' in the storage; it holds .*"),
        ("--figures x --with upside", r"the fronts can't be compared: `objectives\[0\]` .*"),
        ("--figures x --with alone", "the fronts can't be compared: `objectives` must .*"),
        ("--with two", "`--with` goes with `--figures`"),
    ],
)
def test_figures_that_can_not_be_are_one_sentence(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: str, sentence: str
) -> None:
    make_study(n_trials=2)
    optuna.create_study(study_name="empty", storage=URL)
    other_study("upside", "minimize", "minimize")
    other_study("alone", "maximize")
    status, out, err = run(capsys, "report", TOY, *arguments.split())
    assert (status, out) == (2 if arguments == "--with two" else 1, "")
    assert re.fullmatch(rf"Error: {sentence}\.\n", err), err
    # Not all files are compared: SQLite's own come and go with connections.
    assert not [*folder.rglob("*.html"), *folder.rglob("*.pdf"), *folder.rglob("x")]


def test_figures_without_the_package_for_them(folder: Path) -> None:
    make_study()
    hide = "import sys; sys.modules['matplotlib'] = None; sys.path.insert(0, '.')"
    for arguments, said in (
        (["report", TOY], ""),
        (
            ["report", TOY, "--figures", "x"],
            "Error: `plot_history` needs Matplotlib; install it with: "
            "pip install optuna-codeepneat[visualization].\n",
        ),
    ):
        code = f"{hide}; from optuna_codeepneat.cli import main; sys.exit(main({arguments!r}))"
        process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (process.returncode, process.stderr) == (1 if said else 0, said)


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ("report", 2, "name the PROBLEM"),
        ("report mnist1d", 1, "there is no study database"),
        (f"report {TOY} --price-per-hour 0", 2, "--price-per-hour"),
        (f"report {TOY} --price-per-hour -1", 2, "--price-per-hour"),
        (
            f"report {TOY} --output toy.db/x.html",
            1,
            "can't be written to 'toy.db/x.html': File",
        ),
        (f"report {TOY} --output .", 1, "can't be written to '.': it is not a file"),
        (f"search {TOY} --report x.html --no-report", 2, "exclude each other"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: str, status: int, sentence: str
) -> None:
    def files() -> list[Path]:
        """Those of the folder; SQLite's own beside a database go when its connection does."""
        return sorted(p for p in folder.rglob("*") if not p.name.endswith(("-wal", "-shm")))

    make_study(n_trials=1)
    before = files()
    got, out, err = run(capsys, *arguments.split())
    assert (got, out) == (status, "")
    assert re.fullmatch(rf"Error: .*{sentence}.*\.\n", err), err
    assert files() == before


def test_without_the_packages_for_it(folder: Path) -> None:
    make_study()
    hide = "import sys; sys.modules['jinja2'] = None; sys.path.insert(0, '.')"
    code = f"{hide}; from optuna_codeepneat.cli import main; sys.exit(main(['report', {TOY!r}]))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 1
    assert process.stderr == (
        "Error: `write_report` needs Jinja2; install it with: "
        "pip install optuna-codeepneat[visualization].\n"
    )
    code = f"""
{hide}
from optuna_codeepneat.cli._commands._report import end_with_report
from optuna_codeepneat.cli._study._studies import open_study
end_with_report(*open_study({TOY!r}, None, None), None, quiet=True)
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0
    assert re.fullmatch(r"No report: `write_report` needs Jinja2; .*\n", process.stderr)


def test_a_search_ends_well_without_its_report(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study, problem = make_study(), load_problem(TOY)
    end_with_report(study, problem, "toy.db/x.html", quiet=True)
    sentence = r"No report: the report can't be written to 'toy.db/x.html': File exists\."
    assert re.fullmatch(rf"{sentence}\n", capsys.readouterr().err)
    with sqlite3.connect("toy.db") as database:
        database.execute("DROP TABLE study_user_attributes")
    end_with_report(study, problem, None, quiet=False)
    assert re.match(r"No report: it failed with StorageInternalError", capsys.readouterr().err)


def test_a_search_says_where_its_report_is_unless_it_is_quiet(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study, problem = make_study(), load_problem(TOY)
    end_with_report(study, problem, None, quiet=False)
    assert capsys.readouterr() == ("", f"Report: {NAME}\n")
    end_with_report(study, problem, "other.html", quiet=True)
    assert capsys.readouterr() == ("", "")
    assert (folder / "other.html").exists()


def test_training_in_words(folder: Path) -> None:
    pytest.importorskip("torch")
    search, inherited, final = training_in_words(load_problem("mnist1d"))
    recipe = load_problem("mnist1d").search_recipe
    assert f"{recipe.steps:,} steps of {recipe.batch_size} examples with adamw" in search
    assert "its hyperparameters give learning rate" in search
    assert f"learning rate {recipe.learning_rate:g}" not in search
    assert inherited.endswith("with all of them 25%.")
    assert "from new weights" in final
    # A problem that trains in its own way says nothing of it.
    assert training_in_words(load_problem(TOY)) == []


def test_a_disk_that_takes_no_more(folder: Path) -> None:
    resource = pytest.importorskip("resource")
    make_study()
    (folder / NAME).write_text("old")
    process = subprocess.run(
        [sys.executable, "-m", "optuna_codeepneat.cli", "report", TOY],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
    )
    assert process.returncode == 1
    assert process.stderr == f"Error: the report can't be written to '{NAME}': File too large.\n"
    assert (folder / NAME).read_text() == "old"
    assert not list(folder.glob(".*"))
