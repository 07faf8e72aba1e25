"""What goes wrong, in one sentence."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

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


class ProblemError(CommandError):
    """The user's own code failed; its cause says where."""

    @property
    def users_traceback(self) -> str:
        """The traceback of the user's code; "" where none of it ran."""
        cause = self.__cause__
        while cause is not None:
            if shown := users_traceback(cause):
                return shown
            cause = cause.__cause__
        return ""


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


_PACKAGE = str(Path(__file__).parents[1])
_STANDARD = sysconfig.get_path("stdlib")
_LIBRARIES = ("click", "numpy", "optuna", "sqlalchemy", "torch", "typer")
_LONGEST_TRACEBACK = 10_000


def one_line(error: BaseException, most: int = 300) -> str:
    """An exception as one line: its class, its text, and the line of code that raised it.

    That is the last line of the user's code, where there is one.
    """
    described = cut(error_in_words(error), most)
    place = _place(error)
    return f"{described} ({place})" if place else described


def kind_of(error: BaseException) -> str:
    """What two exceptions have in common that are the same mistake: their class and place."""
    return f"{type(error).__qualname__} {_place(error)}"


def users_traceback(error: BaseException) -> str:
    """The traceback of an exception without the frames of this package.

    It begins with the first line of the user's code; "" where there is none.
    """
    if not any(map(_is_users, traceback.extract_tb(error.__traceback__))):
        return ""
    shown = traceback.TracebackException.from_exception(error)
    part: traceback.TracebackException | None = shown
    while part is not None:
        frames = list(part.stack)
        first = next((i for i, frame in enumerate(frames) if _is_users(frame)), len(frames))
        kept = [frame for frame in frames[first:] if not _is_in(_PACKAGE, frame.filename)]
        part.stack = traceback.StackSummary.from_list(kept)
        part = part.__cause__ or (None if part.__suppress_context__ else part.__context__)
    return cut("".join(shown.format()).rstrip(), _LONGEST_TRACEBACK)


def full_traceback(error: BaseException) -> str:
    """The traceback of an exception with all that there is."""
    return "".join(traceback.format_exception(error)).rstrip()


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    chosen = [frame for frame in frames if _is_users(frame)] or frames
    return f"{chosen[-1].filename}:{chosen[-1].lineno}" if chosen else ""


def _is_users(frame: traceback.FrameSummary) -> bool:
    """Whether a line is neither of this package, nor of Python, nor of a library below it."""
    file = frame.filename
    if file.startswith("<") or _is_in(_PACKAGE, file):
        return False
    if "site-packages" in file:  # where a user's package may be installed too
        return Path(file.rpartition("site-packages")[2]).parts[1] not in _LIBRARIES
    return not _is_in(_STANDARD, file)


def _is_in(folder: str, file: str) -> bool:
    return Path(file).is_relative_to(folder)
