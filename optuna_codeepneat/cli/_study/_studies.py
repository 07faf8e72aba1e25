"""Storages, studies and what a study remembers of its search."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from dataclasses import replace
from shlex import join
from typing import TYPE_CHECKING

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.study import StudyDirection

from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat._attributes import SPACE
from optuna_codeepneat._attributes import TARGET
from optuna_codeepneat._attributes import TITLE
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.cli._errors import ProblemError
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._study._artifacts import absolute_artifacts
from optuna_codeepneat.cli._study._artifacts import check_passes_on_weights
from optuna_codeepneat.cli._study._artifacts import default_artifacts
from optuna_codeepneat.cli._study._artifacts import is_usable
from optuna_codeepneat.cli._study._artifacts import mark_folder
from optuna_codeepneat.cli._study._artifacts import open_weights
from optuna_codeepneat.cli._study._names import default_storage
from optuna_codeepneat.cli._study._names import study_of
from optuna_codeepneat.cli._study._pruners import make_pruner
from optuna_codeepneat.cli._study._samplers import make_sampler
from optuna_codeepneat.cli._study._settings import SearchSettings
from optuna_codeepneat.cli._study._settings import settled
from optuna_codeepneat.cli._study._spaces import as_begun
from optuna_codeepneat.cli._study._storages import open_storage
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import DataName
from optuna_codeepneat.problems import canonical_name
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import get_profile
from optuna_codeepneat.problems import is_data
from optuna_codeepneat.problems import needs_no_trust


if TYPE_CHECKING:
    from optuna.storages import BaseStorage

    from optuna_codeepneat.cli._options import SearchOptions
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.problems import Profile


def load_problem(name: str, space: str | None = None) -> Problem:
    """The problem of a name, or of ``package.module:attribute`` in a module of the user's.

    Args:
        name:
            The name.
        space:
            Fingerprint of the space that its study was begun with, if there is one.

    Raises:
        ProblemError: If there is none, or it fails.
    """
    try:
        with redirect_stdout(sys.stderr):  # stdout is for tables
            problem = get_problem(name)
    except (ImportError, ValueError) as error:
        raise ProblemError(str(error)) from error
    try:
        with redirect_stdout(sys.stderr):
            problem.space  # noqa: B018  # made now, where it can be said whose fault it is
    except Exception as error:
        raise ProblemError(
            f"the problem {name!r} can't make its search space: {one_line(error)}"
        ) from error
    return as_begun(problem, space)


def open_searched(problem: str | None, storage: str | None) -> BaseStorage:
    """The storage that a search used, to read from.

    Args:
        problem:
            The problem's name, which gives the default of the other; or the study's.
        storage:
            The storage's URL.

    Raises:
        CommandError: If it isn't there, or neither is given.
    """
    if storage is None:
        if problem is None:
            raise CommandError("name the PROBLEM that was searched, or its `--storage`.", 2)
        storage = default_storage(problem, load_problem)
    return open_storage(storage)


def open_study(
    problem: str | None, storage: str | None, name: str | None, *, reads_data: bool = True
) -> tuple[optuna.Study, Problem | None]:
    """The study that a search made, and its problem.

    Args:
        problem:
            The problem's name, which gives the defaults of the others; or the study's.
        storage:
            The storage's URL.
        name:
            The study's name. Without it and without `problem`, the only study in the storage.
        reads_data:
            Whether the problem is wanted where data have to be read for it.

    Returns:
        The study, and the problem recorded in it: None for a study of the user's own making, and
        where the problem is code that the command line doesn't name, or data that are not here.
        Whoever may write to the database is not to say what is run here.
    """
    problem = problem and canonical_name(problem)
    opened = open_searched(problem, storage)
    if name is None and problem is not None:
        name = study_of(problem, opened, load_problem) or problem
    study = find_study(opened, name)
    name = study.study_name
    searched = Searched.of(study.user_attrs)
    recorded = searched.problem
    # A study may also be named in the place of its problem.
    if problem is not None and problem != name and recorded not in (None, problem):
        raise CommandError(f"the study {name!r} is of the problem {recorded!r}, not {problem!r}.")
    if recorded is not None:
        space = searched.settings.get("space") if searched.settings else None
        if is_data(recorded):
            found = _of_data(recorded, space) if reads_data else None
        else:
            trusted = recorded == problem or needs_no_trust(recorded)
            found = load_problem(recorded, space) if trusted else None
        return study, _as_searched(study, found)
    try:
        return study, None if problem is None else load_problem(problem)
    except CommandError:
        if problem == name:
            return study, None
        raise


def _as_searched(study: optuna.Study, problem: Problem | None) -> Problem | None:
    """The problem with what the study remembers of its search."""
    settings = None if problem is None else SearchSettings.recorded(study)
    return problem if problem is None or settings is None else settings.applied_to(problem)


def _of_data(name: str, space: str | None) -> Problem | None:
    """The problem of data, if they are here; else it is said why not."""
    if not needs_no_trust(name):
        return None
    try:
        return load_problem(name, space)
    except ProblemError as error:
        say(f"Without the data of the search: {str(error).rstrip('.')}.")
        return None


def other_problem(recorded: str, given: str) -> str:
    """In what the problem of a study and another one differ, as what a study is or has."""
    try:
        before, now = DataName.of(recorded), DataName.of(given)
    except ValueError:
        before = now = None
    if before is None or now is None:
        return f"is of the problem {recorded!r}, not {given!r}"
    if before.is_changed(now):
        return f"was begun with other data: {before.path!r} has changed since"
    words = f"`{join(before.words)}`, not `{join(now.words)}`"
    return f"was begun with {words}"


@dataclass(frozen=True)
class Search:
    """A search, begun here or elsewhere: its study, its storage's URL, and what it is about."""

    study: optuna.Study
    storage: str
    problem_name: str
    problem: Problem
    settings: SearchSettings


