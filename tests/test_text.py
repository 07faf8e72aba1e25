"""What fits into a line."""

from __future__ import annotations

import unicodedata

from optuna_codeepneat._text import counted
from optuna_codeepneat._text import cut
from optuna_codeepneat._text import error_in_words
from optuna_codeepneat._text import markdown
from optuna_codeepneat._text import markdown_code
from optuna_codeepneat._text import one_of_names
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


def test_counts_have_a_plural() -> None:
    assert [counted(n, "row") for n in (0, 1, 2, 2000)] == [
        "0 rows",
        "1 row",
        "2 rows",
        "2,000 rows",
    ]


def test_what_a_name_may_have_been_meant_for() -> None:
    known = ["price", "prices", "PLACE", "area"]

    assert one_of_names("pric", known) == "the closest are 'price', 'prices'"
    assert one_of_names("place", ["PLACE", "area"]) == "the closest is 'PLACE'"
    assert one_of_names("zzz", ["a", "b"]) == "there are 'a', 'b'"
    assert one_of_names("zzz", ["a", "b", "c"], most=2) == "there are 'a', 'b', ..."
