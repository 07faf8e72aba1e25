"""A search that spent most of its networks on poor ones is told of `--min-score`."""

from __future__ import annotations

from optuna_codeepneat.cli._commands._floor_hint import floor_hint


def test_most_were_poor() -> None:
    said = floor_hint([0.3, 0.5, 0.6, 0.85], [0.8, 0.868], chance=0.12, name="accuracy")
    assert said == (
        "3 of 4 networks have a lower accuracy than 0.79, which is nine tenths of what hand-made "
        "ones gain over guessing: a search with `--min-score 0.79` spends them on better ones."
    )


def test_nothing_to_say() -> None:
    poor = [0.3, 0.4]
    assert floor_hint([0.85, 0.9, 0.3], [0.868], chance=0.12, name="accuracy") == ""
    assert floor_hint(poor, [], chance=0.12, name="accuracy") == ""
    assert floor_hint(poor, [0.868], chance=None, name="accuracy") == ""
    assert floor_hint(poor, [0.1], chance=0.12, name="accuracy") == ""
