"""The search space of a study: the problem's, what the study holds, or what the user names."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import SPACE
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import stored_space
from optuna_codeepneat.search_space import SearchSpace


if TYPE_CHECKING:
    from collections.abc import Callable

    import optuna

    from optuna_codeepneat.problems import Problem


def space_of(
    study: optuna.Study,
    problem: Problem | None,
    named: str | None,
    note: Callable[[str], None] = lambda text: None,
) -> SearchSpace | None:
    """The search space of a study, None if it is not known here.

    Args:
        study:
            The study, with any sampler.
        problem:
            Its problem, if that is known.
        named:
            What the command line names instead, ``module:attribute``.
        note:
            Where to say why a space that the study holds can't be had.

    Raises:
        CommandError: If there is no space of the name.
    """
    if named is not None:
        return load_space(named)
    if problem is not None:
        return problem.space
    try:
        recorded = _recorded_space(study)
        return stored_space(study) if recorded is None else recorded
    except (StoredStateError, ValueError) as error:
        note(f"Networks are not read: {str(error).rstrip('.')}; `--space` names their space.")
        return None


def as_begun(problem: Problem, fingerprint: str | None) -> Problem:
    """A problem of texts with the space of its study, where that is older than `padding_index`.

    Args:
        problem:
            The problem.
        fingerprint:
            Of the space of the study, None if it has none.
    """
    described = problem.space.to_json()
    if described.pop("padding_index", None) is None:
        return problem
    older = SearchSpace.from_json(described)
    if older.fingerprint != fingerprint:
        return problem
    return replace(problem, make_space=lambda: older)


def _recorded_space(study: optuna.Study) -> SearchSpace | None:
    """The space that a search left in its study, None if there is none.

    Raises:
        ValueError: If it can't be made here, as with layers that are not registered.
    """
    described = study.user_attrs.get(SPACE)
    if described is None:
        return None
    try:
        return SearchSpace.from_json(described)
    except (TypeError, ValueError) as error:
        text = f"the search space of the study {study.study_name!r} cannot be rebuilt: {error}"
        raise ValueError(text) from error


def load_space(name: str) -> SearchSpace:
    """The search space that the user names, by importing its module.

    Args:
        name:
            ``package.module:attribute``, where the attribute is a search space, a problem, or a
            function without arguments that returns one of these. The module may lie in the
            current folder.

    Raises:
        CommandError: If there is none.
    """
    from optuna_codeepneat.problems import Problem

    module, _, attribute = name.partition(":")
    if not (module and attribute):
        raise CommandError(f"`--space` must be module:attribute, got {name!r}.", 2)
    try:
        found = _attribute_of(module, attribute)
        if callable(found):
            found = found()
        found = found.space if isinstance(found, Problem) else found
    except Exception as error:  # whatever the user's module raises
        raise CommandError(
            f"`--space {name}` failed with {type(error).__name__}: {error}"
        ) from error
    if not isinstance(found, SearchSpace):
        raise CommandError(
            f"`--space {name}` must be a `SearchSpace`, a `Problem` or a function that returns "
            f"one, got {type(found).__name__}."
        )
    return found


def _attribute_of(module: str, attribute: str) -> Any:
    # An installed command does not look for modules in the current folder, `python -m` does.
    before, sys.path[:0] = list(sys.path), [os.getcwd()]
    try:
        found: Any = importlib.import_module(module)
    finally:
        sys.path[:] = before
    for part in attribute.split("."):
        found = getattr(found, part)
    return found
