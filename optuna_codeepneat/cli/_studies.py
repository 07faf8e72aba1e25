"""Storages, studies and what a study remembers of its search."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from typing import TYPE_CHECKING
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.study import StudyDirection

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import NotYet
from optuna_codeepneat.cli._storages import default_storage
from optuna_codeepneat.cli._storages import open_storage


if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage

    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import SearchSpace

SAMPLERS = ("codeepneat", "nsgaii", "tpe", "random")

PROBLEM = "problem"
SETTINGS = "settings"
TARGET = "target"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the sampler of a study is made from; kept in the study's user attributes.

    Args:
        sampler:
            One of `SAMPLERS`.
        seed:
            Seed of the sampler and of the networks' training.
        population_size:
            Networks per generation, None for the sampler's default.
        space:
            Fingerprint of the problem's search space.
        reproducible:
            Whether codeepneat breeds the same populations for any number of workers.
    """

    sampler: str
    seed: int
    population_size: int | None
    space: str
    reproducible: bool = False

    @classmethod
    def recorded(cls, study: optuna.Study) -> Settings | None:
        """The settings that a study remembers, None if it was made by no search.

        Raises:
            CommandError: If a newer version of the package made it.
        """
        values = study.user_attrs.get(SETTINGS)
        if values is None:
            return None
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise CommandError(
                f"the study {study.study_name!r} was made by a newer version of "
                f"optuna-codeepneat, with the setting {min(unknown)!r}; upgrade the package."
            )
        return cls(**values)


def load_problem(name: str) -> Problem:
    """The problem of a name, or of ``package.module:attribute`` in a module of the user's."""
    from optuna_codeepneat.problems import get_problem

    try:
        return get_problem(name)
    except (ImportError, ValueError) as error:
        raise CommandError(str(error)) from error


def open_study(
    problem: str | None, storage: str | None, name: str | None
) -> tuple[optuna.Study, Problem | None]:
    """The study that a search made, and its problem.

    Args:
        problem:
            The problem's name, which gives the defaults of the others.
        storage:
            The storage's URL.
        name:
            The study's name. Without it and without `problem`, the only study in the storage.

    Returns:
        The study, and the problem recorded in it: None for a study of the user's own making.
    """
    if storage is None:
        if problem is None:
            raise CommandError("name the PROBLEM that was searched, or its `--storage`.", 2)
        storage = default_storage(problem)
    study = find_study(open_storage(storage), name or problem)
    name = study.study_name
    recorded = study.user_attrs.get(PROBLEM)
    if problem is not None and recorded not in (None, problem):
        raise CommandError(f"the study {name!r} is of the problem {recorded!r}, not {problem!r}.")
    chosen = recorded or problem
    return study, None if chosen is None else load_problem(chosen)


def open_search(
    problem_name: str,
    problem: Problem,
    *,
    storage: str,
    study_name: str,
    sampler: str | None,
    seed: int | None,
    population_size: int | None,
    target: int,
    reproducible: bool | None = None,
) -> tuple[optuna.Study, Settings]:
    """Creates the study of a search or resumes it.

    What is given replaces what the study remembers, what is None is as the study remembers it.
    The target, finished networks that it shall have for workers elsewhere, only grows.

    Raises:
        CommandError: If the study is of another problem, or its directions or search space are
            others.
    """
    opened = open_storage(storage, create=True)
    directions = [StudyDirection[direction.upper()] for direction in problem.directions]
    study = optuna.create_study(
        study_name=study_name, storage=opened, directions=directions, load_if_exists=True
    )
    recorded = study.user_attrs.get(PROBLEM, problem_name)
    if recorded != problem_name:
        raise CommandError(
            f"the study {study_name!r} is of the problem {recorded!r}, not {problem_name!r}; "
            "choose another `--study-name`."
        )
    if study.directions != directions:
        raise CommandError(
            f"the study {study_name!r} has the directions {_names(study.directions)}, the problem "
            f"{problem_name!r} has {_names(directions)}; choose another `--study-name`."
        )
    before = Settings.recorded(study)
    known = {} if before is None else asdict(before)
    if known.get("space", problem.space.fingerprint) != problem.space.fingerprint:
        raise CommandError(
            f"the study {study_name!r} was made with another search space of the problem "
            f"{problem_name!r}; choose another `--study-name`."
        )
    if seed is None:
        seed = known.get("seed")
    settings = Settings(
        sampler=sampler or known.get("sampler", SAMPLERS[0]),
        seed=int.from_bytes(os.urandom(4), "little") if seed is None else seed,
        population_size=population_size or known.get("population_size"),
        space=problem.space.fingerprint,
        reproducible=known.get("reproducible", False) if reproducible is None else reproducible,
    )
    if known.get("sampler") == settings.sampler == SAMPLERS[0]:
        if settings.reproducible != known.get("reproducible", False):
            begun = "without" if settings.reproducible else "with"
            raise CommandError(
                f"the study {study_name!r} was begun {begun} `--reproducible`; it can only go on "
                "as it was begun."
            )
        size = known["population_size"]
        if settings.population_size != size:
            raise CommandError(
                f"the study {study_name!r} has `--population-size` {size or 'left out'}, got "
                f"{settings.population_size}; generations keep their size."
            )
    study.sampler = make_sampler(settings, problem.space)
    if known != asdict(settings):
        study.set_user_attr(PROBLEM, problem_name)
        study.set_user_attr(SETTINGS, asdict(settings))
    if study.metric_names is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            study.set_metric_names(list(problem.metric_names))
    if target > (target_of(study) or 0):  # last, as it is what workers elsewhere wait for
        study.set_user_attr(TARGET, target)
    return study, settings


def target_of(study: optuna.Study) -> int | None:
    """Finished networks that the searches of a study asked for, None if there was none."""
    target: int | None = study.user_attrs.get(TARGET)
    return target


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


def make_sampler(settings: Settings, space: SearchSpace, *stream: int) -> BaseSampler:
    """The sampler of a search.

    Args:
        settings:
            What the study remembers.
        space:
            The problem's search space.
        *stream:
            What tells one process from all others: samplers that draw from a stream of their
            own would propose the same networks in each.

    Raises:
        CommandError: If the settings are impossible.
    """
    own_seed = int(rng_for(settings.seed, "worker", *stream).integers(2**31))
    try:
        if settings.sampler == "codeepneat":
            from optuna_codeepneat.sampler import CoDeepNEATSampler

            more: dict[str, Any] = {}
            if settings.population_size is not None:
                more["assembled_population_size"] = settings.population_size
            return CoDeepNEATSampler(
                space, seed=settings.seed, reproducible=settings.reproducible, **more
            )
        if settings.sampler == "nsgaii":
            size = settings.population_size or 50  # Optuna's default
            return optuna.samplers.NSGAIISampler(seed=own_seed, population_size=size)
    except ValueError as error:
        raise CommandError(str(error)) from error
    if settings.sampler == "tpe":
        return optuna.samplers.TPESampler(seed=own_seed, multivariate=True)
    if settings.sampler == "random":
        return optuna.samplers.RandomSampler(seed=own_seed)
    raise CommandError(
        f"`--sampler` must be one of {', '.join(SAMPLERS)}, got {settings.sampler!r}.", 2
    )


def _names(directions: Sequence[StudyDirection]) -> str:
    return ", ".join(direction.name.lower() for direction in directions)
