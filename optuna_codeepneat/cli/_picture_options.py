"""Options that ask for pictures, with or without a path."""

from __future__ import annotations

from typing import Annotated
from typing import Any

import typer
from typer.core import TyperCommand


Svg = Annotated[
    str | None,
    typer.Option(metavar="[PATH]", help="Draw the network too.  [default PATH: STUDY-TRIAL.svg]"),
]
Png = Annotated[
    str | None,
    typer.Option(metavar="[PATH]", help="The same as a PNG.  [default PATH: STUDY-TRIAL.png]"),
]


class DrawingCommand(TyperCommand):
    """A command whose `--svg` and `--png` may stand without a path, which is then ""."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the command line once every such option has a value."""
        filled: list[str] = []
        for word, following in zip(args, [*args[1:], "-"], strict=False):
            filled.append(word)
            # In `show mnist1d --svg 17` the number is the trial's.
            if word in ("--svg", "--png") and (following[:1] == "-" or following.isdecimal()):
                filled.append("")
        return super().parse_args(ctx, filled)
