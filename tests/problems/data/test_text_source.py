"""Texts become tokens of words or characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Problem


pytest.importorskip("torch")

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
