"""Raw examples become inputs, outputs become answers, and all of it is JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import Preprocessing
from optuna_codeepneat.problems._preprocessing import ArrayReader
from optuna_codeepneat.problems._preprocessing import CategoryColumn
from optuna_codeepneat.problems._preprocessing import ClassTarget
from optuna_codeepneat.problems._preprocessing import ImageReader
from optuna_codeepneat.problems._preprocessing import LabelTarget
from optuna_codeepneat.problems._preprocessing import NumberColumn
from optuna_codeepneat.problems._preprocessing import NumberTarget
from optuna_codeepneat.problems._preprocessing import TableReader
from optuna_codeepneat.problems._preprocessing import TextReader


torch = pytest.importorskip("torch")

ARRAYS = ArrayReader(shape=(2, 3), layout="as_is", mean=(1.0, 0.0), std=(2.0, 1.0))
IMAGES = ImageReader(size=(4, 6), mode="RGB", mean=(0.5, 0.5, 0.25), std=(0.5, 0.25, 0.25))
TABLE = TableReader(
    columns=(
        NumberColumn(name="age", mean=40.0, std=10.0, fill=30.0),
        CategoryColumn(name="city", categories=("Oslo", "3")),
    )
)
TEXT = TextReader(unit="words", vocabulary=("the", "cat", "."), length=5, name="said")
CLASSES = ClassTarget(classes=("cat", 3, True), name="animal")
NUMBERS = NumberTarget(names=("price", "weight"), mean=(10.0, 0.0), std=(2.0, 3.0))
LABELS = LabelTarget(labels=("red", "round"))


def made(reader: Any = TABLE, target: Any = CLASSES) -> Preprocessing:
    return Preprocessing(reader=reader, target=target)


@pytest.mark.parametrize("reader", [ARRAYS, IMAGES, TABLE, TEXT], ids=lambda it: it.kind)
@pytest.mark.parametrize("target", [CLASSES, NUMBERS, LABELS], ids=lambda it: it.task)
def test_json_round_trip(reader: Any, target: Any) -> None:
    preprocessing = made(reader, target)

    again = Preprocessing.from_json(json.loads(json.dumps(preprocessing.to_json())))

    assert again == preprocessing
    assert (again.kind, again.task) == (reader.kind, target.task)
    assert again.input_shape == reader.input_shape
    assert again.num_outputs == target.num_outputs


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": 2}, "format 2; this version"),
        ({"inputs": {"kind": "smells"}}, "describes no preprocessing"),
        ({"inputs": {"kind": "table"}}, "describes no preprocessing"),
        ({"outputs": 3}, "describes no preprocessing"),
        ({"outputs": CLASSES.to_json() | {"classes": ["a"]}}, "at least two"),
        ({"inputs": ARRAYS.to_json() | {"std": [1.0, 0.0]}}, "greater than 0"),
        ({"inputs": ARRAYS.to_json() | {"std": [1.0]}}, "of the same length"),
        ({"inputs": IMAGES.to_json() | {"mode": "CMYK"}}, "`mode` must be one of"),
        ({"inputs": IMAGES.to_json() | {"size": [0, 3]}}, "`size`"),
        ({"inputs": TEXT.to_json() | {"unit": "pages"}}, "`unit` must be one of"),
    ],
)
def test_what_is_no_preprocessing(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Preprocessing.from_json(made().to_json() | change)


# -- inputs ------------------------------------------------------------------------------------


def test_arrays_are_brought_to_one_scale() -> None:
    raw = np.arange(12).reshape(2, 2, 3)

    inputs = made(ARRAYS).inputs(raw)

    assert inputs.dtype == torch.float32
    assert inputs[0].tolist() == [[-0.5, 0.0, 0.5], [3.0, 4.0, 5.0]]


@pytest.mark.parametrize(
    ("layout", "shape", "expected"),
    [
        ("as_is", (3, 4, 5), (3, 4, 5)),
        ("channels_last", (4, 5, 3), (3, 4, 5)),
        ("one_channel", (4, 5), (1, 4, 5)),
        ("one_channel", (), (1,)),
    ],
)
def test_channels_come_to_the_front(
    layout: Any, shape: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    raw = np.random.default_rng(0).normal(7.0, 3.0, (50, *shape))

    reader = ArrayReader.fitted(raw, layout)

    assert reader.input_shape == expected
    inputs = made(reader).inputs(raw)
    assert inputs.shape[1:] == expected
    each = inputs.movedim(1, 0).flatten(1)
    assert each.mean(1).abs().max() < 1e-5
    assert (each.std(1, correction=0) - 1.0).abs().max() < 1e-5
    again = ArrayReader.fitted(np.ones((5, *shape)), layout)  # a constant is 0, and no NaN
    assert bool((made(again).inputs(np.ones((5, *shape))) == 0.0).all())


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (np.zeros((2, 3)), r"has the shape \(3,\), and the network was made for \(2, 3\)"),
        (np.full((2, 2, 3), np.nan), "example 0 holds NaN"),
        ([[["a"]]], "arrays of numbers"),
    ],
)
def test_arrays_that_cannot_be_read(raw: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        made(ARRAYS).inputs(raw)


def test_tables_in_all_their_forms() -> None:
    rows = [
        {"age": 50, "city": "Oslo", "more": 1},
        {"age": None, "city": "Rome"},
        {"age": " 30.0", "city": 3.0},
        {"age": float("nan"), "city": ""},
    ]
    columns = {name: [row[name] for row in rows] for name in ("age", "city")}
    expected = [[1.0, 1, 0, 0], [-1.0, 0, 0, 1], [-1.0, 0, 1, 0], [-1.0, 0, 0, 1]]

    assert made().inputs(rows).tolist() == expected
    assert made().inputs(columns).tolist() == expected
    assert (
        made().inputs({**columns, "age": np.array([50, np.nan, 30, np.nan])}).tolist() == expected
    )
    pandas = pytest.importorskip("pandas")
    assert made().inputs(pandas.DataFrame(columns)).tolist() == expected
    assert made().inputs(pandas.DataFrame(rows).convert_dtypes()).tolist() == expected


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([{"aged": 3, "city": "Oslo"}], "there is no column 'age'; the closest is 'aged'"),
        ([{"age": "old", "city": "Oslo"}], "row 0 of the column 'age' holds 'old'"),
        ({"age": [1, 2], "city": ["Oslo"]}, "of one length"),
        ("people.csv", "must be a data frame"),
    ],
)
def test_tables_that_cannot_be_read(raw: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        made().inputs(raw)


def test_words_become_tokens() -> None:
    inputs = made(TEXT).inputs(["The cat.", "A cat, the the the the cat", ""])

    assert inputs.dtype == torch.int64
    assert inputs.tolist() == [[2, 3, 4, 0, 0], [1, 3, 1, 2, 2], [0, 0, 0, 0, 0]]
    assert int(inputs.max()) < TEXT.vocab_size


def test_the_most_frequent_words_are_known() -> None:
    texts = ["b a", "c a b", "B d"]

    by_words = TextReader.fitted(texts, unit="words", most_words=3, length=2)
    by_characters = TextReader.fitted(texts, unit="characters", most_words=2, length=2)

    assert by_words.vocabulary == ("b", "a", "c")
    assert by_characters.vocabulary == (" ", "b")


def test_byte_pairs_are_learnt_and_kept() -> None:
    pytest.importorskip("tokenizers")
    texts = ["The newest film is the lowest, \N{SNOWMAN}", "a new film is low"] * 20

    reader = TextReader.fitted(texts, unit="byte_pairs", most_words=40, length=9)

    assert len(reader.vocabulary) == 40 and reader.vocab_size == 42
    again = Preprocessing.from_json(json.loads(json.dumps(made(reader).to_json())))
    assert again == made(reader)
    inputs = again.inputs(["New film", "film new", "\N{SNOWMAN} Q", "", texts[0]])
    # A word is the same wherever it stands, and only what was never seen is unknown.
    assert inputs[0].sort().values.tolist() == inputs[1].sort().values.tolist()
    assert inputs[2].tolist().count(1) == 1
    assert not inputs[3].any() and int((inputs[4] > 1).sum()) == 8
    assert TextReader.fitted(texts, unit="byte_pairs", most_words=40, length=9) == reader
    damaged = {**reader.to_json(), "merges": [["fi", "sh"]]}
    with pytest.raises(
        ValueError, match=r"`merges` must be of the vocabulary, got \('fi', 'sh'\)"
    ):
        TextReader.from_json(damaged)


def test_byte_pairs_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    monkeypatch.setitem(sys.modules, "tokenizers.models", None)
    with pytest.raises(ImportError, match=r"reading byte pairs needs .*optuna-codeepneat\[text\]"):
        TextReader.fitted(["a b"], unit="byte_pairs", most_words=40, length=9)


@pytest.mark.parametrize("raw", ["one text", [1], None])
def test_texts_that_cannot_be_read(raw: Any) -> None:
    with pytest.raises(DataError, match="must be a"):
        made(TEXT).inputs(raw)


# -- answers -----------------------------------------------------------------------------------


def test_classes_with_their_probabilities() -> None:
    first, second = made().answers(torch.tensor([[0.0, 1.0, 0.0], [1000.0, -1000.0, 0.0]]))

    assert first["class"] == 3
    assert first["probability"] == pytest.approx(np.e / (np.e + 2))
    assert first["probabilities"] == pytest.approx(
        {"cat": 1 / (np.e + 2), "3": np.e / (np.e + 2), "True": 1 / (np.e + 2)}
    )
    assert second["class"] == "cat" and second["probability"] == 1.0
    json.dumps([first, second])


def test_numbers_on_their_own_scale() -> None:
    several = made(target=NUMBERS).answers([[1.0, 2.0]])
    single = NumberTarget(names=("price",), mean=(10.0,), std=(2.0,))

    assert several == [{"values": {"price": 12.0, "weight": 6.0}}]
    assert made(target=single).answers(torch.tensor([[-1.0]])) == [{"value": 8.0}]
    values = np.array([[3.0, 4.0]])
    assert NUMBERS.decode(NUMBERS.encode(values)) == pytest.approx(values)


def test_labels_that_are_more_likely_than_not() -> None:
    first, second = made(target=LABELS).answers([[2.0, -2.0], [-900.0, 900.0]])

    assert first["labels"] == ["red"]
    assert first["probabilities"]["red"] == pytest.approx(1 / (1 + np.exp(-2.0)))
    assert second == {"labels": ["round"], "probabilities": {"red": 0.0, "round": 1.0}}


@pytest.mark.parametrize(
    ("outputs", "said"),
    [([[1.0]], r"shape \(examples, 3\)"), ([[1.0, 2.0, np.nan]], "finite")],
)
def test_outputs_that_mean_nothing(outputs: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        made().answers(outputs)


@pytest.mark.parametrize(
    "build",
    [
        lambda: ClassTarget(classes=("1", 1)),
        lambda: LabelTarget(labels=("a", "a")),
        lambda: NumberTarget(names=("a", "b"), mean=(0.0,), std=(1.0,)),
        lambda: TableReader(columns=(TABLE.columns[0], TABLE.columns[0])),
        lambda: CategoryColumn(name="a", categories=("b", "b")),
        lambda: NumberColumn(name="a", mean=0.0, std=1.0, fill=float("nan")),
        lambda: ArrayReader(shape=(3,), layout="upside_down", mean=(0.0,) * 3, std=(1.0,) * 3),  # type: ignore[arg-type]
        lambda: TextReader(unit="words", vocabulary=(), length=3),
    ],
)
def test_what_contradicts_itself(build: Any) -> None:
    with pytest.raises(ValueError, match="`"):
        build()
