"""Names of problems that are made of a user's own data: ``data:prices.csv?target=price``.

A study keeps such a name, together with a hash of the content: so any process that has the data
can make the problem again, and notices when they are others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlencode

from optuna_codeepneat._text import one_of_names
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._content import content_of
from optuna_codeepneat.problems._data import TABLES
from optuna_codeepneat.problems._data import image_column
from optuna_codeepneat.problems._data import read_table
from optuna_codeepneat.problems._problem import Problem


_SCHEME = "data:"
_CONTENT = "content"

_SEVERAL = ("target", "drop")
_NUMBERS = ("size", "steps", "split-seed")
_SHARES = ("validation", "test")
_OPTIONS = (
    *("target", "text", "tokens", "vectors", "drop", "task", "metric", "split", "group"),
    *("size", "steps", "validation", "test", "split-seed", "class-weights"),
)
_IN_PYTHON = {"split-seed": "seed", "class-weights": "class_weights"}
_BALANCED = "balanced"
_OF_TABLES = ("target", "text", "drop", "split", "group")
"""What names columns, and so makes no sense without them."""


@dataclass(frozen=True, kw_only=True)
class DataName:
    """What the name of such a problem says.

    Args:
        path:
            The file or the folder.
        options:
            What was said of them, values by their names; several for a target of several columns.
        content:
            A hash of what the data were; None where nothing is said of that.
    """

    path: str
    options: Mapping[str, tuple[str, ...]]
    content: str | None = None

    @classmethod
    def of(cls, name: str) -> DataName | None:
        """What a name says; None if it is that of another problem.

        Raises:
            ValueError: If it names no path, or an option that there isn't.
        """
        if not is_data(name):
            return None
        path, _, query = name.removeprefix(_SCHEME).partition("?")
        if not path:
            raise ValueError(f"the problem {name!r} names no data: it must be data:PATH.")
        options: dict[str, tuple[str, ...]] = {}
        for key, value in parse_qsl(query, keep_blank_values=True):
            if key not in (*_OPTIONS, _CONTENT):
                raise ValueError(
                    f"the problem {name!r} has the option {key!r}, and data have none of that "
                    f"name; {one_of_names(key, _OPTIONS)}."
                )
            options[key] = (*options.get(key, ()), value)
        content = options.pop(_CONTENT, (None,))[-1]
        return cls(path=unquote(path), options=options, content=content)

    @classmethod
    def made(cls, path: str, options: Mapping[str, Any]) -> DataName:
        """The name of data with what a user said of them; None, and none of several, is nothing.

        Args:
            path:
                The file or the folder.
            options:
                Values by their names, in any type.
        """
        given = {
            key: tuple(map(str, [value] if not isinstance(value, list | tuple) else value))
            for key in _OPTIONS
            if (value := options.get(key)) is not None
        }
        return cls(path=path, options={key: value for key, value in given.items() if value})

    def __str__(self) -> str:
        pairs = [(key, value) for key in _OPTIONS for value in self.options.get(key, ())]
        pairs += [(_CONTENT, self.content)] if self.content is not None else []
        query = urlencode(pairs, quote_via=quote, safe="/ ")
        return f"{_SCHEME}{quote(self.path, safe='/ ')}{'?' if query else ''}{query}"

    @property
    def words(self) -> list[str]:
        """The words of a command line that say the same."""
        said = [
            word
            for key in _OPTIONS
            for value in self.options.get(key, ())
            for word in (f"--{key}", value)
        ]
        return ["--data", self.path, *said]

    def canonical(self) -> DataName:
        """The same, however the path was given, and with the hash of what is there now.

        Data that are not there are left as they are named.
        """
        options = dict(self.options)
        if "vectors" in options:
            options["vectors"] = tuple(map(_canonical_path, options["vectors"]))
        named = replace(self, path=_canonical_path(self.path), options=options)
        return replace(named, content=self.content or named._content_now())

    def is_changed(self, other: DataName) -> bool:
        """Whether the other one differs in the content alone."""
        return self.content != other.content and replace(self, content=other.content) == other

    def load(self) -> Problem:
        """The problem.

        Raises:
            DataError: If the data are not there, are others, or don't do for a problem.
            ValueError: If an option doesn't fit them.
            ImportError: If a package is missing.
        """
        path = Path(self.path).expanduser()
        if not path.exists():
            raise DataError(
                f"there are no data at {self.path!r} (from the folder {os.getcwd()!r})."
            )
        if self.content is not None and self.content != self._content_now():
            others = "".join(f" or {name!r}" for name in self.options.get("vectors", ()))
            raise DataError(
                f"the data in {self.path!r}{others} have changed since the study was begun with "
                "them; bring them back, or begin another one with `--study-name`."
            )
        return self._make(path, self._arguments())

    def _content_now(self) -> str | None:
        """A hash of what is there, None if anything is not."""
        files = [self.path, *self.options.get("vectors", ())]
        return content_of(*(Path(file).expanduser() for file in files))

    def _arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {}
        for key, values in self.options.items():
            name = _IN_PYTHON.get(key, key)
            if key in _SEVERAL:
                arguments[name] = list(values)
            elif len(values) > 1:
                raise ValueError(f"`{key}` may be given once, got {', '.join(values)}.")
            else:
                arguments[name] = _value(key, values[0])
        return arguments

    def _make(self, path: Path, arguments: dict[str, Any]) -> Problem:
        size = arguments.pop("size", None)
        if "text" not in arguments:
            for name in ("tokens", "vectors"):
                _check_unused(name, arguments.pop(name, None), "texts (`text`)")
        if path.is_dir() or path.suffix.lower() == ".npz":
            unfit = [key for key in _OF_TABLES if key in arguments]
            if unfit:
                raise ValueError(
                    f"`{unfit[0]}` names a column, and {self.path!r} has none; leave it out."
                )
            if path.is_dir():
                return Problem.from_image_folder(path, size=size, **arguments)
            _check_unused("size", size, "images and texts")
            return Problem.from_arrays(path, **arguments)
        if path.suffix.lower() not in TABLES:
            raise DataError(
                f"{self.path!r} is no data: it must be a folder of images, an .npz file, or a "
                f"table, {', '.join(TABLES)}."
            )
        table = read_table(path)
        if "target" not in arguments:
            raise ValueError(
                f"`target` must name a column of {self.path!r}: {_shown(table.names)}."
            )
        if "text" in arguments:
            _check_unused("drop", arguments.pop("drop", None), "tables")
            return Problem.from_text(path, length=size, **arguments)
        if image_column(table, arguments["target"]) is not None:
            _check_unused("drop", arguments.pop("drop", None), "tables")
            return Problem.from_image_folder(path, size=size, **arguments)
        _check_unused("size", size, "images and texts")
        return Problem.from_table(path, **arguments)


def _value(key: str, text: str) -> Any:
    """The value of an option in Python."""
    if key in _NUMBERS:
        if not text.isdecimal():
            raise ValueError(f"`{key}` must be a whole number, got {text!r}.")
        return int(text)
    if key in _SHARES:
        try:
            return float(text)
        except ValueError:
            raise ValueError(f"`{key}` must be a share between 0 and 1, got {text!r}.") from None
    if key == "class-weights":
        if text != _BALANCED:
            raise ValueError(f"`{key}` must be {_BALANCED!r}, got {text!r}.")
        return True
    return text


def is_data(name: str) -> bool:
    """Whether a name is that of data, be it right or not."""
    return name.startswith(_SCHEME)


def _canonical_path(path: str) -> str:
    """A path relative to the present folder where it lies below that, else the full one."""
    file = Path(os.path.abspath(os.path.expanduser(path)))
    relative = os.path.relpath(file)
    return (file if relative.startswith("..") else Path(relative)).as_posix()


def _check_unused(name: str, value: object, what: str) -> None:
    if value is not None:
        raise ValueError(f"`{name}` is for {what}, and these data are none; leave it out.")


def _shown(names: Sequence[str], most: int = 12) -> str:
    return f"{', '.join(map(repr, names[:most]))}{', ...' if len(names) > most else ''}"
