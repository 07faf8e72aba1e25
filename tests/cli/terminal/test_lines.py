"""Where lines are broken: between words, whatever a terminal's width."""

from __future__ import annotations

import pytest

from optuna_codeepneat.cli._terminal._lines import broken
from optuna_codeepneat.cli._terminal._lines import padded


TEXT = "  network  C, C (of in+0); B: separable_conv1d 16 k3"


def test_no_width_breaks_nothing() -> None:
    assert broken(TEXT, None) == [TEXT]
    assert broken(TEXT, len(TEXT)) == [TEXT]


@pytest.mark.parametrize("width", range(1, 60))
def test_words_stay_whole(width: int) -> None:
    lines = broken(TEXT, width, indent=3)
    assert " ".join(lines).split() == TEXT.split()
    for line in lines:
        assert len(line) <= width or len(line.split()) == 1
    assert all(line.startswith("   ") for line in lines[1:])
    assert lines[0].startswith("  network")


def test_wide_characters_take_two_columns() -> None:
    assert broken("研究 研究", 8) == ["研究", "研究"]
    assert padded("研究", 6) == "研究  "
    assert padded("研究", 6, right=True) == "  研究"
