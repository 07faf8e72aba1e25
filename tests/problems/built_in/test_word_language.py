from __future__ import annotations

import string
from pathlib import Path

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._word_language import _FILES
from optuna_codeepneat.problems._built_in._word_language import word_language
from tests.problems.built_in.small import check_whole
from tests.problems.built_in.small import splits_or_skip


torch = pytest.importorskip("torch")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lists of made words, a language's own beginning with its own letter."""
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "dict"
    folder.mkdir()
    letters = string.ascii_lowercase[10:]
    for first, name in zip("abcdefghijk", _FILES.needed, strict=True):
        own = [f"{first}{a}{b}{c}" for a in letters for b in letters for c in letters][:110]
        odd = ["its", "it's", "x2y4", "", "seventeenletters1", "shared", f"{first}" * 17]
        text = "\r\n".join([own[0].upper(), *own, *odd, "Åsås" if name == "swedish" else ""])
        encoding = "latin-1" if name == "swedish" else "utf-8"
        (folder / name).write_bytes(text.encode(encoding))
    return folder


def test_words_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    problem = get_problem("word_language", words=300)
    splits = splits_or_skip(problem)

    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [
        2640,
        330,
        330,
    ]
    assert torch.bincount(splits.test.targets).tolist() == [30] * 11
    # Hardly a letter is unknown.
    everything = torch.cat([splits.train.inputs, splits.validation.inputs, splits.test.inputs])
    assert float((everything == 1).float().mean()) < 1e-3
    assert int((everything > 0).sum(1).min()) >= 4
    check_whole(problem)
    answer = problem.preprocessing.answers(torch.eye(11))[5]
    assert answer["class"] == "French"


def test_words_that_are_left_out(folder: Path) -> None:
    problem = word_language(words=110)
    splits = problem.load()

    letters = problem.preprocessing.reader.vocabulary
    for part in (splits.train, splits.validation, splits.test):
        for tokens, language in zip(part.inputs.tolist(), part.targets.tolist(), strict=True):
            word = "".join(letters[token - 2] for token in tokens if token)
            first = "å" if word == "åsås" else "abcdefghijk"[language]
            assert word.startswith(first) and len(word) == 4
    assert len(splits.train) + len(splits.validation) + len(splits.test) == 1210


def test_the_same_words_again_and_fewer_of_the_same(folder: Path) -> None:
    before = word_language(words=100).load()
    assert torch.equal(word_language(words=100).load().train.inputs, before.train.inputs)
    # Another version of a list is read again.
    path = folder / "danish"
    path.write_text(path.read_text().replace("\r\n", "\n"))
    (folder / "danish").write_text((folder / "danish").read_text()[:-200])
    with pytest.raises(DataError, match="danish' has [0-9]+ words that are in no other list, and"):
        word_language(words=100).load()


def test_bounds_of_options() -> None:
    with pytest.raises(ValueError, match="`words` must be a whole number from 100 to 40000"):
        word_language(words=50)
