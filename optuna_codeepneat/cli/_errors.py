"""What goes wrong, in one sentence."""

from __future__ import annotations

import traceback

from optuna_codeepneat._text import cut
from optuna_codeepneat._text import error_in_words


class CommandError(Exception):
    """Something that the user has to know or to change; its text is what they read.

    Args:
        message:
            One sentence.
        status:
            The exit status that the command ends with.
    """

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class NotYet(CommandError):
    """Something isn't there that another command may still make."""


class Interrupted(Exception):
    """The command was told to stop, by Ctrl-C or by SIGTERM.

    Args:
        signal_number:
            The signal; the exit status is 128 more.
        message:
            One line: what is kept, and how to go on.
    """

    def __init__(self, signal_number: int, message: str) -> None:
        super().__init__(message)
        self.status = 128 + signal_number


def one_line(error: BaseException, most: int = 300) -> str:
    """An exception as one line: its class, its text, and the line of code that raised it."""
    described = cut(error_in_words(error), most)
    frames = traceback.extract_tb(error.__traceback__)
    return f"{described} ({frames[-1].filename}:{frames[-1].lineno})" if frames else described
