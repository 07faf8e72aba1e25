"""What a study remembers of its search, and what may still be changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat.cli._errors import CommandError


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.cli._options import SearchOptions
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.problems import Profile

EVOLUTIONARY = ("codeepneat", "lemonade")
"""The samplers of this package: each has one set of settings in a study, whose turn it ever is."""

OFF = "off"
NONE = "none"

BY_HAND: Literal["hand-made"] = "hand-made"
"""A floor that is set by the hand-made networks with which a search begins, once it knows them."""

_INHERIT_AT_FIRST = {"codeepneat": OFF, "lemonade": "exact"}


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """What the sampler of a study is made from; kept in the study's user attributes.

    Args:
        sampler:
            The value of a `SamplerName`.
        seed:
            Seed of the sampler and of the networks' training.
        population_size:
            Networks per generation, None for the sampler's default.
        space:
            Fingerprint of the problem's search space.
        reproducible:
            Whether the same populations are bred for any number of workers.
        evolution:
            The one of `EVOLUTIONARY` that had its turn last, also while another sampler has;
            None if there was none.
        inherit:
            How its networks inherit weights, `OFF` if they don't; None where there is no
            evolution.
        surrogate:
            Whether a model chooses which of many bred networks are trained.
        pruner:
            What stops trainings early, the value of a `PrunerName`.
        artifacts:
            Where diagrams and weights of networks lie: an absolute path or a URL; None in studies
            of versions that had no diagrams.
        min_score:
            The score that a network needs to be on the front; None for what the problem says, and
            `BY_HAND` until that is known.
        steps:
            For how long a network is trained in the search, None for what the problem says; in
            the study of a profile, which counts epochs, what these came to.
        time_per_network:
            The seconds that these steps were to take when the study was begun, None where the
            steps were not measured.
        others:
            By the name of the other one of `EVOLUTIONARY`, if it had its turn: its
            `population_size`, `inherit` and `surrogate`.
        profile:
            The name of the profile that says what the sampler, the space and the training are;
            None for the problem's and the options'.
    """

    sampler: str
    seed: int
    population_size: int | None
    space: str
    reproducible: bool = False
    evolution: str | None = None
    inherit: str | None = None
    surrogate: bool = True
    pruner: str = NONE
    artifacts: str | None = None
    min_score: float | Literal["hand-made"] | None = None
    steps: int | None = None
    time_per_network: float | None = None
    others: Mapping[str, Mapping[str, Any]] | None = None
    profile: str | None = None

    @property
    def evolutions(self) -> list[SearchSettings]:
        """The settings of each sampler of this package that had its turn."""
        if self.evolution is None:
            return []
        return [self] + [
            replace(self, evolution=name, **own) for name, own in (self.others or {}).items()
        ]

    @property
    def inheritance(self) -> str | None:
        """How the networks of the study's evolution inherit weights, None if they don't."""
        return None if self.inherit == OFF else self.inherit

    @property
    def inherits(self) -> bool:
        """Whether the networks of the present sampler inherit weights."""
        return self.sampler in EVOLUTIONARY and self.inheritance is not None

    def applied_to(self, problem: Problem) -> Problem:
        """The problem as this search is for it.

        Raises:
            CommandError: If the least score is no number, the problem has no steps, or the profile
                is not for it.
        """
        try:
            if self.profile is not None:
                from optuna_codeepneat.problems import get_profile

                profile = get_profile(self.profile)
                problem = profile.applied_to(problem, steps=self.steps)
            elif self.steps is not None:
                problem = _lasting(problem, self.steps)
            if self.min_score not in (None, BY_HAND):
                problem = replace(problem, min_score=self.min_score)
        except ValueError as error:
            raise CommandError(str(error), 2) from error
        return problem

    @staticmethod
    def floor_in(searched: Searched) -> float | None:
        """The floor that a study remembers, None for what the problem says."""
        value = (searched.settings or {}).get("min_score")
        return float(value) if isinstance(value, int | float) else None

    @classmethod
    def recorded(cls, study: optuna.Study) -> SearchSettings | None:
        """The settings that a study remembers, None if it was made by no search.

        Raises:
            CommandError: If a newer version of the package made it, or they are damaged.
        """
        values = Searched.of(study.user_attrs).settings
        if values is None:
            return None
        unknown = values.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise CommandError(
                f"the study {study.study_name!r} was made by a newer version of "
                f"optuna-codeepneat, with the setting {min(unknown)!r}; upgrade the package."
            )
        for name, (kinds, words) in _KINDS.items():
            if type(values.get(name)) not in kinds:
                raise CommandError(
                    f"the study {study.study_name!r} has damaged settings: `{name}` must be "
                    f"{words}, got {values.get(name)!r}; begin another one with `--study-name`."
                )
        evolution = values.get("evolution")
        if evolution is None and values["sampler"] in EVOLUTIONARY:  # versions without others
            values = {**values, "evolution": values["sampler"], "inherit": OFF}
        return cls(**values)

    def record(self, study: optuna.Study) -> None:
        """Makes a study remember the settings."""
        study.set_user_attr(SETTINGS, asdict(self))


def _lasting(problem: Problem, steps: int) -> Problem:
    """The problem with trainings of so many steps, and final ones that are longer as before."""
    if problem.own_objective is not None:
        raise CommandError(
            f"the problem {problem.name!r} trains networks in a way of its own; leave `--steps` "
            "and `--time-per-network` out.",
            2,
        )
    search, final = problem.search_recipe, problem.final_recipe
    if steps == search.steps:
        return problem
    lasting = final.replace(steps=max(1, round(final.steps * steps / search.steps)))
    findings = dict(problem.findings)
    if "recipe" in findings:
        findings["recipe"] = (
            f"{steps:,} steps of {search.batch_size} examples for each network, "
            f"{lasting.steps:,} at the end"
        )
    return replace(
        problem,
        search_recipe=search.replace(steps=steps),
        final_recipe=lasting,
        findings=findings,
    )


_TEXT, _NONE = (str,), type(None)
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "sampler": (_TEXT, "a text"),
    "seed": ((int,), "an integer"),
    "population_size": ((int, _NONE), "an integer or null"),
    "space": (_TEXT, "a text"),
    # What there is in some versions alone.
    "reproducible": ((bool, _NONE), "true or false"),
    "evolution": ((str, _NONE), "a text or null"),
    "inherit": ((str, _NONE), "a text or null"),
    "surrogate": ((bool, _NONE), "true or false"),
    "pruner": ((str, _NONE), "a text or null"),
    "artifacts": ((str, _NONE), "a text or null"),
    "min_score": ((int, float, str, _NONE), "a number or null"),
    "steps": ((int, _NONE), "an integer or null"),
    "time_per_network": ((int, float, _NONE), "a number or null"),
    "others": ((dict, _NONE), "an object or null"),
    "profile": ((str, _NONE), "a text or null"),
}


def settled(
    before: SearchSettings | None,
    options: SearchOptions,
    space: str,
    default_artifacts: str,
    *,
    profile: Profile | None = None,
    steps: int | None = None,
) -> SearchSettings:
    """The settings of a search that begins or goes on.

    Args:
        before:
            What the study remembers, None for a new one.
        options:
            The command line; None is as before, and the default in a new study.
        space:
            Fingerprint of the problem's search space.
        default_artifacts:
            Where diagrams and weights lie if nothing else was ever said.
        profile:
            The profile that the study has, or that it is to be begun with.
        steps:
            Of a training during the search by that profile.

    Raises:
        CommandError: If the study can't go on so.
    """
    if before is not None and before.profile is None:
        before = _in_turn(before, (options.sampler and options.sampler.value) or before.sampler)
    known: dict[str, Any] = {} if before is None else asdict(before)
    inherit = options.inherit and options.inherit.value
    wishes = {
        "sampler": options.sampler and options.sampler.value,
        "seed": options.seed,
        "population_size": options.population_size,
        "reproducible": options.reproducible,
        "surrogate": options.surrogate,
        "pruner": options.pruner and options.pruner.value,
        "artifacts": options.artifacts,
        "min_score": options.min_score,
        # The name of a problem of data says its steps.
        "steps": options.steps if options.data is None else None,
        "time_per_network": options.time_per_network,
    }
    if profile is not None:
        _check_agrees(profile, options)
        inherit = profile.inheritance or OFF
        wishes |= {
            "profile": profile.name,
            "steps": steps,
            "sampler": profile.sampler,
            "surrogate": False,
        }
    values = {"sampler": EVOLUTIONARY[0], "population_size": None, "artifacts": None, **known}
    values |= {name: value for name, value in wishes.items() if value is not None}
    values["space"] = space
    if "seed" not in values:
        values["seed"] = int.from_bytes(os.urandom(4), "little")
    sampler = values["sampler"]
    if sampler in EVOLUTIONARY:
        inherit = inherit or known.get("inherit") or _INHERIT_AT_FIRST[sampler]
        values |= {"evolution": known.get("evolution") or sampler, "inherit": inherit}
    elif inherit not in (None, OFF):
        raise CommandError(
            f"`--inherit` must be {OFF} with `--sampler {sampler}`, which knows no ancestors of a "
            f"network, got {inherit}.",
            2,
        )
    values["artifacts"] = values["artifacts"] or default_artifacts
    settings = SearchSettings(**values)
    if settings.pruner != NONE and settings.reproducible:
        raise CommandError(
            f"`--pruner {settings.pruner}` goes by which networks had come how far by then, so "
            "that `--reproducible` can't hold; leave one of them out.",
            2,
        )
    if before is not None:
        _check_goes_on(before, settings, options.study_name or options.problem_name)
    return settings


def _check_agrees(profile: Profile, options: SearchOptions) -> None:
    """Raises if the command line contradicts the profile of a search."""
    own = profile.inheritance or OFF
    sampler, inherit = options.sampler, options.inherit
    size = options.population_size
    contradiction: str | None = None
    if sampler is not None and sampler.value != profile.sampler:
        contradiction = f"--sampler {sampler.value}` contradicts {{}}, whose is {profile.sampler}"
    elif inherit is not None and inherit.value != own:
        contradiction = f"--inherit {inherit.value}` contradicts {{}}, which has {own}"
    elif size is not None:
        contradiction = f"--population-size {size}` contradicts {{}}, which has the paper's sizes"
    elif options.pruner is not None and options.pruner.value != NONE:
        contradiction = f"--pruner {options.pruner.value}` contradicts {{}}, which stops none"
    elif options.surrogate:
        contradiction = "--surrogate` contradicts {}, in which no model chooses networks"
    elif options.steps is not None or options.time_per_network is not None:
        given = f"--steps {options.steps}"
        if options.steps is None:
            given = f"--time-per-network {options.time_per_network:g}"
        contradiction = f"{given}` contradicts {{}}, which trains for {profile.epochs:g} epochs"
    elif any(setting.startswith("preset=") for setting in options.settings or ()):
        contradiction = "--set preset=...` contradicts {}, which has its own search space"
    if contradiction is not None:
        sentence = contradiction.format(f"the profile {profile.name}")
        raise CommandError(f"`{sentence}; leave the option out.", 2)


def _in_turn(before: SearchSettings, sampler: str) -> SearchSettings:
    """What a study remembers of the sampler whose turn begins; of a new one, nothing."""
    if sampler not in EVOLUTIONARY or before.evolution in (None, sampler):
        return before
    others = dict(before.others or {})
    own = others.pop(sampler, {})
    others[str(before.evolution)] = {
        "population_size": before.population_size,
        "inherit": before.inherit,
        "surrogate": before.surrogate,
    }
    values = {"population_size": None, "inherit": None, "surrogate": True, **own}
    evolution = sampler if own else None
    return replace(before, evolution=evolution, others=others, **values)


def _check_goes_on(before: SearchSettings, settings: SearchSettings, study_name: str) -> None:
    """Raises unless a study can go on with other settings, if it has to."""
    lengths = [(each.steps, each.time_per_network) for each in (before, settings)]
    if lengths[0] != lengths[1]:
        steps, seconds = lengths[0]
        words = "" if steps is None else f"`--steps {steps}`"
        words = words if seconds is None else f"`--time-per-network {seconds:g}`"
        raise CommandError(
            f"the study {study_name!r} was begun {f'with {words}' if words else 'without that'}; "
            "networks that are trained for another time can't be compared, so leave the option "
            "out, or choose another `--study-name`."
        )
    if before.evolution is None or settings.sampler not in EVOLUTIONARY:
        return
    begun: str | None = None
    if settings.inherit != before.inherit:
        begun = f"with `--inherit {before.inherit}`"
    elif settings.reproducible != before.reproducible:
        begun = f"{'with' if before.reproducible else 'without'} `--reproducible`"
    elif settings.surrogate != before.surrogate:
        begun = f"with `--{'' if before.surrogate else 'no-'}surrogate`"
    if begun is not None:
        raise CommandError(
            f"the study {study_name!r} was begun {begun}; it can only go on as it was begun."
        )
    if settings.population_size != before.population_size:
        had = before.population_size
        begun = "without `--population-size`" if had is None else f"with `--population-size {had}`"
        raise CommandError(
            f"the study {study_name!r} was begun {begun}, and generations keep their size; leave "
            f"the option out, got {settings.population_size}."
        )
