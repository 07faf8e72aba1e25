"""Problems of data have names, by which they are found again where the data are the same."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import DataName
from optuna_codeepneat.problems import _registry
from optuna_codeepneat.problems import canonical_name
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import needs_no_trust


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a table in it."""
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    write(Path("sides.csv"))
    return tmp_path


def write(path: Path, n: int = 60) -> None:
    rows = [f"{i % 7},{i % 5},{'ab'[i % 2]},text {i % 3} is long" for i in range(n)]
    path.write_text("x,y,side,said\n" + "\n".join(rows))


@given(
    path=TEXT.filter(lambda text: text.strip() == text),
    target=st.lists(TEXT, max_size=3),
    metric=TEXT,
    steps=st.integers(1, 9),
)
@settings(max_examples=50, deadline=None)
def test_names_say_all_of_it(path: str, target: list[str], metric: str, steps: int) -> None:
    made = DataName.made(path, {"target": target, "metric": metric, "steps": steps, "text": None})

    assert DataName.of(str(made)) == made
    assert made.path == path
    assert made.options.get("target", ()) == tuple(target)
    words = made.words
    assert words[:2] == ["--data", path] and words[-2:] == ["--steps", str(steps)]


def test_other_names_are_none_of_data() -> None:
    assert DataName.of("mnist1d") is None
    assert DataName.of("mine.py:data") is None
    for name, said in {
        "data:": "names no data",
        "data:a.csv?targt=b": "has the option 'targt'.*closest is 'target'",
    }.items():
        with pytest.raises(ValueError, match=said):
            get_problem(name)
        assert canonical_name(name) == name
        assert not needs_no_trust(name)


def test_one_name_however_the_path_is_given(folder: Path) -> None:
    names = {
        canonical_name(f"data:{path}?target=side")
        for path in ("sides.csv", "./sides.csv", str(folder / "sides.csv"))
    }

    [name] = names
    assert name.startswith("data:sides.csv?target=side&content=")
    assert canonical_name(name) == name
    os.mkdir("inner")
    os.chdir("inner")
    assert canonical_name("data:../sides.csv?target=side").startswith(f"data:{folder}/sides.csv?")
    assert canonical_name("data:lost.csv?target=side") == "data:lost.csv?target=side"


def test_what_has_changed_is_not_read(folder: Path) -> None:
    name = canonical_name("data:sides.csv?target=side")
    problem = get_problem(name)
    assert get_problem(name) is problem  # read once

    write(Path("sides.csv"), n=61)

    other = canonical_name("data:sides.csv?target=side")
    assert other != name
    before, after = DataName.of(name), DataName.of(other)
    assert before is not None and after is not None
    assert before.is_changed(after) and not before.is_changed(before)
    metric = DataName.of(f"{other}&metric=auroc")
    assert metric is not None and not before.is_changed(metric)
    get_problem(other)  # so that the first one is forgotten
    with pytest.raises(DataError, match="have changed since the study was begun"):
        get_problem(name)
    os.remove("sides.csv")
    with pytest.raises(DataError, match="there are no data at 'sides.csv'"):
        get_problem(name)


