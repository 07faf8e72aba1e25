"""Profiles: what a paper searched, where, by what sampler, and how it trained, as one unit.

What the papers say is cited at the line; where they say nothing the value is ours, and marked so.
docs/profiles.md has all of it as a table.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

from optuna.distributions import BaseDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat._text import one_of_names
from optuna_codeepneat.sampler import CoDeepNEATSampler
from optuna_codeepneat.sampler import LemonadeSampler
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.training import Continuation


if TYPE_CHECKING:
    from collections.abc import Sequence

    from optuna_codeepneat.problems._problem import Problem
    from optuna_codeepneat.sampler import Cheap
    from optuna_codeepneat.sampler import EvolutionarySampler

Reads = Literal["texts", "images"]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What a paper did: its sampler, its search space, and how it trained networks.

    A problem keeps its data, its objectives, its loss and metric, its batch size and precision.

    Args:
        name:
            What it is called.
        title:
            The paper and what it searched.
        reads:
            What data it is for.
        sampler:
            ``"codeepneat"`` or ``"lemonade"``.
        inheritance:
            How its networks inherit weights, None if they don't.
        epochs:
            How often a network sees each training example during the search.
        final_epochs:
            How often at its end.
        recipe:
            What of a recipe is the paper's, by name.
        hyperparameters:
            What evolves of a recipe.
        continuation:
            How a network with inherited weights is trained.
        make_space:
            Makes the search space of `input_shape`, `num_outputs` and, for texts, `vocab_size`.
        make:
            Makes the sampler of a space, `seed`, `cheap` and `reproducible`.

    Example:
        >>> from optuna_codeepneat.problems import get_profile
        >>> get_profile("leaf-chest-xray").epochs
        8.0
    """

    name: str
    title: str
    reads: Reads
    sampler: str
    inheritance: str | None = None
    epochs: float
    final_epochs: float
    recipe: Mapping[str, Any]
    hyperparameters: Mapping[str, BaseDistribution] = field(default_factory=dict)
    continuation: Continuation = Continuation()
    make_space: Callable[..., SearchSpace] = field(repr=False)
    make: Callable[..., EvolutionarySampler] = field(repr=False)

    def make_sampler(
        self,
        space: SearchSpace,
        *,
        seed: int | None = None,
        cheap: Sequence[Cheap] = (),
        reproducible: bool = False,
    ) -> EvolutionarySampler:
        """The sampler.

        Args:
            space:
                The search space of the problem that the profile was applied to.
            seed:
                The seed.
            cheap:
                Objectives that are known before training; the parameters if there are none.
            reproducible:
                Whether the evolution is to be the same for any number of workers.
        """
        return self.make(
            space, seed=seed, cheap=tuple(cheap) or ("num_params",), reproducible=reproducible
        )

    def space_for(self, problem: Problem) -> SearchSpace:
        """The search space of the paper with the inputs and outputs of a problem.

        Raises:
            ValueError: If the profile is not for such data, or its networks don't train them.
        """
        if problem.own_objective is not None:
            raise ValueError(
                f"the profile {self.name!r} says how networks are trained, and the problem "
                f"{problem.name!r} has an objective of its own."
            )
        own = problem.space
        reads = _reads(own)
        if reads != self.reads:
            raise ValueError(
                f"the profile {self.name!r} is for {self.reads}, and the problem {problem.name!r} "
                f"has {reads}; {_profiles_for(reads)}."
            )
        sizes: dict[str, Any] = {"input_shape": own.input_shape, "num_outputs": own.num_outputs}
        if own.vocab_size is not None:
            sizes["vocab_size"] = own.vocab_size
            sizes["padding_index"] = own.padding_index
        try:
            return self.make_space(**sizes)
        except ValueError as error:
            raise ValueError(
                f"the profile {self.name!r} doesn't fit the problem {problem.name!r}: {error}"
            ) from None

    def steps_for(self, problem: Problem) -> int:
        """The steps of a training during the search; it reads the data of the problem."""
        n_train = len(problem.load().train)
        batch_size = min(problem.search_recipe.batch_size, n_train)
        return max(1, round(self.epochs * n_train / batch_size))

    def applied_to(self, problem: Problem, *, steps: int | None = None) -> Problem:
        """The problem as the paper would search it.

        Args:
            problem:
                A problem with data of the kind that the profile is for.
            steps:
                Of a training during the search, where `steps_for` was asked before: it reads the
                data.

        Raises:
            ValueError: If the profile is not for such a problem.
        """
        space = self.space_for(problem)
        steps = self.steps_for(problem) if steps is None else steps
        search = problem.search_recipe.replace(steps=steps, **self.recipe)
        final = search.replace(steps=max(1, round(steps * self.final_epochs / self.epochs)))
        found = {
            "space": f"{', '.join(space.layers)}, as in the profile {self.name}",
            "recipe": f"{steps:,} steps of {search.batch_size} examples for each network, "
            f"{final.steps:,} at the end",
        }
        return replace(
            problem,
            make_space=lambda: space,
            search_recipe=search,
            final_recipe=final,
            hyperparameters=self.hyperparameters,
            final_hyperparameters=tuple(self.hyperparameters),
            continuation=self.continuation,
            findings={name: found.get(name, text) for name, text in problem.findings.items()},
        )