def search_of(
    study: optuna.Study,
    found: Problem | None,
    *,
    asked: str | None,
    storage: str | None,
    command: str,
) -> Search:
    """The search of a study, to train networks of it finally, or to write them.

    A study of the user's own making will do, where its problem is named.

    Args:
        study:
            The study.
        found:
            Its problem, both from `open_study`.
        asked:
            The problem's name, or the study's, as it was given.
        storage:
            The storage's URL, likewise.
        command:
            What the problem is needed for.

    Raises:
        CommandError: If the problem may not or can't be used.
    """
    recorded = Searched.of(study.user_attrs).problem
    if found is None:
        if recorded is None:
            raise CommandError(
                f"the study {study.study_name!r} says nothing of its problem; name it: "
                f"`{command} file.py:problem --storage ... --study-name {study.study_name}`.",
                2,
            )
        if is_data(recorded):
            raise CommandError(f"the data of the study {study.study_name!r} are needed")
        raise CommandError(
            f"the study {study.study_name!r} names the problem {recorded!r}, whose code would be "
            f"run here; name it too: `{command} {recorded} ...`.",
            2,
        )
    settings = SearchSettings.recorded(study)
    if settings is None:
        settings = SearchSettings(
            sampler="random", seed=0, population_size=None, space=found.space.fingerprint
        )
    if settings.space != found.space.fingerprint:
        raise CommandError(
            f"the problem {found.name!r} has another search space here than in the study "
            f"{study.study_name!r}; use the same version of it."
        )
    given = canonical_name(asked or "")
    url = storage or default_storage(given, load_problem)
    return Search(study, url, recorded or given, settings.applied_to(found), settings)


