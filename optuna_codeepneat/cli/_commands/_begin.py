"""The commands that a newcomer types first: which problems there are, and one of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from optuna_codeepneat.cli import _options
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._errors import CommandError


def problems() -> None:
    """List the built-in problems, one a line, with their options as they are by default."""
    from optuna_codeepneat.cli._terminal import properties
    from optuna_codeepneat.problems import available_problems
    from optuna_codeepneat.problems import get_problem
    from optuna_codeepneat.problems import options_of

    lines = {}
    for name in available_problems():
        problem = get_problem(name)
        goals = [f"{direction} {what}" for what, direction in problem.objectives.items()]
        options = [f"{option}={value}" for option, value in options_of(name).items()]
        said = f"; --set {', '.join(options)}" if options else ""
        lines[name] = f"{problem.title}: {', '.join(goals)}{said}"
    print(properties(lines))
    say_next(
        # Its data are made on the spot.
        ("search mnist1d", "searches networks for it"),
        ("search --data FILE --target COLUMN", "searches networks for your own data"),
        ("init", "writes a problem of your own"),
        always=True,
    )


def init(
    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="The file, which must not be there yet.")
    ] = "my_problem.py",
    debug: _options.Debug = False,
) -> None:
    """Write a problem of your own: a file with comments, which runs as it stands.

    Put your data, your search space and your training into it, step by step.
    """
    file = Path(path)
    if file.suffix != ".py":
        raise CommandError(f"PATH must be a file *.py, got {path!r}.", 2)
    text = Path(__file__).with_name("_template.py").read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise CommandError(f"{path!r} is there already; name another file.") from error
    except OSError as error:
        raise CommandError(f"can't write {path!r}: {error.strerror or error}.") from error
    print(path)
    say_next((f"search {path} --trials 20", "searches networks for it"), always=True)
