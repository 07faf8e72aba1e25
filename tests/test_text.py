"""What fits into a line."""

from __future__ import annotations

from optuna_codeepneat._text import cut
from optuna_codeepneat._text import error_in_words


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    assert cut("network", 7) == "network"
    assert cut("networks", 7) == "networ…"
    assert cut("", 7) == ""


def test_errors_are_one_line() -> None:
    assert error_in_words(ValueError("the lab\n  is on fire")) == "ValueError: the lab is on fire"
    assert error_in_words(MemoryError()) == "MemoryError"
