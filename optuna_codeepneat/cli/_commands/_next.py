"""What to type next: each command ends with it."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

from optuna_codeepneat._urls import without_password
from optuna_codeepneat.cli._options import NAME


if TYPE_CHECKING:
    from optuna_codeepneat.cli._options import SearchOptions
    from optuna_codeepneat.cli._study import Search


def naming(problem: str | None, storage: str | None, study_name: str | None) -> str:
    """The words of a command line that name a study, as they were given.

    A password in the storage's URL is masked, as it may stay on the screen for long.
    """
    words = [] if problem is None else [problem]
    words += [] if storage is None else ["--storage", without_password(storage)]
    words += [] if study_name is None else ["--study-name", study_name]
    return shlex.join(words)


def naming_search(search: Search, options: SearchOptions) -> tuple[str, str]:
    """The words that name the study of a search, and those that go on with it.

    They are the same but for data, and for a built-in problem with options: their study goes by
    its own name, which is shorter.

    Args:
        search:
            The search.
        options:
            Its command line.
    """
    from optuna_codeepneat.problems import DataName
    from optuna_codeepneat.problems import ProblemName
    from optuna_codeepneat.problems import needs_no_trust

    data = DataName.of(options.problem_name)
    named = ProblemName.of(options.problem_name)
    given = naming(options.problem_name, options.storage, options.study_name)
    # Code of the user's is run only where the problem is named.
    if data is None and not (named.options and needs_no_trust(options.problem_name)):
        return given, given
    # Its own name leads to the file of the default storage, another one does not.
    storage = options.storage or (search.storage if options.study_name else None)
    again = shlex.join(
        [*(data or named).words, *shlex.split(naming(None, options.storage, options.study_name))]
    )
    return naming(search.study.study_name, storage, None), again


def say_next(*steps: tuple[str, str], always: bool = False) -> None:
    """Prints command lines on stderr, with what each is for.

    Args:
        *steps:
            Command lines after the command's name, and what they do.
        always:
            Whether to do so elsewhere than on a terminal too.
    """
    if not (always or sys.stderr.isatty()):
        return
    from optuna_codeepneat.cli._terminal import width_of  # which loads more than a command's name

    lines = [(f"{NAME} {' '.join(line.split())}", what) for line, what in steps]
    width, room = max(len(line) for line, _ in lines), width_of(sys.stderr)
    print("\nNext:", file=sys.stderr)
    for line, what in lines:
        beside = f"  {line.ljust(width)}  # {what}"
        fits = room is None or len(beside) < room
        print(beside if fits else f"  # {what}:\n  {line}", file=sys.stderr)
