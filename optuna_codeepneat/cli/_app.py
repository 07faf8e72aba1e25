"""The command and its subcommands."""

from __future__ import annotations

import typer

from optuna_codeepneat.cli._picture_options import DrawingCommand
from optuna_codeepneat.cli._search_commands import search
from optuna_codeepneat.cli._search_commands import worker
from optuna_codeepneat.cli._view_commands import dashboard
from optuna_codeepneat.cli._view_commands import front
from optuna_codeepneat.cli._view_commands import report
from optuna_codeepneat.cli._view_commands import show
from optuna_codeepneat.cli._view_commands import verify


NAME = "optuna-codeepneat"

app = typer.Typer(
    name=NAME,
    add_completion=False,
    rich_markup_mode=None,  # plain help reads well in any width
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Evolve neural networks through Optuna.

    Tables go to stdout, progress and errors to stderr. Exit status: 0 done, 1 it failed, 2 the
    command line is wrong, 130 stopped by Ctrl-C, 143 stopped by SIGTERM.""",
)

# In the order in which the help lists them.
app.command()(search)
app.command()(worker)
app.command()(front)
app.command(cls=DrawingCommand)(show)
app.command()(report)
app.command()(verify)
app.command()(dashboard)
