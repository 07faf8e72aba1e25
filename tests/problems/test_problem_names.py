from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optuna_codeepneat.problems._problem_names import ProblemName


def make(*, size: int = 28, rate: float = 0.5, which: str = "all", deep: bool = False) -> None:
    """Nobody calls it: its options are read."""


def made(*, broken=None, size: int = 3) -> None:
    """Nobody calls it either."""


KEYS = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)


@given(st.dictionaries(KEYS, st.text(st.characters(codec="utf-8"), max_size=9), max_size=3))
def test_names_are_read_as_they_were_written(options: dict[str, str]) -> None:
    name = ProblemName(base="fashion_mnist", options=options)
    assert ProblemName.of(str(name)) == name


def test_names() -> None:
    name = ProblemName.of("fashion_mnist?train=5000&size=14")
    assert name.base == "fashion_mnist"
    assert str(name) == "fashion_mnist?size=14&train=5000"
    assert name.words == ["fashion_mnist", "--set", "size=14", "--set", "train=5000"]
    assert name.suffix == "-size14-train5000"
    assert name.in_words == " (size 14, train 5000)"
    assert ProblemName.of("mnist1d").words == ["mnist1d"]
    assert ProblemName.of("mnist1d").in_words == ProblemName.of("mnist1d").suffix == ""


@pytest.mark.parametrize("name", ["what?", "mine.py:x", "data:a.csv?target=b", "who?am i"])
def test_names_without_options(name: str) -> None:
    assert ProblemName.of(name) == ProblemName(base=name, options={})


def test_values_are_of_the_types_of_the_defaults() -> None:
    name = ProblemName.of("x?size=14&rate=1e-3&which=two words&deep=Yes")
    assert name.values(make) == {"size": 14, "rate": 1e-3, "which": "two words", "deep": True}
    assert ProblemName.of("x?deep=0").values(make) == {"deep": False}


def test_defaults_need_not_be_said() -> None:
    name = ProblemName.of("x?size=028&rate=0.50&deep=yes").without_defaults(make)
    assert str(name) == "x?deep=true"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("x?siz=1", "the problem 'x' has no option 'siz'; the closest is 'size'"),
        ("x?size=1.5", "`size` must be a whole number, got '1.5'"),
        ("x?rate=fast", "`rate` must be a number, got 'fast'"),
        ("x?deep=2", "`deep` must be true or false, got '2'"),
        ("x?size=1&size=2", "the problem 'x.*' has the option 'size' twice"),
    ],
)
def test_what_is_wrong_with_options(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ProblemName.of(name).values(make)


def test_only_simple_defaults_are_options() -> None:
    with pytest.raises(ValueError, match="no option 'broken'; there are 'size'"):
        ProblemName.of("x?broken=1").values(made)
    with pytest.raises(ValueError, match="no option 'size'; it has none"):
        ProblemName.of("x?size=1").values(test_names)


def test_options_are_added() -> None:
    name = ProblemName.of("x?size=14")
    assert str(name.with_options({"deep": True, "rate": 0.25})) == "x?deep=true&rate=0.25&size=14"
    assert name.with_options({}) is name
    with pytest.raises(ValueError, match=r"'x\?size=14' has the option 'size' twice"):
        name.with_options({"size": 14})
    with pytest.raises(ValueError, match="belong into the name, got `size`"):
        ProblemName.of("data:x.csv").with_options({"size": 14})
