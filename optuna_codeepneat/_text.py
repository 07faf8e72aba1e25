"""Text for where there is a line for it, and for who reads it: a terminal, a page, a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches


# What a terminal obeys instead of showing it, what reverses a line, and halves of characters.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_SPACES = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# An underscore within a word is one.
_MARKDOWN = re.compile(r"([\\`*\[<|~&$]|(?<!\w)_|_(?!\w))")


def cut(text: str, most: int) -> str:
    """The text, or as much of it as fits into so many characters with an ellipsis behind it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def counted(number: int, noun: str) -> str:
    """A number with what there are so many of, whose plural ends with an s."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def single_spaced(text: object) -> str:
    """What it says, with single spaces for all white space."""
    return " ".join(str(text).split())


def one_of_names(name: str, known: Sequence[str], most: int = 8) -> str:
    """What a name may have been meant for that is none: those that are alike, or all there are."""
    alike = get_close_matches(name, known, n=3, cutoff=0.5)
    if not alike:  # `get_close_matches` takes "Price" and "PRICE" for far apart
        alike = [each for each in known if each.casefold() == name.casefold()]
    if alike:
        return (
            f"the closest is {alike[0]!r}"
            if len(alike) == 1
            else (f"the closest are {', '.join(map(repr, alike))}")
        )
    shown = ", ".join(map(repr, known[:most]))
    return f"there are {shown}{', ...' if len(known) > most else ''}"


def error_in_words(error: BaseException) -> str:
    """What an exception says, in one line: its class and its text."""
    text = printable(single_spaced(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def printable(text: object) -> str:
    r"""What it says, in one line that no terminal obeys and that every file can hold.

    New lines and tabs become spaces; other control characters, those that reverse the direction
    of reading, and lone surrogates become what Python writes for them, such as ``\x1b``.
    """
    in_line = _SPACES.sub(" ", str(text))
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), in_line)


def printable_lines(text: object) -> str:
    """The same for a text of several lines, which it stays."""
    return "\n".join(map(printable, str(text).split("\n")))


def markdown(text: object) -> str:
    """What it says, in one line in which Markdown sees nothing special, within a table too."""
    return _MARKDOWN.sub(r"\\\1", printable(text))


def markdown_code(text: object) -> str:
    """What it says, as code in Markdown, which has longer fences where there are backticks."""
    inner = printable(text)
    fence = "`" * (1 + max(map(len, re.findall("`+", inner)), default=0))
    return f"{fence}{inner}{fence}" if len(fence) == 1 else f"{fence} {inner} {fence}"
