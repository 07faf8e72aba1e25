"""Each point of SECURITY.md is the docstring of the test that shows it."""

from __future__ import annotations

import base64
import inspect
import os
import pickle
import re
import sqlite3
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import build_network
from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat.cli import main
from optuna_codeepneat.cli._commands._dashboard import open_places
from optuna_codeepneat.cli._commands._dashboard import studies_shown
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study._artifacts import diagrams_place
from optuna_codeepneat.cli._study._artifacts import settings_here
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.export import save_network
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.problems import available_problems
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import needs_no_trust
from optuna_codeepneat.problems import options_of
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import unpack
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.visualization import write_report
from optuna_codeepneat.visualization._dashboard._note import note_of
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.cli.conftest import folder as folder
from tests.cli.conftest import verbosity as verbosity
from tests.cli.study.test_artifacts import SETTINGS
from tests.cli.study.test_artifacts import Notes
from tests.morphism.conftest import store as store
from tests.morphism.conftest import study as study
from tests.morphism.conftest import warnings as warnings
from tests.morphism.lines import Flaky
from tests.morphism.lines import begin
from tests.morphism.lines import file_of
from tests.morphism.lines import genome
from tests.morphism.lines import saved
from tests.morphism.lines import set_text
from tests.morphism.lines import starts_afresh
from tests.morphism.test_damaged_weights import Exploit
from tests.morphism.test_damaged_weights import changed_weights
from tests.morphism.test_damaged_weights import one
from tests.morphism.test_damaged_weights import replace_content


PAGE = (Path(__file__).parents[1] / "SECURITY.md").read_text(encoding="utf-8")
URL = "sqlite:///study.db"
TOY = "toy_problem:toy"
TRAP = "open('sprung', 'w').close()\nfrom toy_problem import toy as snare\n"


def begun(problem: str = TOY, n_trials: int = 2) -> optuna.Study:
    """A study as a search leaves it, whose database was then told of another problem."""
    search = open_search(
        SearchOptions(problem=TOY, storage=URL, sampler=SamplerName.random, seed=1, trials=9)
    )
    search.study.optimize(search.problem.objective, n_trials=n_trials)
    search.study.set_user_attr(PROBLEM, problem)
    return search.study


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No test finds the module of another."""
    yield
    sys.modules.pop("snare", None)


def is_sprung() -> bool:
    return Path("sprung").exists()


# -- what whoever writes the database cannot do ------------------------------------------------


def test_looking_runs_nothing(folder: Path) -> None:
    """Run code where somebody looks: `front`, `show`, `report`, `verify` and `dashboard` import no
    code that the database names, but for the built-in problems.
    """
    Path("snare.py").write_text(TRAP)
    begun("snare:snare")
    for command in ("front", "show 0", "report", "verify"):
        main([*command.split(), "--storage", URL])
    open_places(studies_shown(None, URL, None)[1], None)  # of the dashboard
    assert not is_sprung()


def test_a_worker_has_to_be_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run code on the machine of a worker that is not told to trust them: `worker` runs a
    built-in problem at once, and one of your own if the command line names it too, if you say so
    when it asks, which it does on a terminal alone, or with `--trust-problem`.
    """
    Path("snare.py").write_text(TRAP)
    begun("snare:snare")
    assert main(["worker", "--storage", URL, "--wait", "0"]) == 1
    assert "would be run here; name it too" in capsys.readouterr().err
    assert not is_sprung()
    assert (
        main(["worker", "snare:snare", "--storage", URL, "--trials", "1", "--workers", "1"]) == 0
    )
    assert is_sprung()


def test_a_module_is_no_box_of_tools() -> None:
    """Call what lies about in a module: of one that is imported nothing is used but a `Problem`,
    or a function that this very module defines; `os:abort` is refused.
    """
    for name in ("os:abort", "os:getcwd", "subprocess:Popen", "pathlib:Path"):
        with pytest.raises(ValueError, match="must be a `Problem` or a function"):
            get_problem(name)