def test_vectors_of_words_are_part_of_the_content(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    rows = [f"the film {i} is {word},{word}" for i in range(30) for word in ("bad", "good")]
    Path("films.csv").write_text("said,kind\n" + "\n".join(rows))
    Path("words.vec").write_text("good 1 2 3\n")
    plain = canonical_name("data:films.csv?target=kind&text=said")

    name = canonical_name(f"data:films.csv?target=kind&text=said&vectors={folder}/words.vec")

    assert "&vectors=words.vec&" in name and name.rpartition("=")[2] != plain.rpartition("=")[2]
    assert get_problem(name).space.input_shape[0] == 3
    _registry._READ.clear()  # as in another process
    Path("words.vec").write_text("good 1 2 4\n")
    with pytest.raises(DataError, match="'films.csv' or 'words.vec' have changed since the study"):
        get_problem(name)
    with pytest.raises(ValueError, match="`vectors` is for texts .`text`., and these data are"):
        get_problem("data:films.csv?target=kind&vectors=words.vec")


def test_images_are_the_content_of_a_folder(folder: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for kind in "ab":
        Path("pets", kind).mkdir(parents=True)
        for i in range(3):
            image.new("L", (8, 8), 9 * i).save(Path("pets", kind, f"{i}.png"))
    name = canonical_name("data:pets?size=6")

    assert get_problem(name).space.input_shape == (1, 6, 6)
    Path("pets.csv").write_text(
        "age,file\n" + "".join(f"{i}.5,pets/a/{i}.png\n" for i in range(3))
    )
    named = get_problem("data:pets.csv?target=age&size=5")
    assert named.space.input_shape == (1, 5, 5) and named.metric_names[0] == "r2"
    Path("pets", "notes.txt").write_text("of no concern")
    assert canonical_name("data:pets?size=6") == name
    os.rename("pets/a/0.png", "pets/b/9.png")
    assert canonical_name("data:pets?size=6") != name


def test_every_kind_is_told_from_the_path(folder: Path) -> None:
    np.savez("arrays.npz", x=np.zeros((9, 3)), y=np.arange(9) % 3)

    kinds = {
        "data:sides.csv?target=side&drop=said": "table",
        "data:sides.csv?target=side&text=said&size=2": "text",
        "data:arrays.npz?steps=7": "arrays",
    }

    for name, kind in kinds.items():
        preprocessing = get_problem(name).preprocessing
        assert preprocessing is not None and preprocessing.kind == kind
    assert get_problem("data:arrays.npz?steps=7").search_recipe.steps == 7


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("data:sides.csv", "`target` must name a column of 'sides.csv': 'x', 'y', 'side', 'said'"),
        ("data:sides.csv?target=side&size=3", "`size` is for images and texts"),
        ("data:sides.csv?target=side&text=said&drop=x", "`drop` is for tables"),
        ("data:sides.csv?target=side&metric=r2&metric=mae", "`metric` may be given once"),
        ("data:sides.csv?target=side&steps=many", "`steps` must be a whole number, got 'many'"),
        ("data:sides.csv?target=side&metric=r2", "for the task 'classification', got 'r2'"),
        ("data:.?target=side", "`target` names a column, and '.' has none"),
        ("data:.", "has no sub-folders"),
        ("data:notes.pdf", "'notes.pdf' is no data: it must be a folder of images"),
        ("data:lost.csv?target=side", "there are no data at 'lost.csv'"),
    ],
)
def test_data_that_do_not_do(folder: Path, name: str, said: str) -> None:
    Path("notes.pdf").touch()
    with pytest.raises(ValueError, match=said):
        get_problem(name)


def test_data_with_a_hash_need_no_trust(folder: Path) -> None:
    assert needs_no_trust(canonical_name("data:sides.csv?target=side"))
    assert not needs_no_trust("data:sides.csv?target=side")
    assert needs_no_trust("mnist1d") and not needs_no_trust("mine:problem")


def test_parts_and_weights_of_classes(folder: Path) -> None:
    pytest.importorskip("torch")
    rows = [f"{i},{'b' if i % 4 else 'a'}" for i in range(80)]
    Path("few.csv").write_text("x,side\n" + "\n".join(rows))
    said = {"target": "side", "validation": 0.1, "test": 0.25, "split-seed": 3}
    name = DataName.made("few.csv", {**said, "class-weights": "balanced"})
    assert str(name) == (
        "data:few.csv?target=side&validation=0.1&test=0.25&split-seed=3&class-weights=balanced"
    )
    assert name.words[-2:] == ["--class-weights", "balanced"]

    problem, others = name.load(), DataName.made("few.csv", {**said, "split-seed": 4}).load()

    parts = problem.load()
    assert tuple(map(len, (parts.train, parts.validation, parts.test))) == (52, 8, 20)
    assert problem.loss is not None and others.loss is None
    assert not np.array_equal(parts.test.inputs, others.load().test.inputs)
    for option, wrong in {
        "validation=much": "`validation` must be a share between 0 and 1, got 'much'",
        "validation=1.5": "`validation` must be a share between 0 and 1, got 1.5",
        "split-seed=-1": "`split-seed` must be a whole number, got '-1'",
        "class-weights=yes": "`class-weights` must be 'balanced', got 'yes'",
    }.items():
        with pytest.raises(ValueError, match=wrong):
            get_problem(f"data:few.csv?target=side&{option}")
    with pytest.raises(ValueError, match="`class_weights` is for classification"):
        get_problem("data:few.csv?target=x&class-weights=balanced")
