"""The command line: what is said where it is wrong, and what reading commands print."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands._training_in_words import training_in_words
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.cli._terminal import network_table


TOY = "toy_problem:toy"
URL = "sqlite:///toy.db"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def make_study(problem: str = TOY, n_trials: int = 6) -> optuna.Study:
    """A study as `search` makes it, in this process."""
    study = open_search(
        SearchOptions(problem=problem, sampler=SamplerName.random, seed=1, trials=6)
    ).study
    study.optimize(load_problem(problem).objective, n_trials=n_trials)
    return study


# -- import and help ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "import optuna_codeepneat.cli",
        "from optuna_codeepneat.cli import main; main(['--help'])",
        "from optuna_codeepneat.cli import main; main(['search', '--help'])",
        "from optuna_codeepneat.cli import main; main(['search', 'x', '--trials', '0'])",
    ],
)
def test_no_torch_and_no_optuna_before_there_is_work(statement: str) -> None:
    code = f"import sys; {statement}; assert not {{'torch', 'optuna'}} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("arguments", [(), ("-h",), ("search", "--help"), ("show", "-h")])
def test_help(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, out, err = run(capsys, *arguments)
    assert status == 0
    assert out.startswith("Usage: optuna-codeepneat")
    assert err == ""


def test_help_says_that_trials_are_a_total(capsys: pytest.CaptureFixture[str]) -> None:
    assert "IN ALL" in run(capsys, "search", "-h")[1]


# -- wrong arguments ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        ("search", 2, "name the PROBLEM to search, or your own data by `--data`"),
        ("fly", 2, "No such command 'fly'"),
        (f"search {TOY} --trials 0", 2, "Invalid value for '--trials': .* 1"),
        (f"search {TOY} --trials many", 2, "Invalid value for '--trials': it must be .*integer"),
        (f"search {TOY} --seed {2**63}", 2, "Invalid value for '--seed'"),
        (f"search {TOY} --workers 0", 2, "Invalid value for '--workers'"),
        (f"search {TOY} --sampler magic", 2, "for '--sampler': 'magic' is not one of 'codeepn"),
        (f"search {TOY} --inherit all", 2, "Invalid value for '--inherit'"),
        (f"search {TOY} --population-size 1", 2, "Invalid value for '--population-size'"),
        ("search no_such_problem", 1, "no_such_problem"),
        ("search no_such_module:toy", 1, "no_such_module"),
        ("search toy_problem:no_such_attribute", 1, "no_such_attribute"),
        (f"search {TOY} --storage nonsense", 1, "`--storage`: 'nonsense' is no URL of a storage"),
        (f"search {TOY} --storage sqlite:///no/such/x.db", 1, "unable to open database file"),
        (f"search {TOY} --storage sqlite:///toy_problem.py", 1, "file is not a database"),
        (f"search {TOY} --storage sqlite://", 1, "name a file"),
        ("front", 2, "name the PROBLEM"),
        ("front mnist1d", 1, "there is no study database 'mnist1d.db' here"),
        (f"show {TOY}", 2, "name the number of a trial too, as in `show toy_problem:toy 17`"),
        (f"show {TOY} x", 2, "TRIAL must be the number of a trial, `best` or `knee`, got 'x'"),
        (f"show {TOY} -3", 2, "No such option"),
        ("show", 2, "TRIAL must be the number"),
    ],
)
def test_wrong_arguments_are_one_sentence(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: str, status: int, sentence: str
) -> None:
    before = sorted(folder.glob("*.db"))
    got, out, err = run(capsys, *arguments.split())
    assert (got, out) == (status, "")
    assert re.fullmatch(rf"Error: .*{sentence}.*\.\n", err), err
    assert sorted(folder.glob("*.db")) == before


@pytest.mark.parametrize(
    ("device", "sentence"),
    [("cuda:99", "isn't there: torch finds"), ("gpu", "`--device` must be auto, cpu")],
)
def test_device_that_is_not_there(
    capsys: pytest.CaptureFixture[str], folder: Path, device: str, sentence: str
) -> None:
    pytest.importorskip("torch")
    status, _, err = run(capsys, "search", TOY, "--device", device)
    assert status != 0
    assert sentence in err


@pytest.mark.parametrize("url", ["redis://:se/cr@127.0.0.1:1/0", "mysql://me:se?cr@h@x/y"])
@pytest.mark.parametrize(
    "arguments",
    [
        "front --storage=URL --debug",
        "front URL",
        "search URL --trials 1",
        f"search {TOY} --trials 1 --artifacts URL",
        f"search {TOY} --trials URL",
        "URL",
    ],
)
def test_passwords_are_shown_nowhere(
    capsys: pytest.CaptureFixture[str], folder: Path, url: str, arguments: str
) -> None:
    status, out, err = run(capsys, *arguments.replace("URL", url).split())
    assert status != 0
    assert not re.search(r"\bse\b|\bcr\b", out + err), err


def test_no_password_in_the_line_that_resumes(folder: Path) -> None:
    url = "redis://:se/cr?et@127.0.0.1:1/0"
    code = f"from optuna_codeepneat.cli import main; main(['worker', '--storage', {url!r}])"
    worker = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert worker.stderr is not None
    said = ""
    while "Waiting" not in said:
        said += worker.stderr.readline()
    worker.send_signal(signal.SIGINT)
    said += worker.communicate(timeout=60)[1]
    assert said.rstrip().endswith("worker --storage 'redis://:***@127.0.0.1:1/0'")
    assert "cr" not in said.replace("search", "")


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    status, _, err = run(capsys, "front", TOY, "--debug")
    assert status == 1
    assert err.startswith("Traceback")
    assert err.splitlines()[-1].startswith("Error: there is no study database")


# -- studies of others -------------------------------------------------------------------------


def test_study_of_another_problem(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study(n_trials=1)
    other = "toy_problem:single"
    options = ("--storage", URL, "--study-name", "toy")
    for command in ("search", "front"):
        status, _, err = run(capsys, command, other, *options)
        assert status == 1
        assert f"is of the problem '{TOY}', not '{other}'" in err


def test_a_study_may_be_named_in_the_place_of_its_problem(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    search = ("--trials", "2", "--workers", "1", "--final", "0", "--no-report", "--quiet")
    status, _, err = run(capsys, "search", TOY, *search, "--study-name", "mine", "--storage", URL)
    assert status == 0, err
    status, out, err = run(capsys, "front", "mine", "--storage", URL)
    assert status == 0, err
    assert "parameters" in out
    # One of the user's own making has no problem to look for.
    study = optuna.create_study(study_name="theirs", storage=URL)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    status, _, err = run(capsys, "front", "theirs", "--storage", URL)
    assert status == 0, err
    status, _, err = run(capsys, "front", "nothing", "--storage", URL, "--study-name", "theirs")
    assert status == 1
    assert "nothing" in err


def test_study_with_other_directions(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    optuna.create_study(study_name="toy", storage=URL, directions=["maximize"] * 2)
    status, _, err = run(capsys, "search", TOY)
    assert status == 1
    assert "has the directions maximize, maximize, the problem" in err
    assert "has maximize, minimize; choose another `--study-name`" in err


def test_study_of_another_search_space(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    study = make_study(n_trials=1)
    study.set_user_attr(SETTINGS, study.user_attrs[SETTINGS] | {"space": "another"})
    status, _, err = run(capsys, "search", TOY)
    assert status == 1
    assert "was made with another search space" in err


def test_generations_keep_their_size(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    study = make_study(n_trials=1)
    settings = study.user_attrs[SETTINGS] | {
        "sampler": "codeepneat",
        "population_size": 8,
    }
    study.set_user_attr(SETTINGS, settings)
    status, _, err = run(capsys, "search", TOY, "--population-size", "12")
    assert status == 1
    assert "was begun with `--population-size 8`, and generations keep their size" in err
    assert "leave the option out, got 12." in err
    study.set_user_attr(SETTINGS, settings | {"population_size": None})
    _, _, err = run(capsys, "search", TOY, "--population-size", "12")
    assert "was begun without `--population-size`, and generations keep" in err


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        ("--sampler tpe --inherit exact", 2, "`--inherit` must be off with `--sampler tpe`"),
        ("--inherit exact --artifacts ftp://x", 1, "`--artifacts`: 'ftp://x' is no place for"),
        ("--inherit fresh --artifacts toy_problem.py", 1, "toy_problem.py: it is no folder"),
    ],
)
def test_weights_that_have_no_place(
    capsys: pytest.CaptureFixture[str], folder: Path, options: str, status: int, sentence: str
) -> None:
    got, out, err = run(capsys, "search", TOY, *options.split())
    assert (got, out) == (status, "")
    assert re.fullmatch(rf"Error: .*{sentence}.*\.\n", err), err
    assert SETTINGS not in optuna.load_study(study_name="toy", storage=URL).user_attrs


def test_settings_are_remembered(folder: Path) -> None:
    study = make_study(n_trials=1)
    assert study.user_attrs[PROBLEM] == TOY
    assert study.user_attrs[SETTINGS]["seed"] == 1
    assert study.user_attrs[SETTINGS]["sampler"] == "random"
    assert study.metric_names == ["accuracy", "num_params"]
    again = open_search(SearchOptions(problem=TOY, storage=URL, trials=6))
    assert (again.settings.seed, again.settings.sampler) == (1, "random")
    assert len(again.study.trials) == 1


# -- reading -----------------------------------------------------------------------------------


def test_front(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    study = make_study()
    status, out, err = run(capsys, "front", TOY)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["trial", "accuracy", "parameters", "multiply-adds", "depth"]
    best = study.best_trials
    assert {int(line.split()[0]) for line in lines[1:]} == {trial.number for trial in best}
    sizes = {trial.number: f"{int(trial.values[1]):,}" for trial in best}
    for line in lines[1:]:
        assert line.replace(" (knee)", "").split()[3] == sizes[int(line.split()[0])]
    assert run(capsys, "front", "--storage", URL)[1] == out


def test_a_front_of_small_networks_and_its_knee(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = make_study(n_trials=30)
    members = study.best_trials
    limit = int(sorted(trial.values[1] for trial in members)[-2])
    status, out, err = run(capsys, "front", TOY, "--max-params", str(limit))
    assert (status, err) == (0, "")
    assert out.count("(knee)") == 1
    shown = {int(line.split()[0]) for line in out.splitlines()[1:]}
    assert shown == {trial.number for trial in members if trial.values[1] <= limit}
    status, _, err = run(capsys, "front", TOY, "--max-params", "1")
    assert status == 1
    assert "has no network of up to 1 parameters that meets its constraints" in err
    best = max(members, key=lambda trial: (trial.values[0], -trial.values[1]))
    assert run(capsys, "show", TOY, "best")[1] == run(capsys, "show", TOY, str(best.number))[1]
    status, out, _ = run(capsys, "show", TOY, "knee")
    assert status == 0
    assert out


def test_front_of_one_objective(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study("toy_problem:single", n_trials=12)
    status, out, _ = run(capsys, "front", "toy_problem:single")
    assert status == 0
    accuracies = [float(line.split()[1]) for line in out.splitlines()[1:]]
    assert len(accuracies) == 10
    assert accuracies == sorted(accuracies, reverse=True)


def test_front_of_a_study_of_the_users_own(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = optuna.create_study(storage="sqlite:///own.db", directions=["minimize"] * 2)
    study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 1.0), n_trials=3)
    status, out, _ = run(capsys, "front", "--storage", "sqlite:///own.db")
    assert status == 0
    assert out.splitlines()[0].split() == ["trial", "objective", "0", "objective", "1"]
    status, _, err = run(capsys, "show", "0", "--storage", "sqlite:///own.db")
    assert status == 1
    assert "trial 0 holds no network" in err


def test_several_studies_have_to_be_told_apart(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    for name in ("first", "second"):
        optuna.create_study(study_name=name, storage=URL)
    status, _, err = run(capsys, "front", "--storage", URL)
    assert status == 1
    assert "2 studies (first, second): name one with `--study-name`" in err
    assert (
        "no study 'third' in the storage"
        in run(capsys, "front", "--storage", URL, "--study-name", "third")[2]
    )
    assert (
        "has no front: no network has been completed yet"
        in run(capsys, "front", "--storage", URL, "--study-name", "first")[2]
    )


def test_show(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    study = make_study()
    study.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.PRUNED))
    architecture = load_problem(TOY).space.decode(study.trials[3].params)
    status, out, err = run(capsys, "show", TOY, "3")
    assert (status, err) == (0, "")
    assert out.startswith(network_table(architecture, None))
    assert f"num_params  {architecture.num_params:,}\n" in out
    # All that its training needs, in full.
    assert f"hyperparameters\n  lr  {study.trials[3].params['lr']!r}\n" in out
    assert run(capsys, "show", "3", TOY)[1] == out
    assert run(capsys, "show", "3", "--storage", URL)[1] == out
    assert "there is no trial 99; the study" in run(capsys, "show", TOY, "99")[2]
    assert "trial 6 holds no network (pruned)" in run(capsys, "show", TOY, "6")[2]


def test_show_says_how_networks_are_trained(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    problem = load_problem("mnist1d")
    study = open_search(
        SearchOptions(problem="mnist1d", sampler=SamplerName.random, seed=1, trials=1)
    ).study
    trial = study.ask()
    problem.space.suggest(trial)
    trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
    study.tell(trial, [0.5, 1000.0])
    status, out, err = run(capsys, "show", "mnist1d", "0")
    assert (status, err) == (0, "")
    assert f"  learning_rate  {study.trials[0].params['learning_rate']!r}\n" in out
    said = out.partition("\ntraining\n")[2]
    assert said.split() == " ".join(training_in_words(problem)).split()


@pytest.mark.parametrize("width", [54, 80])
def test_show_breaks_no_word_on_a_terminal(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    study = make_study()
    long = max(study.trials, key=lambda trial: len(trial.params)).number
    words = run(capsys, "show", TOY, str(long))[1].split()
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = run(capsys, "show", TOY, str(long))[1]
    assert max(map(len, out.splitlines())) <= width
    assert set(out.split()) <= set(words)
    # The line that the dashboard has room for is cut, this is not.
    assert "…" not in out
