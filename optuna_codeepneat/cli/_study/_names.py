"""What the files and the studies of a problem are called."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import optuna

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._urls import without_password
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.problems import ProblemName


if TYPE_CHECKING:
    from collections.abc import Callable

    from optuna.storages import BaseStorage

    from optuna_codeepneat.problems import Problem


_MOST_BYTES = 100  # of the 255 that file systems take
_DIGITS = 8
_PLAIN = re.compile(r"\w[\w.-]*")
_LIKE_OURS = re.compile(rf".*-[0-9a-f]{{{_DIGITS}}}")


def file_name(name: str) -> str:
    """A name as a part of a file's name: another for each, in letters of any script.

    It is the name itself where that can be a file's. Otherwise what can't be in one becomes
    a hyphen, and a few digits that only this name has follow.
    """
    short = unicodedata.normalize("NFC", name)
    short = re.sub(r"[^\w.-]+", "-", short).lstrip("-._").rstrip("-.") or "study"
    short = short.encode()[:_MOST_BYTES].decode(errors="ignore")
    if short == name and _PLAIN.fullmatch(name) and not _LIKE_OURS.fullmatch(name):
        return name
    return f"{short}-{content_hash(name, _DIGITS)}"


def default_storage(problem: str, load: Callable[[str], Problem]) -> str:
    """The storage of a problem's searches: a SQLite file in the current folder.

    Args:
        problem:
            The problem as the user names it.
        load:
            Gives the problem of ``module:attribute`` or one with options, which has a name of
            its own.

    Raises:
        CommandError: If that is no problem but the URL of a storage.
    """
    if "://" in problem:
        shown = without_password(problem)
        raise CommandError(f"{shown!r} is no problem; name a storage by `--storage`.")
    if not _has_own_name(problem):
        return f"sqlite:///{file_name(problem)}.db"
    # Files were named after module and attribute once.
    before = re.sub(r"[^A-Za-z0-9_.-]+", "-", problem) + ".db"
    if Path(before).exists():
        return f"sqlite:///{before}"
    return f"sqlite:///{file_name(load(problem).name)}.db"


def study_of(problem: str, storage: BaseStorage, load: Callable[[str], Problem]) -> str | None:
    """The name of the study of a problem's search, None if there is none.

    Args:
        problem:
            The problem as the user names it; or the study's name.
        storage:
            Where the study lies.
        load:
            Gives the problem of ``module:attribute``.

    Raises:
        CommandError: If it may be several.
    """
    names = optuna.get_all_study_names(storage)
    if problem in names:
        return problem
    if not _has_own_name(problem):
        return None
    found = [name for name in names if _problem_of(name, storage) == problem]
    if len(found) > 1:
        own = load(problem).name
        if own not in found:
            raise CommandError(
                f"the studies {', '.join(found)} are of the problem {problem!r}: "
                "name one with `--study-name`."
            )
        return own
    return found[0] if found else None


def _problem_of(study_name: str, storage: BaseStorage) -> str | None:
    study = optuna.load_study(study_name=study_name, storage=storage)
    return Searched.of(study.user_attrs).problem


def _has_own_name(problem: str) -> bool:
    """Whether what a problem is called here may not be its own name.

    So it is with ``module:attribute``, with a file, and with options.
    """
    if ":" in problem or problem.endswith(".py"):
        return True
    try:
        return bool(ProblemName.of(problem).options)
    except ValueError:  # whoever loads it says what is wrong
        return True