def available_profiles() -> tuple[str, ...]:
    """The names of all profiles."""
    return tuple(_PROFILES)


def get_profile(name: str) -> Profile:
    """The profile of a name.

    Raises:
        ValueError: If there is none.
    """
    if name not in _PROFILES:
        known = one_of_names(name, available_profiles())
        raise ValueError(f"there is no profile {name!r}; {known}.")
    return _PROFILES[name]


def _reads(space: SearchSpace) -> str:
    """What networks of a space read, in words."""
    if space.vocab_size is not None:
        return "texts"
    return ("tables", "sequences of numbers", "images")[len(space.input_shape) - 1]


def _profiles_for(reads: str) -> str:
    fit = [profile.name for profile in _PROFILES.values() if profile.reads == reads]
    return f"for these there are {', '.join(fit)}" if fit else f"there is none for {reads}"


def _leaf(domain: str) -> Callable[..., EvolutionarySampler]:
    def make(space: SearchSpace, *, cheap: object, **more: Any) -> EvolutionarySampler:
        return CoDeepNEATSampler.leaf(domain, space, **more)

    return make


def _codeepneat(space: SearchSpace, *, cheap: object, **more: Any) -> EvolutionarySampler:
    return CoDeepNEATSampler.cifar10(space, **more)


def _cifar10_space(**sizes: Any) -> SearchSpace:
    # The recipe has the hyperparameters.
    return SearchSpace.cifar10(hyperparameters={}, **sizes)


# Adam (Liang et al. 2019, section 4.2, for chest X-rays; for Wikidetox ours). The decay of weights
# is a gene of each layer (table 3). A constant rate is ours.
_ADAM = {
    "optimizer": "adamw",
    "weight_decay": 0.0,
    "schedule": "constant",
    "label_smoothing": 0.0,
}
# A global gene (section 3.1), whose range is ours: a decade to both sides of Adam's usual rate.
_LEAF_GENES = {"learning_rate": FloatDistribution(1e-4, 1e-2, log=True)}

_PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name="leaf-wikidetox",
            title="LEAF on Wikidetox (Liang et al. 2019)",
            reads="texts",
            sampler="codeepneat",
            # Section 4.1: three, after which networks had converged; there is no further training.
            epochs=3.0,
            final_epochs=3.0,
            # Ours: recurrent layers have sudden steep slopes.
            recipe={**_ADAM, "learning_rate": 1e-3, "gradient_clip": 1.0},
            hyperparameters=_LEAF_GENES,
            make_space=SearchSpace.wikidetox,
            make=_leaf("wikidetox"),
        ),
        Profile(
            name="leaf-chest-xray",
            title="LEAF on chest X-rays (Liang et al. 2019)",
            reads="images",
            sampler="codeepneat",
            # Section 4.2: eight, and at the end "an increased number": four times as many is ours.
            epochs=8.0,
            final_epochs=32.0,
            recipe={**_ADAM, "learning_rate": 1e-3, "gradient_clip": None},
            hyperparameters=_LEAF_GENES,
            make_space=SearchSpace.chest_xray,
            make=_leaf("chest_xray"),
        ),
        Profile(
            name="codeepneat-2017",
            title="CoDeepNEAT on CIFAR-10 (Miikkulainen et al. 2017)",
            reads="images",
            sampler="codeepneat",
            # Eight during the search; how many at the end is ours.
            epochs=8.0,
            final_epochs=32.0,
            recipe={
                "optimizer": "sgd",
                "learning_rate": 1e-2,
                "weight_decay": 0.0,
                "schedule": "constant",
                "label_smoothing": 0.0,
                "gradient_clip": None,
            },
            # Table 1 of the paper. Whether the momentum is Nesterov's is a gene too: here it is.
            hyperparameters={
                "learning_rate": FloatDistribution(1e-4, 0.1, log=True),
                "momentum": FloatDistribution(0.68, 0.99),
            },
            make_space=_cifar10_space,
            make=_codeepneat,
        ),
        Profile(
            name="lemonade",
            title="LEMONADE on CIFAR-10 (Elsken et al. 2019)",
            reads="images",
            sampler="lemonade",
            inheritance="exact",
            # About 20 for each child, by SGD along a cosine from .01 to 0. How many at the end is
            # ours.
            epochs=20.0,
            final_epochs=80.0,
            recipe={
                "optimizer": "sgd",
                "learning_rate": 1e-2,
                "weight_decay": 5e-4,
                "momentum": 0.9,
                "schedule": "cosine",
                "label_smoothing": 0.0,
                "gradient_clip": None,
            },
            # A child is trained for as long as any other. Five of its 20 passes repeat its
            # ancestor, where it does not do so from the beginning: how many is ours.
            continuation=Continuation(steps=1.0, distillation=0.25),
            make_space=SearchSpace.lemonade,
            make=LemonadeSampler.paper,
        ),
    )
}
