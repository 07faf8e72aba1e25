"""Output for terminals and files that cannot hold every character."""

from __future__ import annotations

import codecs
from typing import TextIO


_PLAIN = {
    "…": "...",
    "–": "-",
    "—": "-",
    "─": "-",
    "━": "-",
    "╸": "-",
    "×": "x",
    "→": "->",
    "↓": "(halved)",
    "’": "'",
}
_HANDLER = "optuna-codeepneat"


def replace_what_does_not_fit(*streams: TextIO) -> None:
    """Makes streams replace what their encoding lacks: an ellipsis by dots, others by "?"."""
    codecs.register_error(_HANDLER, _replaced)
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_HANDLER)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(char, "?") for char in lacking), error.end
