"""The entry point: runs a command and says in one line what went wrong."""

from __future__ import annotations

import os
import re
import shlex
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from optuna_codeepneat._text import printable
from optuna_codeepneat._text import printable_lines
from optuna_codeepneat._urls import without_password
from optuna_codeepneat.cli._commands import dashboard
from optuna_codeepneat.cli._commands import export
from optuna_codeepneat.cli._commands import front
from optuna_codeepneat.cli._commands import init
from optuna_codeepneat.cli._commands import predict
from optuna_codeepneat.cli._commands import problems
from optuna_codeepneat.cli._commands import report
from optuna_codeepneat.cli._commands import retrain
from optuna_codeepneat.cli._commands import search
from optuna_codeepneat.cli._commands import show
from optuna_codeepneat.cli._commands import train
from optuna_codeepneat.cli._commands import verify
from optuna_codeepneat.cli._commands import worker
from optuna_codeepneat.cli._encoding import replace_what_does_not_fit
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._errors import ProblemError
from optuna_codeepneat.cli._options import NAME as NAME
from optuna_codeepneat.cli._options import DrawingCommand


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command; the entry point of `optuna-codeepneat`.

    Args:
        arguments:
            The command line after the name; by default that of this process.

    Returns:
        The exit status: 0 done, 1 it failed, 2 the command line is wrong, 130 stopped by
        Ctrl-C, 143 stopped by SIGTERM.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    command = typer.main.get_command(app)
    replace_what_does_not_fit(sys.stdout, sys.stderr)
    try:
        status = command.main(arguments, prog_name=NAME, standalone_mode=False)
        return status if isinstance(status, int) else 0
    except Interrupted as stopped:
        again = shlex.join(_without_passwords(arguments))
        print(printable(f"{stopped} {NAME} {again}"), file=sys.stderr)
        return stopped.status
    except CommandError as error:
        if "--debug" in arguments:
            shown = _discreet(traceback.format_exc(), arguments)
            print(printable_lines(shown), file=sys.stderr)
        elif isinstance(error, ProblemError) and (shown := error.users_traceback):
            print(printable_lines(_discreet(shown, arguments)), file=sys.stderr)
        print(f"Error: {_sentence(_discreet(str(error), arguments))}", file=sys.stderr)
        return error.status
    except typer.TyperException as error:
        text = _discreet(_plain(error.format_message()), arguments)
        print(f"Error: {_sentence(text)}", file=sys.stderr)
        return error.exit_code
    except typer.Abort:
        return 130
    except BrokenPipeError:  # as in `front mnist1d | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        from optuna_codeepneat.storages import database_reason

        reason = database_reason(error)
        if reason is None or "--debug" in arguments:
            raise
        print(f"Error: the database failed: {_sentence(reason)}", file=sys.stderr)
        return 1


def _plain(text: str) -> str:
    """What typer says of a value, without the words of the library that checks it."""
    text = re.sub(r": Value error, ", ": ", text)
    text = re.sub(r", unable to parse string as an? \w+$", "", text)
    return re.sub(r": Input should be (?:a )?(?:valid )?", ": it must be ", text)


def _without_passwords(arguments: Sequence[str]) -> list[str]:
    shown = list(arguments)
    for i, argument in enumerate(arguments):
        of_storage = "--storage" in (*arguments[i - 1 : i], argument.partition("=")[0])
        if "://" in argument or of_storage:
            shown[i] = without_password(argument)
    return shown


def _discreet(text: str, arguments: Sequence[str]) -> str:
    """A text that may repeat what was typed, or what follows its scheme, without passwords."""
    for typed, shown in zip(arguments, _without_passwords(arguments), strict=True):
        if typed != shown:
            text = text.replace(typed, shown)
            text = text.replace(typed.partition("://")[2] or typed, shown.partition("://")[2])
    return text


def _sentence(text: str) -> str:
    text = printable(text)  # it may quote what others wrote into the database
    return text if text.endswith((".", "!", "?")) else f"{text}."


app = typer.Typer(
    name=NAME,
    rich_markup_mode=None,  # plain help reads well in any width
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Evolve neural networks through Optuna.

    Tables go to stdout, progress and errors to stderr. Exit status: 0 done, 1 it failed, 2 the
    command line is wrong, 130 stopped by Ctrl-C, 143 stopped by SIGTERM.""",
)


def _say_version(wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version
    from platform import python_version

    from optuna_codeepneat.version import __version__

    parts = [f"{NAME} {__version__}"]
    for package in ("optuna", "torch"):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            parts.append(f"no {package}")
    print(", ".join([*parts, f"Python {python_version()}"]))
    raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Show versions and exit."
        ),
    ] = False,
) -> None:
    """Options before any command."""


# In the order in which the help lists them.
app.command()(problems)
app.command()(init)
app.command()(search)
app.command()(worker)
app.command()(front)
app.command(cls=DrawingCommand)(show)
app.command()(train)
app.command()(export)
app.command()(predict)
app.command()(retrain)
app.command()(report)
app.command()(verify)
app.command()(dashboard)
