"""Problems by name."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from optuna_codeepneat.problems._problem import Problem


# Name -> the module and the function in it that makes the problem; imported when asked for.
_BUILT_IN = {
    "mnist1d": ("optuna_codeepneat.problems._mnist1d", "mnist1d"),
}
_MADE: dict[str, Problem] = {}


def available_problems() -> tuple[str, ...]:
    """The names of the built-in problems.

    Example:
        >>> from optuna_codeepneat.problems import available_problems
        >>> "mnist1d" in available_problems()
        True
    """
    return tuple(sorted(_BUILT_IN))


def get_problem(name: str) -> Problem:
    """The problem of a name.

    Args:
        name:
            One of `available_problems`; or ``package.module:attribute``, where the attribute is
            a `Problem`, or a function without arguments that returns one. The module may lie in
            the current folder.

    Returns:
        The problem, the same object each time for a built-in one.

    Raises:
        ValueError: If there is no such problem, or its module can't be imported.

    Example:
        >>> from optuna_codeepneat.problems import get_problem
        >>> get_problem("mnist1d").metric_names
        ('accuracy', 'num_params')
    """
    if name in _BUILT_IN:
        if name not in _MADE:
            module, attribute = _BUILT_IN[name]
            _MADE[name] = _make(name, getattr(importlib.import_module(module), attribute))
        return _MADE[name]
    module, colon, attribute = name.partition(":")
    if not (colon and module and attribute):
        raise ValueError(
            f"there is no problem {name!r}; the known ones are {', '.join(available_problems())}, "
            "and one of your own is given as package.module:attribute."
        )
    return _make(name, _look_up(name, module, attribute))


def _look_up(name: str, module: str, attribute: str) -> Any:
    try:
        found: Any = _import(module)
    # Whatever the user's module raises while it is imported.
    except Exception as error:
        raise ValueError(
            f"the problem {name!r} can't be loaded: importing {module!r} failed with "
            f"{type(error).__name__}: {error}"
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ValueError(
                f"the problem {name!r} can't be loaded: {module!r} has no {attribute!r}."
            )
        found = getattr(found, part)
    return found


def _import(module: str) -> Any:
    # An installed command does not look for modules in the current folder, `python -m` does.
    folder = os.getcwd()
    if folder in sys.path or "" in sys.path:
        return importlib.import_module(module)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(module)
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _make(name: str, found: Any) -> Problem:
    if callable(found) and not isinstance(found, Problem):
        try:
            found = found()
        except Exception as error:
            raise ValueError(
                f"the problem {name!r} can't be made: {type(error).__name__}: {error}"
            ) from error
    if not isinstance(found, Problem):
        raise ValueError(
            f"the problem {name!r} must be a `Problem` or a function that returns one, "
            f"got {type(found).__name__}."
        )
    return found
