"""What the files and the studies of a problem are called."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._options import SearchOptions
from optuna_codeepneat.cli._study._names import default_storage
from optuna_codeepneat.cli._study._names import file_name
from optuna_codeepneat.cli._study._spaces import space_of
from optuna_codeepneat.cli._study._studies import load_problem
from optuna_codeepneat.cli._study._studies import open_search
from optuna_codeepneat.cli._study._studies import open_study


TOY = "toy_problem:toy"


def search(problem: str = TOY, **options: str) -> optuna.Study:
    return open_search(
        SearchOptions(problem=problem, sampler=SamplerName.random, seed=1, trials=1, **options)
    ).study


@pytest.mark.parametrize("name", ["mnist1d", "a-b", "Größe_2.5", "сеть", "研究", "データ-1"])
def test_a_plain_name_is_its_own_file_name(name: str) -> None:
    assert file_name(name) == name


@pytest.mark.parametrize(
    ("name", "begin"),
    [("a/b", "a-b-"), ("研究/1", "研究-1-"), ("..", "study-"), ("x" * 300, "xxx"), ("\udcff", "")],
)
def test_other_names_stay_readable(name: str, begin: str) -> None:
    assert file_name(name).startswith(begin)


NAMES = [
    "a/b",
    "a-b",
    "a b",
    "a:b",
    "сеть 1",
    "сеть",
    "研究",
    "研究/",
    "-",
    "..",
    "",
    "é",
    "e\u0301",
]


def test_one_name_one_file() -> None:
    names = [*NAMES, *map(file_name, NAMES), "x" * 300, "x" * 301, "研" * 300, "研" * 301]
    assert len(set(map(file_name, names))) == len(set(names))


@given(st.text())
def test_every_name_is_a_file_s(name: str) -> None:
    short = file_name(name)
    assert os.path.basename(short) == short
    assert not short.startswith((".", "-"))
    assert 0 < len(f"{short}-report.html".encode()) < 255
    assert file_name(name) == short


def test_default_storage_is_a_file_here() -> None:
    assert default_storage("mnist1d", load_problem) == "sqlite:///mnist1d.db"
    assert default_storage("my study", load_problem) == f"sqlite:///{file_name('my study')}.db"


def test_own_name_counts(folder: Path) -> None:
    study = search()
    assert study.study_name == "toy"
    assert (folder / "toy.db").exists()
    for named in (TOY, "toy"):
        assert open_study(named, None, None)[0].study_name == "toy"
        assert open_study(named, "sqlite:///toy.db", None)[0].study_name == "toy"


def test_studies_say_what_reading_needs_of_their_problem(folder: Path) -> None:
    """So that nobody has to import it: its title, and its search space."""
    assert Searched.of(search().user_attrs).title == "Toy networks"
    study, problem = open_study("toy", None, None)
    assert problem is None
    space = space_of(study, problem, None)
    assert space is not None
    assert space.fingerprint == load_problem(TOY).space.fingerprint


def test_studies_named_after_module_and_attribute_go_on(folder: Path) -> None:
    """As versions made them in which a problem's own name did not count."""
    url = "sqlite:///toy_problem-toy.db"
    search(storage=url, study_name=TOY)
    assert open_study(TOY, None, None)[0].study_name == TOY
    assert search().study_name == TOY
    assert not (folder / "toy.db").exists()
    # In a database that was named, too.
    search(storage="sqlite:///shared.db", study_name=TOY)
    assert search(storage="sqlite:///shared.db").study_name == TOY
    assert optuna.get_all_study_names("sqlite:///shared.db") == [TOY]


def test_problems_of_one_name_do_not_mix(folder: Path) -> None:
    shutil.copy("toy_problem.py", "other_problem.py")
    search()
    other = "other_problem:toy"
    with pytest.raises(CommandError, match="'toy' is of the problem 'toy_problem:toy', not"):
        search(other)
    with pytest.raises(CommandError, match="no study 'other_problem:toy' in the storage"):
        open_study(other, None, None)
    search(other, study_name="mine")
    assert open_study(other, None, None)[0].study_name == "mine"
    assert open_study(TOY, None, None)[0].study_name == "toy"


def test_of_several_studies_the_one_of_the_problem_s_name_is_meant(folder: Path) -> None:
    url = "sqlite:///toy.db"
    for name in ("first", "second"):
        search(storage=url, study_name=name)
    with pytest.raises(CommandError, match="first, second are of the problem 'toy_problem:toy'"):
        open_study(TOY, None, None)
    search(storage=url, study_name="toy")
    assert open_study(TOY, None, None)[0].study_name == "toy"


@pytest.mark.parametrize(
    "name", ["fashion_mnist?size=14", "fashion_mnist?train=50000&size=014", "fashion_mnist-size14"]
)
def test_a_problem_with_options_has_files_and_a_study_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    study = search("fashion_mnist?size=14")
    assert study.study_name == "fashion_mnist-size14"
    assert Searched.of(study.user_attrs).problem == "fashion_mnist?size=14"
    assert default_storage(name, load_problem) == "sqlite:///fashion_mnist-size14.db"
    opened, problem = open_study(name, None, None)
    assert opened.study_name == study.study_name
    assert problem is not None and problem.space.input_shape == (1, 14, 14)
    with pytest.raises(CommandError, match=r"of the problem 'fashion_mnist\?size=14', not 'fash"):
        search("fashion_mnist", study_name="fashion_mnist-size14", storage="sqlite:///" + DB)


DB = "fashion_mnist-size14.db"


def test_functions_of_the_users_have_options(folder: Path) -> None:
    Path("other_problem.py").write_text(
        "from dataclasses import replace\n"
        "from toy_problem import toy\n"
        "def make(width: int = 3, deep: bool = False):\n"
        "    if width > 9:\n"
        "        raise ValueError(f'`width` must be at most 9, got {width}.')\n"
        "    return replace(toy, name='wide', title=f'{width} {deep}')\n"
    )
    study = search("other_problem.py:make?width=7&deep=yes")
    assert study.study_name == "wide-deepyes-width7"
    opened, problem = open_study("other_problem:make?deep=yes&width=7", None, None)
    assert opened.study_name == study.study_name
    assert problem is not None and problem.title == "7 True (deep yes, width 7)"
    with pytest.raises(CommandError, match="can't be made: `width` must be at most 9, got 10"):
        search("other_problem:make?width=10")
    with pytest.raises(CommandError, match="'other_problem:make' has no option 'with'; the close"):
        search("other_problem:make?with=1")
    with pytest.raises(CommandError, match="'toy_problem:toy' has no options: it is no function"):
        search("toy_problem:toy?width=1")
