"""The study of a search of data: what it keeps of them, and who finds them again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat.cli._commands._next import naming_search
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import ProblemError
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._options import WorkerOptions
from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._study import open_search
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._study import wait_for_search
from optuna_codeepneat.cli._terminal import progress
from optuna_codeepneat.problems import _registry
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._preprocessing import TextReader


pytest.importorskip("torch")
pytest.importorskip("pandas")


@pytest.fixture(autouse=True)
def table(folder: Path) -> Path:
    write(60)
    return folder / "sides.csv"


def write(n: int) -> None:
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(n)]
    Path("sides.csv").write_text("x,y,side\n" + "\n".join(rows))


def options(**more: Any) -> SearchOptions:
    return SearchOptions(**{"data": "sides.csv", "target": ["side"], "trials": 3, **more})


def test_a_study_goes_by_the_name_of_the_file() -> None:
    search = open_search(options())

    assert search.study.study_name == "sides" and search.storage == "sqlite:///sides.db"
    assert search.problem_name.startswith("data:sides.csv?target=side&content=")
    assert naming_search(search, options()) == ("sides", "--data sides.csv --target side")
    again = open_search(options())
    assert again.problem is search.problem
    for name in ("sides", search.problem_name, None):
        storage = None if name else search.storage
        study, problem = open_study(name, storage, None)
        assert study.study_name == "sides" and problem is search.problem
    assert open_study("sides", None, None, reads_data=False)[1] is None


def test_another_name_is_found_with_its_storage() -> None:
    own = options(study_name="mine")
    search = open_search(own)

    named, again = naming_search(search, own)

    assert named == "mine --storage sqlite:///sides.db"
    assert again == "--data sides.csv --target side --study-name mine"
    assert open_study("mine", "sqlite:///sides.db", None)[1] is search.problem


def test_a_search_goes_on_with_the_same_data_alone(capsys: pytest.CaptureFixture[str]) -> None:
    name = open_search(options()).problem_name

    with pytest.raises(
        CommandError, match="was begun with `--data sides.csv --target side`, not `.*auroc`"
    ):
        open_search(options(metric="auroc"))
    write(61)
    with pytest.raises(CommandError, match="begun with other data: 'sides.csv' has changed since"):
        open_search(options())
    # Whoever only looks does so without them.
    study, problem = open_study("sides", None, None)
    assert problem is None and study.user_attrs[PROBLEM] == name
    assert "Without the data of the search: the data in 'sides.csv' have changed" in (
        capsys.readouterr().err
    )
    write(60)
    open_search(options())


def join(storage: str = "sqlite:///sides.db", **more: Any) -> Any:
    worker = WorkerOptions(storage=storage, wait=0.0, **more)
    with StopNote() as stop, progress(quiet=True) as shown:
        return wait_for_search(worker, stop=stop, progress=shown)


def test_a_worker_joins_where_the_data_are() -> None:
    search = open_search(options())

    assert join().problem_name == search.problem_name
    assert join(problem="data:sides.csv?target=side").problem is search.problem
    with pytest.raises(CommandError, match="was begun with .*, not `--data sides.csv --target x`"):
        join(problem="data:sides.csv?target=x")
    write(61)
    _registry._READ.clear()  # as in another process
    with pytest.raises(ProblemError, match="have changed since the study was begun"):
        join()
    with pytest.raises(CommandError, match="begun with other data"):
        join(problem="data:sides.csv?target=side")


def test_data_without_a_hash_have_to_be_named() -> None:
    study: optuna.Study = open_search(options()).study
    study.set_user_attr(PROBLEM, "data:sides.csv?target=side")

    assert open_study("sides", None, None)[1] is None
    with pytest.raises(
        CommandError, match="name it too, `worker 'data:sides.csv.target=side' --storage"
    ):
        join()


def test_a_study_of_texts_that_is_older_than_padding_index_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [f"{'ab'[i % 2]},it is a film and {i}" for i in range(60)]
    Path("films.csv").write_text("kind,said\n" + "\n".join(texts))
    films = options(data="films.csv", target=["kind"], text="said")
    with monkeypatch.context() as patched:
        patched.setattr(TextReader, "padding_index", None)
        before = open_search(films)
    _registry._READ.clear()  # as in another process
    assert get_problem(before.problem_name).space.padding_index == 0

    again = open_search(films)

    joined = join(storage="sqlite:///films.db")
    for problem in (again.problem, open_study("films", None, None)[1], joined.problem):
        assert problem is not None and problem.space.fingerprint == before.settings.space
