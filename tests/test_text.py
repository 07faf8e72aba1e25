"""What fits into a line."""

from __future__ import annotations

import unicodedata

from optuna_codeepneat._text import cut
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat._text import markdown
from optuna_codeepneat._text import markdown_code
from optuna_codeepneat._text import printable
from optuna_codeepneat._text import printable_lines


def test_what_is_too_long_ends_with_an_ellipsis() -> None:
    assert cut("network", 7) == "network"
    assert cut("networks", 7) == "networ…"
    assert cut("", 7) == ""


def test_errors_are_one_line() -> None:
    assert error_in_words(ValueError("the lab\n  is on fire")) == "ValueError: the lab is on fire"
    assert error_in_words(MemoryError()) == "MemoryError"


def test_no_terminal_obeys_what_is_printable() -> None:
    everything = "".join(map(chr, range(0x110000)))
    said = printable(everything)
    said.encode("utf-8")  # no half of a character
    assert len(said.splitlines()) == 1
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in said)
    assert unicodedata.bidirectional("\u202e") not in map(unicodedata.bidirectional, said)
    assert printable("\x1b[31m\x07\x9b") == r"\x1b[31m\x07\x9b"
    assert printable("a\n\tb\r\nc") == "a b c"
    assert printable(r"as \n it is, ü 研究 …") == r"as \n it is, ü 研究 …"
    assert printable_lines("a\x1b\nb") == "a\\x1b\nb"


def test_markdown_sees_nothing_special() -> None:
    assert markdown("a|b") == r"a\|b"
    assert markdown("<img src=x> *a* _b_ `c` [d](e)\n# f") == (
        r"\<img src=x> \*a\* \_b\_ \`c\` \[d](e) # f"
    )
    assert markdown("num_params") == "num_params"


def test_code_in_markdown_ends_where_it_should() -> None:
    assert markdown_code("show x") == "`show x`"
    assert markdown_code("a `b` ``c``\n") == "``` a `b` ``c``  ```"
