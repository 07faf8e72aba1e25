"""How settings are told apart: by what they are, not by where they are imported."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from optuna_codeepneat.sampler._algorithm import described
from optuna_codeepneat.sampler._algorithm import is_same_part


def function(scores: Any, weight: int = 0) -> Any:
    return scores[weight]


class Quantile:
    def __init__(self, share: float) -> None:
        self.share = share
        self._seen: list[float] = []

    def __call__(self, scores: Any) -> Any:
        self._seen.append(self.share)
        return scores[0]


@dataclass
class Clipped:
    low: float

    def __call__(self, scores: Any) -> Any:
        return scores[0]


def in_module(name: str) -> Any:
    """The function as a script that is run under this name defines it."""
    namespace: dict[str, Any] = {"__name__": name}
    exec("def median(scores):\n    return scores[0]\n", namespace)
    return namespace["median"]


@pytest.mark.parametrize("other", ["__main__", "__mp_main__", "experiment"])
@pytest.mark.parametrize("one", ["__main__", "__mp_main__"])
def test_function_of_a_script_is_the_same_where_the_script_is_imported(
    one: str, other: str
) -> None:
    assert is_same_part(described(in_module(one)), described(in_module(other)))
    assert is_same_part(f"{one}.median", described(in_module(other)))
    assert not is_same_part(described(in_module(one)), f"{other}.mean")


def test_functions_of_two_modules_are_not_the_same() -> None:
    assert not is_same_part(described(in_module("one")), described(in_module("two")))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Quantile(0.5), Quantile(0.9)),
        (Clipped(0.5), Clipped(0.9)),
        (partial(function, weight=1), partial(function, weight=2)),
        (partial(function, 1), partial(function, weight=1)),
        (partial(Quantile(0.5)), partial(Quantile(0.9))),
        (Quantile(0.5), Clipped(0.5)),
    ],
)
def test_objects_with_other_settings_are_others(one: Any, other: Any) -> None:
    assert is_same_part(described(one), described(one))
    assert not is_same_part(described(one), described(other))


def test_what_an_object_remembers_for_itself_does_not_count() -> None:
    used = Quantile(0.5)
    used([1])
    assert is_same_part(described(Quantile(0.5)), described(used))


def test_older_studies_know_objects_by_their_classes() -> None:
    name = f"{Quantile.__module__}.{Quantile.__qualname__}"
    assert is_same_part(name, described(Quantile(0.5)))
    assert not is_same_part(name, described(Clipped(0.5)))
