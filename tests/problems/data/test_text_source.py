"""Texts become tokens of words or characters."""

from __future__ import annotations

import gzip
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem
from optuna_codeepneat.search_space import SearchSpace


torch = pytest.importorskip("torch")

TEXTS = [f"the film is {'good' if i % 2 else 'bad'} , number {i % 7}" for i in range(60)]
KINDS = ["good" if i % 2 else "bad" for i in range(60)]


def test_lists_of_texts() -> None:
    problem = Problem.from_text(TEXTS, target=KINDS)

    problem.check()
    assert problem.space.input_shape == (16, 7)
    assert problem.space.vocab_size == 2 + 14
    assert problem.space.padding_index == 0
    assert problem.findings["inputs"] == "7 words of each text, of 14 that are known"
    assert problem.preprocessing is not None and problem.preprocessing.kind == "text"
    assert problem.search_recipe.gradient_clip == 1.0


def test_texts_without_words_are_read_by_characters() -> None:
    problem = Problem.from_text(["abca" * (1 + i % 3) for i in range(60)], target=KINDS)

    assert problem.findings["inputs"].startswith("12 characters of each text, of 3")


def test_what_texts_are_read_as_may_be_said() -> None:
    pytest.importorskip("tokenizers")
    found = {}
    for tokens in ("characters", "byte_pairs"):
        problem = Problem.from_text(TEXTS, target=KINDS, tokens=tokens)  # type: ignore[arg-type]
        problem.check()
        found[tokens] = problem.findings["inputs"].partition(" of each")[0]
    assert found == {"characters": "27 characters", "byte_pairs": "7 byte pairs"}
    with pytest.raises(
        ValueError, match="`tokens` must be 'words', 'characters', 'byte_pairs' or"
    ):
        Problem.from_text(TEXTS, target=KINDS, tokens="letters")  # type: ignore[arg-type]


def test_long_texts_are_cut_off() -> None:
    problem = Problem.from_text([*TEXTS, "a " * 1000], target=[*KINDS, "bad"], length=4)

    assert problem.space.input_shape == (16, 4)
    assert "; 100.0% of them are longer and cut off" in problem.findings["inputs"]
    long = Problem.from_text(["word " * 500] * 60, target=KINDS)
    assert long.space.input_shape == (16, 200)


def test_columns_of_a_file(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    path = tmp_path / "films.csv"
    rows = [f'"{text}",{kind}' for text, kind in zip(TEXTS, KINDS, strict=True)]
    path.write_text("said,kind\n" + "\n".join(rows))

    problem = Problem.from_text(path, text="said", target="kind")

    assert problem.name == "films"
    assert problem.preprocessing is not None
    assert problem.preprocessing.to_json()["inputs"]["name"] == "said"
    path.write_text("said,kind\n" + "\n".join([*rows, ",bad"]))
    with pytest.raises(DataError, match="films.csv, line 62 has no text"):
        Problem.from_text(path, text="said", target="kind")


@pytest.mark.parametrize(
    ("data", "target", "error", "said"),
    [
        ([], [], DataError, "there are no texts"),
        (["a", 3], [0, 1], DataError, "text 1 has no text"),
        ("films.csv", "kind", ValueError, "`text` must be the name of a column"),
        (["a", "b"], [0], ValueError, "must hold 2 targets"),
    ],
)
def test_texts_that_do_not_do(data: Any, target: Any, error: Any, said: str) -> None:
    with pytest.raises(error, match=said):
        Problem.from_text(data, target=target)


# -- vectors of words ------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


VECTORS = "3 2\ngood 1.0 0.5\nFilm -1 0\nunheard 4 4\n"


@pytest.mark.parametrize("name", ["some.vec", "some.txt", "some.vec.gz"])
def test_embeddings_begin_with_the_users_vectors(tmp_path: Path, name: str) -> None:
    # GloVe writes no sizes.
    text = VECTORS if "vec" in name else VECTORS.partition("\n")[2]
    with (gzip.open if name.endswith(".gz") else open)(tmp_path / name, "wt") as file:
        file.write(text)
    problem = Problem.from_text(TEXTS, target=KINDS, vectors=tmp_path / name, steps=2)

    assert f"; 2 of these begin with vectors of {tmp_path / name}" in problem.findings["inputs"]
    assert problem.space.input_shape == (2, 7) and problem.preprocessing is not None
    network = problem._trainer("cpu", 0).build(problem.space.smallest())
    weight = network.parts["input"].weight.detach()
    good, film, the = problem.preprocessing.inputs(["good film the"])[0, :3].tolist()
    scale = float(weight[good, 0])
    assert scale == pytest.approx(1 / 0.75)  # the root of the mean square of four numbers
    torch.testing.assert_close(weight[[good, film]], scale * torch.tensor([[1, 0.5], [-1, 0]]))
    assert network.parts["input"].weight.requires_grad
    problem.check()


@pytest.mark.parametrize(
    ("content", "error", "said"),
    [
        (
            "3 2\ngood 1.0\n",
            DataError,
            "line 2 of '.*x.vec' must hold a word and 2 finite numbers",
        ),
        ("good 1 2\nbad 1 x\n", DataError, "line 2 of '.*x.vec' must hold a word and 2 finite"),
        ("good nan 2\n", DataError, "line 1 of '.*x.vec' must hold a word and 2 finite"),
        ("nobody 1 2\n", DataError, "x.vec' has a vector of none of the 14 words"),
        ("", DataError, "x.vec' has a vector of none"),
        (None, DataError, "x.vec' can't be read: .*No such file"),
    ],
)
def test_vectors_that_do_not_do(
    tmp_path: Path, content: str | None, error: Any, said: str
) -> None:
    if content is not None:
        (tmp_path / "x.vec").write_text(content)
    with pytest.raises(error, match=said):
        Problem.from_text(TEXTS, target=KINDS, vectors=tmp_path / "x.vec")


def test_vectors_that_do_not_fit_what_else_was_said(tmp_path: Path) -> None:
    (tmp_path / "x.vec").write_text(VECTORS)
    with pytest.raises(ValueError, match="`vectors` are of words, and `tokens` is 'characters'"):
        Problem.from_text(TEXTS, target=KINDS, vectors=tmp_path / "x.vec", tokens="characters")
    with pytest.raises(DataError, match="'.*x.bin' is no file of vectors that is read"):
        Problem.from_text(TEXTS, target=KINDS, vectors=tmp_path / "x.bin")
    wide = partial(SearchSpace.sequence, input_shape=(16, 7), num_outputs=2, vocab_size=16)
    with pytest.raises(ValueError, match="`space` must have 2 embedding channels, .* got 16"):
        Problem.from_text(TEXTS, target=KINDS, vectors=tmp_path / "x.vec", space=wide())
