"""Names of problems that have options: ``fashion_mnist?size=14``.

An option is a keyword argument with a default of the function that makes the problem. A study
keeps the name, so that every process that opens it makes the same problem.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import quote
from urllib.parse import urlencode

from optuna_codeepneat._scalars import scalar
from optuna_codeepneat._text import one_of_names


Value = bool | int | float | str

_DATA = "data:"
"""Names of data have options of their own kind."""

_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_OPTIONS = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, kw_only=True)
class ProblemName:
    """What the name of a problem says.

    Args:
        base:
            The name without options.
        options:
            Values as texts, by their names.
    """

    base: str
    options: Mapping[str, str]

    @classmethod
    def of(cls, name: str) -> ProblemName:
        """What a name says.

        Raises:
            ValueError: If it says something twice.
        """
        base, _, query = name.partition("?")
        # A question mark may as well be part of a file's name.
        if name.startswith(_DATA) or not _OPTIONS.match(query):
            return cls(base=name, options={})
        options: dict[str, str] = {}
        for key, value in parse_qsl(query, keep_blank_values=True):
            if key in options:
                raise ValueError(f"the problem {name!r} has the option {key!r} twice.")
            options[key] = value
        return cls(base=base, options=options)

    def with_options(self, options: Mapping[str, Any]) -> ProblemName:
        """The same with more options.

        Raises:
            ValueError: If the name has one of them, or is of a kind that has no such options.
        """
        if not options:
            return self
        if self.base.startswith(_DATA):
            raise ValueError(
                f"the options of {self.base!r} belong into the name, got `{next(iter(options))}`."
            )
        for key in options:
            if key in self.options:
                raise ValueError(f"the problem {str(self)!r} has the option {key!r} twice.")
        given = {key: _as_text(value) for key, value in options.items()}
        return ProblemName(base=self.base, options={**self.options, **given})

    def __str__(self) -> str:
        query = urlencode(sorted(self.options.items()), quote_via=quote, safe="/ ,")
        return f"{self.base}{'?' if query else ''}{query}"

    @property
    def words(self) -> list[str]:
        """The words of a command line that say the same."""
        said = [
            word for each in sorted(self.options.items()) for word in ("--set", "=".join(each))
        ]
        return [self.base, *said]

    @property
    def suffix(self) -> str:
        """What tells the problem from that without options, for a short name."""
        said = [f"-{key}{value}" for key, value in sorted(self.options.items())]
        return re.sub(r"[^\w.-]+", "-", "".join(said))

    @property
    def in_words(self) -> str:
        """The options, for a title."""
        said = [f"{key} {value}" for key, value in sorted(self.options.items())]
        return f" ({', '.join(said)})" if said else ""

    def without_defaults(self, function: Callable[..., Any]) -> ProblemName:
        """The same without what is so anyway, each value as it is always written.

        Raises:
            ValueError: If the function has no such option, or a value is not of its type.
        """
        defaults = defaults_of(function)
        values = self.values(function)
        options = {key: _as_text(v) for key, v in values.items() if v != defaults[key]}
        return ProblemName(base=self.base, options=options)

    def values(self, function: Callable[..., Any]) -> dict[str, Value]:
        """The options as a function takes them, by the types of its defaults.

        Raises:
            ValueError: If it has no such option, or a value is not of its type.
        """
        defaults = defaults_of(function)
        values: dict[str, Value] = {}
        for key, text in self.options.items():
            if key not in defaults:
                known = one_of_names(key, list(defaults)) if defaults else "it has none"
                raise ValueError(f"the problem {self.base!r} has no option {key!r}; {known}.")
            values[key] = _of_type(key, text, type(defaults[key]))
        return values


def defaults_of(function: Callable[..., Any]) -> dict[str, Value]:
    """The options of a function, with their defaults."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if isinstance(parameter.default, Value)
    }


def _as_text(value: Any) -> str:
    value = scalar(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_type(key: str, text: str, kind: type) -> Value:
    if kind is str:
        return text
    if kind is bool:
        if text.lower() not in _WORDS:
            raise ValueError(f"`{key}` must be true or false, got {text!r}.")
        return _WORDS[text.lower()]
    try:
        return int(text) if kind is int else float(text)
    except ValueError:
        what = "a whole number" if kind is int else "a number"
        raise ValueError(f"`{key}` must be {what}, got {text!r}.") from None
