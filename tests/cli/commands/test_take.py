"""`train` and `export`: what they say where they can't do it, and what is written."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import optuna
import pytest

from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat._attributes import store_final_network
from optuna_codeepneat._attributes import store_test_score
from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study import Search
from optuna_codeepneat.cli._study import open_search
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._study import search_of
from optuna_codeepneat.cli._workers import FinalSettings
from optuna_codeepneat.export import load_network
from optuna_codeepneat.problems import _registry
from tests.cli.small_study import NAMED
from tests.cli.small_study import NETWORK
from tests.cli.small_study import PROBLEM
from tests.cli.small_study import URL
from tests.cli.small_study import InlinePool
from tests.cli.small_study import searched
from tests.cli.small_study import trained_finally


@pytest.fixture
def search(folder: Path) -> Search:
    """A search of which the trials 1 and 2 are finally trained."""
    search = searched()
    trained_finally(search, [1, 2], InlinePool(search, finals=str(folder / "small-artifacts")))
    return search


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    status = main(arguments)
    out, err = capsys.readouterr()
    return status, out, err


def test_a_network_is_written_with_all_that_is_known_of_it(
    search: Search, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = run(capsys, "export", *NAMED, "1", "-o", "out/net", "--format", "onnx")
    assert status == 0, err
    assert "out/net/model.onnx" in out and "outputs differ from the network's by at most" in out
    assert "optuna-codeepneat predict out/net examples.npy" in err
    config = json.loads(Path("out/net/config.json").read_text())
    kept = stored_final_networks(search.study.user_attrs)[1][0]
    assert config["metric"] == {
        "name": "accuracy",
        "score": kept.score,
        "low": kept.low,
        "high": kept.high,
        "examples": 20,
    }
    assert config["task"] == "classification"
    trial = search.study.trials[1]
    assert config["told"]["params"] == trial.params
    page = Path("out/net/README.md").read_text()
    assert "# net\n" in page and "Small networks" in page and "for 3 steps of" in page
    assert Path("out/net/network.svg").read_text().startswith("<svg")
    loaded = load_network("out/net")
    assert loaded.architecture == search.problem.space.decode(trial.params)

    np.save("some.npy", np.zeros((2, 4)))
    status, out, err = run(capsys, "predict", "out/net", "some.npy")
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == [
        *("example", "some.npy:0", "some.npy:1")
    ]


def test_a_wider_network_is_written_as_such(
    search: Search, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by = FinalSettings(widen=2.0, augment=True, copies=3, schedule="plateau")
    pool = InlinePool(search, finals=str(folder / "small-artifacts"), finally_by=by)
    trained_finally(search, [1], pool, again=True)
    status, _, err = run(capsys, "export", *NAMED, "1", "-o", "net")
    assert status == 0, err
    kept = stored_final_networks(search.study.user_attrs)[1][0]
    loaded = load_network("net")
    assert loaded.architecture.num_params == kept.num_params
    page = Path("net/README.md").read_text()
    assert "Each width of the network that was searched is multiplied by 2." in page
    assert (
        "from new weights, on the training and the validation examples together, of which 10%"
        in page
    )
    assert "schedule plateau, precision float32, augmented by noise 0.1." in page
    assert "averaged over 3 changed copies" in page
    np.save("some.npy", np.zeros((2, 4)))
    assert run(capsys, "predict", "net", "some.npy")[0] == 0

    # Another wish than what was trained names the option that trains it anew.
    status, _, err = run(capsys, "train", *NAMED, "1")
    assert status == 0
    assert "Trial 1 was trained before for 3 steps, 2 times as wide; only `--again` trains" in err
    status, _, err = run(capsys, "train", *NAMED, "1", "--widen", "3")
    assert status == 0 and "only `--again` trains" in err
    assert "is widened" not in err  # as it is not


def test_one_that_is_trained_in_another_way_is_tested_again(
    search: Search, capsys: pytest.CaptureFixture[str]
) -> None:
    """The weights of its test were not kept, and its score says nothing of others."""
    store_test_score(search.study, 0, 0.123)
    status, _, err = run(capsys, "train", *NAMED, "0", "--steps", "4")
    assert status == 0
    assert "trained again, and tested, as it is trained in another way." in err
    kept = stored_final_networks(search.study.user_attrs)[0][0]
    assert kept.steps == 4 and kept.low is not None and kept.score != 0.123


def test_a_network_that_is_not_trained_names_the_command(
    search: Search, capsys: pytest.CaptureFixture[str]
) -> None:
    status, _, err = run(capsys, "export", *NAMED, "0")
    assert status == 1
    assert err == (
        "Error: trial 0 is not finally trained, or its weights were not kept: `optuna-codeepneat "
        f"train {PROBLEM} --storage {URL} 0` does so; those that are: 1, 2.\n"
    )


def test_weights_that_are_gone_are_one_sentence(
    search: Search, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = stored_final_networks(search.study.user_attrs)[1][0]
    place = folder / "small-artifacts"
    (place / kept.artifact).write_bytes(b"")
    status, _, err = run(capsys, "export", *NAMED, "1")
    assert status == 1
    assert err.startswith("Error: the weights of trial 1 can't be used: they are cut off")
    shutil.move(place, folder / "moved")
    status, _, err = run(capsys, "export", *NAMED, "2")
    assert status == 1
    assert "which is not here; name the place where they are here by `--artifacts`." in err
    status, _, err = run(capsys, "export", *NAMED, "2", "--artifacts", "moved")
    assert status == 0, err
    assert Path("small-2", "model.safetensors").exists()


def test_a_folder_that_only_the_database_names_is_not_read(
    search: Search, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "theirs").mkdir()
    network = NETWORK.__class__(**{**vars(NETWORK), "place": str(folder / "theirs")})
    store_final_network(search.study, 3, network)
    status, _, err = run(capsys, "export", *NAMED, "3")
    assert status == 1
    assert "not marked as the folder of a search" in err


def test_other_data_than_it_was_trained_on_are_noticed(
    search: Search, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = stored_final_networks(search.study.user_attrs)[1][0]
    network = NETWORK.__class__(**{**vars(kept), "preprocessing": "abc"})  # of an older version
    store_final_network(search.study, 3, network)
    status, _, err = run(capsys, "export", *NAMED, "3")
    assert status == 1
    assert "its preprocessing has changed" in err


def test_a_network_is_written_after_its_data_have_gone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas")
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(60)]
    Path("sides.csv").write_text("x,y,side\n" + "\n".join(rows))
    search = open_search(SearchOptions(data="sides.csv", target=["side"], steps=3, seed=1))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    search.study.optimize(search.problem.objective, n_trials=1)
    trained_finally(
        search, [0], InlinePool(search, finals=str(folder / "sides-artifacts")), keeping=True
    )
    assert run(capsys, "export", "sides", "0", "-o", "before")[0] == 0
    Path("sides.csv").unlink()
    _registry._READ.clear()  # as in another process

    status, _, err = run(capsys, "export", "sides", "0", "-o", "after")

    assert status == 0, err
    assert "Without the data of the search: there are no data at 'sides.csv'" in err
    assert "optuna-codeepneat predict after table.csv" in err
    before, after = (
        json.loads(Path(name, "config.json").read_text()) for name in ("before", "after")
    )
    assert after["preprocessing"] == before["preprocessing"] is not None
    assert after["classes"] == ["a", "b"] and after["task"] == "classification"
    Path("new.csv").write_text("x,y\n1,2\n")
    status, out, err = run(capsys, "predict", "after", "new.csv")
    assert (status, err) == (0, "") and "new.csv:2" in out
    # Whoever trains needs them.
    status, _, err = run(capsys, "train", "sides", "0")
    assert status == 1 and "the data of the study 'sides' are needed" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", *NAMED, "99"), "there is no trial 99"),
        (("train", *NAMED, "best", "--max-params", "1"), "no network with at most 1 parameters"),
        (("train", *NAMED, "--steps", "1", "--epochs", "1"), "either `--steps` or `--epochs`"),
        (("train", PROBLEM, "toy", "--storage", URL), "TRIAL must be the number of a trial, `be"),
        (("train", "--storage", URL), "whose code would be run here; name it too: `train tests."),
        (("train", *NAMED, "--widen", "0.5"), "Invalid value for '--widen': it must be gr"),
        (("train", *NAMED, "--schedule", "linear"), "'linear' is not one of 'one_cycle'"),
        (("train",), "name the PROBLEM that was searched"),
        (("train", "nothing"), "there is no "),
        (("train", *NAMED, "--artifacts", "small.db"), "`--artifacts`: artifacts can't be kept"),
        (("export", *NAMED, "1", "2"), "name one network to export, got 1, 2"),
        (("export", *NAMED, "1", "--format", "tflite"), "'tflite' is not one of"),
        (("export", *NAMED, "1", "-o", "."), "holds something else than an exported network"),
    ],
)
def test_what_is_wrong_is_one_sentence(
    search: Search,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    said: str,
) -> None:
    status, _, err = run(capsys, *arguments)
    assert status in (1, 2)
    assert err.startswith("Error: ") and said in err
    assert err.count("\n") == 1 and "Traceback" not in err


def test_a_problem_without_data_has_no_final_training(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.py").write_text(
        "from optuna_codeepneat import SearchSpace\n"
        "from optuna_codeepneat.problems import Problem\n"
        "mine = Problem(name='mine', title='Mine', objectives={'size': 'minimize'},\n"
        "    make_space=lambda: SearchSpace.dense(input_shape=(4,), num_outputs=2),\n"
        "    objective=lambda trial: 1.0)\n"
    )
    open_search(SearchOptions(problem="mine:mine"))
    status, _, err = run(capsys, "train", "mine:mine")
    assert status == 1
    assert "the problem 'mine' has no data of its own, and so no final training" in err


def test_front_and_show_say_what_was_trained(
    search: Search, capsys: pytest.CaptureFixture[str]
) -> None:
    study = search.study
    best = max(study.trials, key=lambda trial: (trial.values[0], -trial.values[1]))
    store_final_network(study, best.number, NETWORK)
    store_test_score(study, best.number, 0.9)
    status, out, _ = run(capsys, "front", *NAMED)
    heading, first = out.splitlines()[:2]
    assert status == 0
    assert heading.endswith("test accuracy") and first.endswith("90.0 %")
    _, out, _ = run(capsys, "show", *NAMED, str(best.number))
    assert (
        "This network was trained finally for 20 steps: test accuracy 90.0 % (95 % interval "
        "80.0 % to 95.0 %). Its weights are kept; `optuna-codeepneat export"
    ) in out
    how = {"schedule": "plateau", "augmentation": "noise 0.1", "copies": 20, "plain": 0.85}
    wide = replace(NETWORK, widen=2.0, num_params=9_876, inherited=0.25, **how)
    store_final_network(study, best.number, wide)
    _, out, _ = run(capsys, "show", *NAMED, str(best.number))
    assert (
        "trained finally for 20 steps, with its widths times 2 (9,876 parameters), 25% of its "
        "weights from the search, schedule plateau, augmented by noise 0.1: test accuracy 90.0 % "
        "(95 % interval 80.0 % to 95.0 %), averaged over 20 changed copies of each example, "
        "85.0 % without them. Its weights"
    ) in out
    other = next(n for n in (0, 3) if n != best.number)
    _, out, _ = run(capsys, "show", *NAMED, str(other))
    assert "trained finally" not in out
    store_test_score(study, other, 0.7)
    _, out, _ = run(capsys, "show", *NAMED, str(other))
    assert "test accuracy 70.0 %. Its weights were not kept; `optuna-codeepneat train" in out


def test_studies_of_users_own_making_can_be_trained(
    search: Search, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a search says of itself is not needed where the problem is named."""
    assert SETTINGS in search.study.user_attrs
    storage = search.study._storage
    own = optuna.create_study(
        study_name="own", storage=storage, directions=["maximize", "minimize"]
    )
    own.add_trials(search.study.trials)
    opened = search_of(
        *open_study(PROBLEM, URL, "own"), asked=PROBLEM, storage=URL, command="train"
    )
    assert opened.problem_name == PROBLEM
    assert opened.settings.artifacts is None
    status, _, err = run(capsys, "train", "own", "--storage", URL)
    assert status == 2
    assert "says nothing of its problem; name it" in err