def test_data_need_their_hash(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Have files read that they don't know: the data of a search are read if they have the hash
    that the database names, wherever that says they are; others have to be named as code has.
    """
    Path("secret.csv").write_text("x,y\n1,treasure\n2,treasure\n")
    for name, said in {
        "data:secret.csv?target=y&content=0123456789abcdef": "have changed since",
        "data:secret.csv?target=y": "name it too",
        "data:/dev/zero?target=y&content=0123456789abcdef": "have changed since",
    }.items():
        begun(name, n_trials=1)
        for command in ("front", "show 0", "report", "worker --wait 0"):
            main([*command.split(), "--storage", URL])
        shown = "".join(capsys.readouterr())
        assert said in shown and "treasure" not in shown
        Path("study.db").unlink()


def test_a_folder_needs_a_mark(tmp_path: Path) -> None:
    """Choose a folder for a worker to write to: a folder that only the database names is used if
    a search has marked it by a file `.codeepneat`, or if weights lie in it; any other needs
    `--artifacts`.
    """
    notes, there = Notes(), tmp_path / "there"
    settings = SearchSettings(**{**vars(SETTINGS), "artifacts": str(there)})
    for is_made in (False, True):
        if is_made:
            there.mkdir()
        assert settings_here(settings, None, notes).artifacts is None
        assert diagrams_place(settings, notes, joins=True) is None
        assert there.exists() == is_made and not list(tmp_path.glob("there/*"))
    assert all("unless `--artifacts` names that folder" in text for text in notes.texts)
    assert settings_here(settings, str(there), notes).artifacts == str(there)
    for ours in (".codeepneat", "weights-toy-0-a.safetensors"):
        (there / ours).touch()
        assert settings_here(settings, None, notes).artifacts == str(there)
        assert diagrams_place(settings, notes, joins=True) == str(there)
        (there / ours).unlink()


def test_files_of_others_stay(study: optuna.Study, store: Flaky) -> None:
    """Have files removed that are none of the study's: it removes weights alone, and only those
    whose names say that this study wrote them, in this database.
    """
    names = ("photo.png", "weights-x-0-0123456789ab-0000000000000000.safetensors")
    for name in names:
        trial, _ = begin(study, genome("x", "y"))
        set_text(trial, WEIGHTS, SavedWeights(name, "0" * 64, 1, 1).pack())
        file_of(study, store, trial.number).touch()
        study.tell(trial, 1.0)
    saved(study, store)
    assert Checkpoints(store).collect_garbage(study, everything=True) <= 1
    assert set(names) <= set(os.listdir(store._base_path))


def test_no_text_is_a_bomb() -> None:
    """Fill the memory: what a trial stores of the evolution unpacks to 64 MiB at most; what is
    larger or damaged is passed over, or named in one sentence.
    """
    bomb = base64.b64encode(zlib.compress(bytes(2**30), 1)).decode()
    tracemalloc.start()
    with pytest.raises(StoredStateError, match="^trial 3 is damaged and cannot be read.$"):
        unpack(bomb, "trial 3")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200 * 2**20

    space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
    sampler = CoDeepNEATSampler(space, seed=1, assembled_population_size=2)
    study = optuna.create_study(sampler=sampler)
    damaged = 0
    for _ in range(8):
        trial = study.ask()
        value = space.suggest(trial).num_params
        if RECORD in study.trials[trial.number].system_attrs:
            damaged += 1
            trial.storage.set_trial_system_attr(trial._trial_id, RECORD, f"1 0 a b {bomb}")
        study.tell(trial, value)
    assert len(study.get_trials(states=[TrialState.COMPLETE])) == 8
    assert damaged


def test_terminals_obey_nobody(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    r"""Command a terminal: control characters in names and attributes are written out, as
    `\x1b`.
    """
    study = begun()
    study.set_metric_names(["acc\x1b]0;owned\x07", "size"])
    study.add_trial(create_trial(values=[9.0, 1.0], user_attrs={"a\x1b[2J": "b\x1b[2J"}))
    for command in ("front", "show 2", "verify"):
        main([*command.split(), "--storage", URL])
    said = "".join(capsys.readouterr())
    assert "\x1b" not in said and "\x07" not in said
    assert r"\x1b" in said


def test_pages_show_names_as_they_are(tmp_path: Path) -> None:
    """Put markup into pages: names are escaped in the report's HTML and in the Markdown of the
    dashboard's note.
    """
    evil = "<img src=x onerror=alert(1)>|*b*"
    study = optuna.create_study(study_name=evil, directions=["maximize", "minimize"])
    study.add_trial(create_trial(values=[1.0, 2.0], user_attrs={evil: evil}))
    study.set_metric_names([evil, "size"])
    assert "<img src=x" not in write_report(study, tmp_path / "report.html").read_text()
    note = note_of(study, StudyTrials(study))
    assert re.search(r"(?<!\\)<img", note) is None
    assert r"\|\*b\*" in note


# -- what whoever writes the place of artifacts cannot do --------------------------------------


def test_weights_are_no_code(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    """Run code by weights: they are read as safetensors and JSON, never as a pickle."""
    trap = tmp_path / "sprung"
    donor = replace_content(study, store, pickle.dumps(Exploit(trap)))
    starts_afresh(study, store, donor, warnings, "they are no safetensors")
    assert not trap.exists()


def test_weights_are_those_that_were_saved(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    """Pass off other weights for those that were saved: their hash is in the database; what
    differs is refused with a warning, and the network starts afresh.
    """
    (donor, _), (other, _) = saved(study, store), saved(study, store, steps=900)
    file_of(study, store, donor).write_bytes(file_of(study, store, other).read_bytes())
    starts_afresh(study, store, donor, warnings, "their hash differs")


def test_weights_are_numbers(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    """Pass off broken weights, not even together with the database: types and shapes have to be
    those of the network, and all numbers finite.
    """
    for change, reason in [
        (one(float("nan")), "they are not finite"),
        (lambda tensor: tensor.bool(), "built otherwise here"),
        (lambda tensor: tensor[:-1].clone(), "built otherwise here"),
    ]:
        donor = replace_content(study, store, changed_weights("b.x/core.weight", change))
        starts_afresh(study, store, donor, warnings, reason)


@pytest.mark.skipif(sys.platform == "win32", reason="has no such pipes")
def test_weights_are_files(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    """Let a worker wait for ever: a pipe or a folder in the place of a file is not opened."""
    for make in (os.mkfifo, os.mkdir):
        donor, _ = saved(study, store)
        file = file_of(study, store, donor)
        file.unlink()
        make(file)
        starts_afresh(study, store, donor, warnings, "is no regular file")


def test_exported_networks_are_no_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run code by an exported network: `predict` and `load_network` read JSON and safetensors
    alone, whatever else lies in the directory.
    """
    trap, architecture = tmp_path / "sprung", SearchSpace.dense(input_shape=(2,), num_outputs=2)
    network = build_network(architecture.smallest())
    save_network(tmp_path / "net", network, architecture.smallest())
    content = pickle.dumps(Exploit(trap))
    np.save(tmp_path / "x.npy", np.zeros((1, 2)))
    for name in ("model.pt2", "model.onnx", "pytorch_model.bin", "hook.py"):
        (tmp_path / "net" / name).write_bytes(content)
    assert main(["predict", str(tmp_path / "net"), str(tmp_path / "x.npy")]) == 0
    (tmp_path / "net" / "model.safetensors").write_bytes(content)
    (tmp_path / "x.npy").write_bytes(content)
    assert main(["predict", str(tmp_path / "net"), str(tmp_path / "x.npy")]) == 1
    assert "is damaged" in capsys.readouterr().err
    assert not trap.exists()


# -- what they can do --------------------------------------------------------------------------


def test_results_can_be_made_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever writes the database can make up results, and so mislead the evolution and what a
    report says; `verify` finds generations that don't follow from the stored results, but not
    results that are made up.
    """
    search = open_search(SearchOptions(problem=TOY, storage=URL, seed=1, population_size=2))
    search.study.optimize(search.problem.objective, n_trials=8)
    honest = search.study.trials[0]
    search.study.add_trial(
        create_trial(values=[0.999, 1.0], params=honest.params, distributions=honest.distributions)
    )
    assert main(["verify", "--storage", URL]) == 0
    assert main(["front", "--storage", URL]) == 0
    assert "99.9 %" in capsys.readouterr().out
    with sqlite3.connect("study.db") as database:
        database.execute("UPDATE trial_values SET value = 1 - value / 1e6 WHERE trial_id < 7")
    assert main(["verify", "--storage", URL]) == 1


def test_a_search_goes_on_where_the_study_says(folder: Path) -> None:
    """Whoever writes the database can say in which folder a `search` that is resumed goes on to
    keep its weights and diagrams, by names of our own making; `--artifacts` names another.
    """
    study = begun()
    known = SearchSettings.recorded(study)
    assert known is not None
    SearchSettings(**{**vars(known), "artifacts": str(folder / "there")}).record(study)
    again = SearchOptions(problem=TOY, storage=URL)
    assert open_search(again).settings.artifacts == str(folder / "there")
    named = SearchOptions(problem=TOY, storage=URL, artifacts="mine")
    assert open_search(named).settings.artifacts == str(folder / "mine")


def test_trust_runs_code(folder: Path) -> None:
    """Whoever writes the database runs code on the machine of each `worker --trust-problem`, as
    far as it can be imported there.
    """
    Path("snare.py").write_text(TRAP)
    begun("snare:snare")
    trusting = ("worker", "--trust-problem", "--storage", URL, "--trials", "1", "--workers", "1")
    assert main([*trusting]) == 0
    assert is_sprung()


def test_options_are_bounded_numbers_and_choices() -> None:
    """Whoever writes the database can name another built-in problem for a worker, or other options
    of one: bounded numbers and choices, never a path or code, but more data may be read than
    somebody meant to.
    """
    assert needs_no_trust("fashion_mnist?size=14") and needs_no_trust("chest_xray")
    assert not needs_no_trust("os:abort?size=14")
    for name in available_problems():
        for option, default in options_of(name).items():
            strange = "/etc/passwd" if isinstance(default, str) else 10**9
            with pytest.raises(ValueError, match=f"`{option}` must be "):
                get_problem(name, **{option: strange})


def test_weights_can_be_removed(
    study: optuna.Study, store: Flaky, warnings: pytest.LogCaptureFixture
) -> None:
    """Whoever writes the place of artifacts can remove or damage them: it costs a warning, and
    networks start afresh.
    """
    donor, _ = saved(study, store)
    file_of(study, store, donor).write_bytes(b"")
    starts_afresh(study, store, donor, warnings, "they are cut off")
    file_of(study, store, donor).unlink()
    starts_afresh(study, store, donor, warnings, "they are gone from the artifact store")


# -- the page ----------------------------------------------------------------------------------


def test_each_point_has_its_test() -> None:
    lists = PAGE.split("\n## ")[1:4]
    point = re.compile(r"^\* (.*?)$(?!\n  )", re.M | re.S)
    points = [found for text in lists for found in point.findall(text)]
    tests = [
        inspect.getdoc(test)
        for name, test in globals().items()
        if name.startswith("test_") and test.__doc__
    ]
    assert [" ".join(found.split()) for found in points] == [
        " ".join(str(text).split()) for text in tests
    ]
    assert len(points) == 19
