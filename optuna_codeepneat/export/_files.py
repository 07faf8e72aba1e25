"""What the files of an exported network are called, and how a directory is written at once."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from optuna_codeepneat.exceptions import ExportError


CONFIG = "config.json"
WEIGHTS = "model.safetensors"
CARD = "README.md"
DIAGRAM = "network.svg"
ONNX = "model.onnx"
ONNX_WEIGHTS = "model.onnx.data"
"""Where torch puts what is too large for one file of protobuf."""
PROGRAM = "model.pt2"

MARK = "optuna-codeepneat"
"""What `config.json` says under "made_by"."""

_OURS = {CONFIG, WEIGHTS, CARD, DIAGRAM, ONNX, ONNX_WEIGHTS, PROGRAM}


@contextmanager
def replaced(directory: Path) -> Iterator[Path]:
    """An empty directory to write into, which at the end takes the place of another.

    It lies beside that one until all is written, so that nobody ever sees a half.

    Args:
        directory:
            Where it shall be: nothing, an empty directory, or an exported network.

    Raises:
        ExportError: If something else is there, or it can't be written.
    """
    directory = Path(os.path.abspath(directory))
    check_replaceable(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise _unwritten(directory, error) from error
    try:
        yield made
        made.chmod(_usual_mode())
        check_replaceable(directory)
        if directory.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
            directory.replace(old / "old")
            made.replace(directory)
            shutil.rmtree(old, ignore_errors=True)
        else:
            made.replace(directory)
    except OSError as error:
        raise _unwritten(directory, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def read_config(directory: Path) -> dict[str, Any] | None:
    """What the `config.json` of an exported network says; None if there is none.

    Raises:
        ExportError: If it is damaged.
    """
    path = directory / CONFIG
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{str(path)!r} can't be read: {error}.") from None
    try:
        config = json.loads(text)
    except ValueError as error:
        raise ExportError(f"{str(path)!r} is damaged: {error}.") from None
    is_ours = isinstance(config, dict) and config.get("made_by") == MARK
    return config if is_ours else None


def check_replaceable(directory: Path) -> None:
    """Raises unless nothing is lost where a directory is replaced."""
    if not directory.exists() and not directory.is_symlink():
        return
    shown = str(directory)
    if not directory.is_dir() or directory.is_symlink():
        raise ExportError(f"{shown!r} is there already and no directory; name another one.")
    held = sorted(entry.name for entry in directory.iterdir())
    if held and read_config(directory) is None:
        raise ExportError(
            f"{shown!r} is there already and holds something else than an exported network; "
            "name another directory."
        )
    if others := [name for name in held if name not in _OURS]:
        raise ExportError(
            f"{shown!r} holds an exported network, but also {others[0]!r}, which would be lost; "
            "name another directory."
        )


def _unwritten(directory: Path, error: OSError) -> ExportError:
    return ExportError(f"{str(directory)!r} can't be written: {error.strerror or error}.")


def _usual_mode() -> int:
    """The permissions that a new directory has here; those of a temporary one are narrower."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o777 & ~mask
