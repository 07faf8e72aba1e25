"""How text is set on a terminal: how wide it is, and where its lines are broken."""

from __future__ import annotations

import shutil
import sys
from typing import TextIO

from rich.cells import cell_len

from optuna_codeepneat._text import printable


def width_of(stream: TextIO) -> int | None:
    """The columns of the terminal that a stream goes to; None where it goes elsewhere."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def broken(text: str, width: int | None, *, indent: int = 0) -> list[str]:
    """A text in lines of at most `width` columns, broken between words alone.

    Args:
        text:
            The text, of one line.
        width:
            Columns, None for any number. A word that is longer has a line of its own.
        indent:
            By how many columns all but the first line are moved to the right.
    """
    if width is None or cell_len(text) <= width:
        return [text]
    words = text.lstrip(" ")
    begin = " " * (len(text) - len(words))
    lines: list[str] = []
    for word in words.split(" "):
        if lines and cell_len(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        elif word:
            lines.append((" " * indent if lines else begin) + word)
    return lines


def padded(text: str, width: int, *, right: bool = False) -> str:
    """A text with spaces around it, so that it takes so many columns."""
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def say(text: str) -> None:
    """Says something in one line on stderr, at once; a terminal's width breaks no word of it."""
    lines = broken(printable(text), width_of(sys.stderr))
    print("\n".join(lines), file=sys.stderr, flush=True)
