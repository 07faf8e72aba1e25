"""`show --svg` and `--png`: the files, and what is said where there can be none."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import optuna
import pytest

from optuna_codeepneat.cli._commands._drawing import Drawings
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.visualization import network_png
from optuna_codeepneat.visualization import network_svg
from tests.cli.test_main import TOY
from tests.cli.test_main import URL
from tests.cli.test_main import make_study
from tests.cli.test_main import run


SVG, PNG = "toy-3.svg", "toy-3.png"


def test_the_network_of_a_trial_is_drawn(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    trial = make_study().trials[3]
    architecture = load_problem(TOY).space.decode(trial.params)
    plain = run(capsys, "show", TOY, "3")[1]
    Path("pictures").mkdir()
    paths = (str(Path("pictures", "net.svg")), str(folder / "net.PNG"))
    status, out, err = run(capsys, "show", TOY, "3", "--svg", paths[0], f"--png={paths[1]}")
    assert (status, err) == (0, "")
    title = f"toy, trial 3: accuracy {100 * trial.values[0]:.1f} %"
    assert Path(paths[0]).read_text("utf-8") == network_svg(architecture, title=title)
    assert Path(paths[1]).read_bytes() == network_png(architecture, title=title)
    # The same table, and below it where the pictures are.
    lines = out.splitlines()
    assert [line.split() for line in lines[-2:]] == [["svg", paths[0]], ["png", paths[1]]]
    assert lines[:-3] == plain.splitlines()


def files() -> list[str]:
    """What lies in the folder, without what SQLite has there as long as a database is open."""
    return sorted(name for name in os.listdir() if not name.endswith(("-shm", "-wal")))


@pytest.mark.parametrize(
    "words",
    [
        f"{TOY} 3 --svg",
        f"{TOY} --svg 3",
        f"3 --svg --storage {URL}",
        f"--storage {URL} 3 --svg",
        f"{TOY} 3 --svg=",
        f"{TOY} 3 --svg {SVG}",
    ],
)
def test_a_path_may_be_left_out(
    capsys: pytest.CaptureFixture[str], folder: Path, words: str
) -> None:
    make_study()
    status, out, err = run(capsys, "show", *words.split())
    assert (status, err) == (0, "")
    assert out.splitlines()[-1].split() == ["svg", SVG]
    assert ElementTree.parse(SVG).getroot().attrib["aria-label"].startswith("toy, trial 3: ")
    assert not Path(PNG).exists()


def test_a_folder_is_made(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study()
    assert run(capsys, "show", TOY, "3", "--svg", "there/too/net.svg")[0] == 0
    assert Path("there/too/net.svg").exists()


def test_both_without_a_path(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    make_study()
    assert run(capsys, "show", TOY, "3", "--svg", "--png")[0] == 0
    assert Path(SVG).exists()
    assert Path(PNG).read_bytes().startswith(b"\x89PNG")


def test_a_trial_without_a_result_is_drawn(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = make_study()
    same = {"params": study.trials[3].params, "distributions": study.trials[3].distributions}
    failed = optuna.trial.TrialState.FAIL
    study.add_trial(optuna.trial.create_trial(state=failed, **same))
    assert run(capsys, "show", TOY, "6", "--svg", "6.svg")[0] == 0
    label = ElementTree.parse("6.svg").getroot().attrib["aria-label"]
    assert label.startswith("toy, trial 6 (fail): ")


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ("3 --svg toy.db/net.svg", 1, "cannot write 'toy.db/net.svg': File exists"),
        ("3 --png net.svg", 2, "`--png` must be a file *.png, got 'net.svg'"),
        ("3 --svg net", 2, "`--svg` must be a file *.svg, got 'net'"),
        ("3 --svg folder.svg", 1, "cannot write 'folder.svg': Is a directory"),
    ],
)
def test_what_cannot_be_written_is_one_sentence(
    capsys: pytest.CaptureFixture[str], folder: Path, words: str, status: int, sentence: str
) -> None:
    make_study()
    Path("folder.svg").mkdir()
    before = files()
    assert run(capsys, "show", TOY, *words.split()) == (status, "", f"Error: {sentence}.\n")
    assert files() == before


def test_a_trial_without_a_network_leaves_no_file(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    study = make_study(n_trials=1)
    study.add_trial(optuna.trial.create_trial(state=optuna.trial.TrialState.PRUNED))
    status, _, err = run(capsys, "show", TOY, "1", "--svg")
    assert (status, err) == (1, "Error: trial 1 holds no network (pruned).\n")
    assert not list(folder.glob("*.svg"))


def test_missing_package_is_said_before_a_study_is_opened(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from optuna_codeepneat import visualization

    monkeypatch.setitem(sys.modules, "resvg_py", None)
    monkeypatch.delitem(
        sys.modules, "optuna_codeepneat.visualization._diagram._png", raising=False
    )
    monkeypatch.delitem(vars(visualization), "network_png", raising=False)
    status, _, err = run(capsys, "show", "no_such_problem", "3", "--png")
    assert (status, err) == (
        1,
        "Error: `--png`: `network_png` needs resvg; install it with: "
        "pip install optuna-codeepneat[visualization].\n",
    )


def test_names_of_studies_make_names_of_files(folder: Path) -> None:
    study = optuna.create_study(study_name="../a study: of/mine?")
    study.enqueue_trial({})
    trial = study.ask()
    space = load_problem(TOY).space
    architecture = space.suggest(trial)
    written = Drawings(svg="").write(architecture, study, study.trials[0])
    assert written == {"svg": "a-study-of-mine-53542800-0.svg"}
    assert Path("a-study-of-mine-53542800-0.svg").exists()
