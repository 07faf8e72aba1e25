"""The settings of LEMONADE: objectives, sizes, rates and morphisms, fixed for a whole study."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from typing import Any

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.sampler._algorithm import as_read_again
from optuna_codeepneat.sampler._algorithm import checked_inheritance
from optuna_codeepneat.sampler._algorithm import described
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import best_of
from optuna_codeepneat.sampler._lemonade._density import Density
from optuna_codeepneat.sampler._lemonade._morphisms import Morphism
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import Architecture


@dataclass(frozen=True, kw_only=True)
class LemonadeSettings:
    """What `LemonadeSampler` documents, validated."""

    cheap: tuple[Cheap, ...]
    children_per_generation: int
    n_proposals: int
    max_morphisms: int
    approximate_rate: float
    continuation_rate: float
    exact_morphisms: Mapping[str | Morphism, float]
    approximate_morphisms: Mapping[str | Morphism, float]
    initial: tuple[Architecture, ...]
    n_initial: int | None
    density: Density | None
    elite_size: int
    max_population: int
    gene_prob: float
    sigma: float
    inheritance: str | None
    allow_duplicates: bool
    reproducible: bool
    surrogate: Surrogate | None = None

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in (
            "children_per_generation",
            "n_proposals",
            "max_morphisms",
            "elite_size",
            "max_population",
        ):
            whole(name, getattr(self, name), 1)
        for name in ("approximate_rate", "continuation_rate", "gene_prob"):
            share = getattr(self, name)
            if not 0.0 <= share <= 1.0:
                raise ValueError(f"`{name}` must be from 0 to 1, got {share}.")
        if not 0.0 <= self.sigma < float("inf"):
            raise ValueError(f"`sigma` must be from 0, got {self.sigma}.")
        whole("n_initial", self.n_first, max(1, len(self.initial)))
        checked_inheritance(self.inheritance)

    @property
    def n_first(self) -> int:
        """How many networks it begins with."""
        if self.n_initial is not None:
            return self.n_initial
        if self.initial:
            return len(self.initial)
        own = self.surrogate
        generations = 2 * self.children_per_generation
        return generations if own is None else min(generations, own.n_initial)

    @property
    def generation_size(self) -> int:
        """Networks of a generation."""
        return self.children_per_generation

    def survivors(self, results: Sequence[Result]) -> tuple[Result, ...]:
        """The population among results with a score: the non-dominated, or the best."""
        first = results[0].score
        single = first is not None and len(first.values) == 1
        return best_of(results, self.elite_size if single else self.max_population, "spread")

    def as_begun(self, stored: Mapping[str, Any]) -> LemonadeSettings:
        """The settings of a study that stored these: what came later is as it was before."""
        return self if "surrogate" in stored else replace(self, surrogate=None)

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description, by which the workers of a study agree."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["n_initial"] = self.n_first
        for name in ("exact_morphisms", "approximate_morphisms"):
            rates = values[name].items()
            values[name] = sorted([str(described(morphism)), rate] for morphism, rate in rates)
        values["cheap"] = [described(cheap) for cheap in self.cheap]
        values["initial"] = [content_hash(network.to_json()) for network in self.initial]
        if self.surrogate is None:  # as it was before there was any
            del values["surrogate"]
        return as_read_again({name: described(value) for name, value in values.items()})
