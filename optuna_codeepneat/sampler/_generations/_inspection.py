"""What is stored of where networks come from, for those who look at an evolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

import optuna

from optuna_codeepneat import _optuna
from optuna_codeepneat.alignment import INHERITANCES
from optuna_codeepneat.alignment import Inheritance
from optuna_codeepneat.exceptions import DamagedStateError
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._ledger import is_own
from optuna_codeepneat.sampler._generations._ledger import network_assigned
from optuna_codeepneat.sampler._genetics import genome_id
from optuna_codeepneat.search_space import BLUEPRINT


if TYPE_CHECKING:
    from optuna.study import Study
    from optuna.trial import FrozenTrial
    from optuna.trial import Trial


@dataclass(frozen=True)
class Ancestry:
    """Where the network of a trial comes from.

    Args:
        generation:
            The generation that it was bred for.
        origin:
            How it was made: ``"assembly"`` of the populations, ``"archive"`` with a component
            replaced, ``"enqueued"`` by the user, or the morphisms of LEMONADE.
        parent:
            The trial that it was made from, None if it was made from the populations.
        donor:
            The trial whose weights it is to inherit, None for none.
        inheritance:
            How: ``"exact"``, ``"noisy"`` or ``"fresh"``; None where there is no donor.
        blueprint:
            Content hash of its blueprint.
        modules:
            Content hash of the module in each slot.
        innovation_ids:
            Those of its nodes, as `Architecture.innovation_ids` has them.
    """

    generation: int
    origin: str
    parent: int | None
    donor: int | None
    inheritance: Inheritance | None
    blueprint: str
    modules: Mapping[str, str]
    innovation_ids: Mapping[str, tuple[str, ...]]


def ancestry_of(trial: Trial | FrozenTrial) -> Ancestry | None:
    """Where the network of a trial comes from.

    Args:
        trial:
            A trial in any state. Of one that runs, as objectives know it, the storage is asked.

    Returns:
        What its sampler said of it; None if no sampler of this package assigned it a network, or
        if what it stored is damaged.

    Raises:
        StoredStateError: If a newer version of the package assigned it.
    """
    frozen = _optuna.frozen(trial) if isinstance(trial, optuna.Trial) else trial
    assignment, network = assignment_of(frozen), network_assigned(frozen)
    if assignment is None or network is None:
        return None
    origin = assignment.origin
    if not is_own(frozen, assignment):  # the trials that it names are those of another study
        origin = replace(origin, parent=None, donor=None)
    graphs = {BLUEPRINT: network.blueprint, **network.modules}
    known = (inheritance for inheritance in INHERITANCES if inheritance == origin.inheritance)
    inheritance = next(known, None)
    return Ancestry(
        assignment.generation,
        origin.how,
        origin.parent,
        None if inheritance is None else origin.donor,
        inheritance,
        genome_id(network.blueprint),
        {slot: genome_id(module) for slot, module in network.modules.items()},
        {name: tuple(node.id for node in graph.nodes) for name, graph in graphs.items()},
    )


@dataclass(frozen=True)
class Census:
    """How many individuals each species had in one generation.

    Args:
        generation:
            The number of the generation.
        modules:
            Modules by the name of their species, which is a slot of the search space.
        blueprints:
            Blueprints by the name of their species.
    """

    generation: int
    modules: Mapping[str, int]
    blueprints: Mapping[str, int]


def census_of(study: Study) -> list[Census]:
    """How many individuals each species of a study had, generation by generation.

    Args:
        study:
            The study.

    Returns:
        The generations that the sampler bred that began the study, without those whose stored
        populations are damaged.
        LEMONADE has no species, so that all its counts are empty.

    Raises:
        StoredStateError: If a record is of a newer version of the package.
    """
    ledger = Ledger(study)
    ledger.refresh()
    counted = []
    for record in ledger.leads():
        try:
            state = record.state
            sizes = [
                sorted(Counter(name for _, name, _ in state[population]["individuals"]).items())
                for population in ("modules", "blueprints")
            ]
        except (DamagedStateError, LookupError, TypeError, ValueError):
            continue
        counted.append(Census(record.generation, *map(dict, sizes)))
    return counted
