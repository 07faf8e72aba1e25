"""Text for where there is a line for it."""

from __future__ import annotations


def cut(text: str, most: int) -> str:
    """The text, or as much of it as fits into so many characters with an ellipsis behind it."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def single_spaced(text: object) -> str:
    """What it says, with single spaces for all white space."""
    return " ".join(str(text).split())


def error_in_words(error: BaseException) -> str:
    """What an exception says, in one line: its class and its text."""
    text = single_spaced(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
