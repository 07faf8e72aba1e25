"""The settings of an evolution: sizes, rates and replaceable parts, fixed for a whole study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from typing import Any

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.sampler._algorithm import as_begun
from optuna_codeepneat.sampler._algorithm import as_read_again
from optuna_codeepneat.sampler._algorithm import checked_inheritance
from optuna_codeepneat.sampler._algorithm import described
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._codeepneat._credit import Credit
from optuna_codeepneat.sampler._codeepneat._selection import Selection
from optuna_codeepneat.sampler._codeepneat._speciation import Speciation
from optuna_codeepneat.sampler._genetics import Crossover
from optuna_codeepneat.sampler._genetics import Operator
from optuna_codeepneat.sampler._surrogate import Surrogate


_OPERATORS = ("module_mutation", "blueprint_mutation", "crossover")


@dataclass(frozen=True, kw_only=True)
class CoDeepNEATSettings:
    """What `CoDeepNEATSampler` documents, validated."""

    assembled_population_size: int
    module_population_size: int
    blueprint_population_size: int
    n_blueprint_species: int
    initial_nodes: int | None
    founders: int
    elite_assembly_rate: float
    archive_size: int
    credit: Credit
    module_mutation: Operator
    blueprint_mutation: Operator
    crossover: Crossover
    speciation: Speciation
    selection: Selection
    allow_duplicates: bool
    reproducible: bool
    inheritance: str | None = None
    surrogate: Surrogate | None = None
    cheap: tuple[Cheap, ...] = ()

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name, low in (
            ("assembled_population_size", 2),
            ("module_population_size", 0),
            ("blueprint_population_size", 1),
            ("n_blueprint_species", 1),
            ("founders", 0),
            ("archive_size", 1),
        ):
            whole(name, getattr(self, name), low)
        whole_or_none("initial_nodes", self.initial_nodes, 1)
        checked_inheritance(self.inheritance)
        for name in ("credit", "module_mutation", "blueprint_mutation", "crossover"):
            if not callable(getattr(self, name)):
                raise ValueError(f"`{name}` must be callable, got {getattr(self, name)!r}.")
        if not 0.0 <= self.elite_assembly_rate <= 1.0:
            raise ValueError(
                f"`elite_assembly_rate` must be from 0 to 1, got {self.elite_assembly_rate}."
            )
        if self.n_blueprint_species > self.blueprint_population_size:
            raise ValueError(
                f"`n_blueprint_species`={self.n_blueprint_species} must be at most "
                f"`blueprint_population_size`={self.blueprint_population_size}."
            )

    @property
    def generation_size(self) -> int:
        """Networks of a generation."""
        return self.assembled_population_size

    def as_begun(self, stored: Mapping[str, Any]) -> CoDeepNEATSettings:
        """The settings of a study that stored these: what came later is as it was before."""
        parts = {name: as_begun(getattr(self, name), stored.get(name)) for name in _OPERATORS}
        begun = replace(self, **parts)
        # Where a study says nothing of a surrogate, there was no such thing when it began.
        return begun if "surrogate" in stored else replace(begun, surrogate=None)

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description, by which the workers of a study agree."""
        values = {field.name: described(getattr(self, field.name)) for field in fields(self)}
        values["cheap"] = [described(cheap) for cheap in self.cheap]
        for name in ("inheritance", "surrogate", "cheap"):
            if not values[name]:  # as it was before there was any
                del values[name]
        return as_read_again(values)