def open_search(
    options: SearchOptions, steps_for: Callable[[str, float], int] | None = None
) -> Search:
    """Creates the study of a search or resumes it.

    What is given replaces what the study remembers, what is None is as the study remembers it.
    The target, finished networks that it shall have for workers elsewhere, only grows.

    Args:
        options:
            The command line.
        steps_for:
            For how many steps a network of a problem is to be trained so that it takes so many
            seconds; it is asked once in the life of a study.

    Raises:
        CommandError: If there is no such problem, the study is of another one, its directions or
            search space are others, it can't go on so, or there is no place for its weights.
    """
    problem_name = canonical_name(options.problem_name)
    problem = load_problem(problem_name)
    if options.profile is not None:  # before there is a study
        _checked_profile(options.profile.value, problem)
    url = options.storage or default_storage(problem_name, load_problem)
    opened = open_storage(url, create=True)
    study_name = options.study_name or (
        study_of(problem_name, opened, load_problem) or problem.name
    )
    options = replace(options, study_name=study_name)
    directions = [StudyDirection[direction.upper()] for direction in problem.directions]
    study = optuna.create_study(
        study_name=study_name, storage=opened, directions=directions, load_if_exists=True
    )

    def taken(why: str) -> CommandError:
        return CommandError(f"the study {study_name!r} {why}; choose another `--study-name`.")

    searched = Searched.of(study.user_attrs)
    recorded = searched.problem
    if recorded is not None and recorded != problem_name:
        raise taken(other_problem(recorded, problem_name))
    if study.directions != directions:
        has = f"the problem {problem_name!r} has {_names(directions)}"
        raise taken(f"has the directions {_names(study.directions)}, {has}")
    before = SearchSettings.recorded(study)
    problem = as_begun(problem, None if before is None else before.space)
    profile, steps = _profile_of(before, options, problem)
    plain = problem
    if profile is not None:
        problem = profile.applied_to(problem, steps=steps)
    if before is not None and before.space != problem.space.fingerprint:
        raise taken(f"was made with another search space of the problem {problem_name!r}")
    if options.artifacts is not None:
        options = replace(options, artifacts=absolute_artifacts(options.artifacts))
    default = default_artifacts(problem.name)
    settings = settled(
        before, options, problem.space.fingerprint, default, profile=profile, steps=steps
    )
    if settings.time_per_network is not None and settings.steps is None:
        assert steps_for is not None
        replace(settings, steps=1).applied_to(problem)  # raises where there are no steps
        settings = replace(settings, steps=steps_for(problem_name, settings.time_per_network))
    problem = settings.applied_to(plain)
    study.sampler = make_sampler(settings, problem)
    make_pruner(settings, problem)  # raises where it is impossible
    if settings.inherits:
        check_passes_on_weights(problem, problem_name)
        open_weights(settings)
    # Where nothing can be kept, nobody who comes later is to try.
    known = None if before is None else before.artifacts
    usable = settings.artifacts == known or is_usable(settings.artifacts)
    kept = settings if usable else replace(settings, artifacts=known)
    if kept.artifacts in (options.artifacts, default):  # and not by the study's word alone
        mark_folder(kept.artifacts)
    is_new = before != kept or SETTINGS not in study.user_attrs  # as in version 0.1.0
    if is_new:
        study.set_user_attr(PROBLEM, problem_name)
        study.set_user_attr(TITLE, problem.title)
        study.set_user_attr(SPACE, problem.space.to_json())
    if study.metric_names is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.set_metric_names(list(problem.metric_names))
    if is_new or options.trials > searched.target:
        study.set_user_attr(TARGET, max(options.trials, searched.target))
    if is_new:
        kept.record(study)  # last: workers elsewhere wait for it
    return Search(study, url, problem_name, problem, settings)


def _profile_of(
    before: SearchSettings | None, options: SearchOptions, problem: Problem
) -> tuple[Profile | None, int | None]:
    """The profile of a search, and how many steps it trains networks for.

    Raises:
        CommandError: If the study was begun with another one, or the data can't be read.
    """
    asked = options.profile and options.profile.value
    if before is not None and asked not in (None, before.profile):
        had = f"with `--profile {before.profile}`" if before.profile else "without `--profile`"
        raise CommandError(
            f"the study {options.study_name!r} was begun {had}, and goes on as it was begun; "
            "choose another `--study-name`."
        )
    name = asked if before is None else before.profile
    if name is None:
        return None, None
    profile = _checked_profile(name, problem)
    if before is not None:
        return profile, before.steps
    try:
        with redirect_stdout(sys.stderr):
            return profile, profile.steps_for(problem)
    except (DataError, ImportError) as error:
        raise ProblemError(str(error)) from error
    except Exception as error:  # whatever the user's code raises
        raise ProblemError(
            f"the examples of {problem.name!r} can't be counted, by which the profile {name!r} "
            f"trains: {one_line(error)}"
        ) from error


def _checked_profile(name: str, problem: Problem) -> Profile:
    """The profile of a name, which fits the problem."""
    try:
        profile = get_profile(name)
        profile.space_for(problem)
    except ValueError as error:
        raise CommandError(str(error), 2) from error
    return profile


def find_study(storage: BaseStorage, name: str | None) -> optuna.Study:
    """The study of a name, or the only one there."""
    names = optuna.get_all_study_names(storage)
    if name is None and len(names) > 1:
        raise CommandError(
            f"the storage holds {len(names)} studies ({', '.join(names)}): "
            "name one with `--study-name`."
        )
    if name is None and not names:
        raise NotYet("the storage holds no study")
    name = name or names[0]
    if name not in names:
        raise NotYet(
            f"there is no study {name!r} in the storage; it holds {', '.join(names) or 'none'}."
        )
    return optuna.load_study(study_name=name, storage=storage)


def _names(directions: Sequence[StudyDirection]) -> str:
    return ", ".join(direction.name.lower() for direction in directions)
