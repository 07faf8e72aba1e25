from __future__ import annotations

from pathlib import Path

import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._built_in._wikidetox import _COMMENTS
from optuna_codeepneat.problems._built_in._wikidetox import _JUDGEMENTS
from optuna_codeepneat.problems._built_in._wikidetox import wikidetox
from tests.problems.built_in.small import check_whole


torch = pytest.importorskip("torch")

COLUMNS = ("rev_id", "comment", "year", "logged_in", "ns", "sample", "split")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Comments, every third of them toxic by two judges of three."""
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    folder = tmp_path / "wikidetox"
    folder.mkdir()
    comments, judgements = ["\t".join(COLUMNS)], ["rev_id\tworker_id\ttoxicity\ttoxicity_score"]
    for i in range(200):
        toxic = i % 3 == 0
        text = f'"NEWLINE_TOKENYou {"fool" if toxic else "all"}TAB_TOKEN""{i}"""'
        part = "train" if i < 120 else "dev" if i < 160 else "test"
        comments.append(f"{i}.0\t{text}\t2015\tTrue\tarticle\trandom\t{part}")
        judgements += [f"{i}.0\t{judge}\t{float(toxic and judge > 0)}\t-1.0" for judge in range(3)]
    (folder / _COMMENTS).write_text("\n".join(comments) + "\n")
    (folder / _JUDGEMENTS).write_text("\n".join(judgements) + "\n")
    return folder


def test_comments_with_their_majorities(folder: Path) -> None:
    problem = wikidetox(length=32)
    splits = problem.load()

    parts = (splits.train, splits.validation, splits.test)
    assert [len(part) for part in parts] == [120, 40, 40]
    words = problem.preprocessing.reader.vocabulary
    assert not any("token" in word for word in words)
    for part in parts:
        for tokens, target in zip(part.inputs.tolist(), part.targets.tolist(), strict=True):
            assert words[tokens[0] - 2] == "you"
            assert words[tokens[1] - 2] == ("all", "fool")[target]
            assert words[tokens[2] - 2] == '"'
    check_whole(problem)
    assert len(wikidetox(length=32, train=100).load().train) == 100


def test_the_space_of_leaf() -> None:
    problem = wikidetox(preset="wikidetox")
    assert problem.space.min_pooling == 5
    assert problem.space.num_outputs == 2
    assert problem.space.vocab_size == 10_002


def test_what_is_wrong_with_the_files(folder: Path) -> None:
    comments, judgements = folder / _COMMENTS, folder / _JUDGEMENTS
    whole, judged = comments.read_text(), judgements.read_text()

    comments.write_text(whole.replace("\ttest\n", "\tlast\n"))
    with pytest.raises(DataError, match=r"row 162 of .*tsv' is in the part 'last'; it must be"):
        wikidetox().load()
    comments.write_text(whole + "777.0\tYou\t2015\tTrue\tuser\trandom\ttest\n")
    with pytest.raises(
        DataError, match=r"row 202 of .* has the `rev_id` '777.0', which toxicity_"
    ):
        wikidetox().load()
    comments.write_text(whole.replace("comment", "text", 1))
    with pytest.raises(DataError, match=r"comments.tsv' has no column 'comment'"):
        wikidetox().load()
    comments.write_text(whole)
    judgements.write_text(judged.replace("\t0.0\t", "\tno\t", 1))
    with pytest.raises(DataError, match=r"row 2 of .*annotations.tsv' has the toxicity 'no'; it"):
        wikidetox().load()
    judgements.unlink()
    with pytest.raises(DataError, match=r"\('.*wikidetox' has no toxicity_annotations.tsv\): put"):
        wikidetox().load()
