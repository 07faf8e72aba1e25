"""Where the published files of a problem lie: nothing is downloaded, what is there is read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from optuna_codeepneat.exceptions import DataError


VARIABLE = "OPTUNA_CODEEPNEAT_DATA"
"""The environment variable that names the folder with the data of all problems."""


def data_folder() -> Path:
    """The folder with the data of all problems, which needn't be there.

    It is the one that `VARIABLE` names; without it, by XDG's rule, one in the home folder.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        return Path(os.path.expanduser(given))
    base = os.environ.get("XDG_DATA_HOME", "")
    share = base if os.path.isabs(base) else os.path.expanduser("~/.local/share")
    return Path(share, "optuna-codeepneat")


@dataclass(frozen=True, kw_only=True)
class DataFiles:
    """The published files of a problem.

    Args:
        title:
            What they are.
        folders:
            Where they may be: absolute, or within the folder of all data. The first is the one
            that users are told.
        needed:
            Patterns of names, relative to the folder; a file has to fit each.
        get:
            What to do to have them, as an imperative that ends in where they are from.
    """

    title: str
    folders: Sequence[str]
    needed: Sequence[str]
    get: str

    def find(self) -> Path:
        """The first folder with all of the files.

        Raises:
            DataError: If there is none, with what is missing, where to get it and where to put it.
        """
        begun = ""
        for folder in (data_folder() / each for each in self.folders):
            lacking = [pattern for pattern in self.needed if not _is_there(folder, pattern)]
            if not lacking:
                return folder
            if len(lacking) < len(self.needed) and not begun:
                begun = f" ({str(folder)!r} has no {lacking[0]})"
        raise DataError(
            f"the data of {self.title} are not here{begun}: {self.get}, into "
            f"{str(data_folder() / self.folders[0])!r}; the environment variable {VARIABLE} names "
            f"another folder of all data than {str(data_folder())!r}."
        )


def _is_there(folder: Path, pattern: str) -> bool:
    try:
        return next(folder.glob(pattern), None) is not None
    except OSError:  # not allowed to look
        return False
