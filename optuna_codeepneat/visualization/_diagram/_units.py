"""Which parts of a network become one item of a diagram, and which modules are folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Operation


def places_of(architecture: Architecture) -> dict[str, list[Operation]]:
    """Operations by where they are: in a blueprint node, its number, or at their own name."""
    places: dict[str, list[Operation]] = {}
    for op in architecture.operations:
        place, _, rest = op.name.partition(".")
        inside = place.isdigit() and rest != "merge"
        places.setdefault(place if inside else op.name, []).append(op)
    return places


class Unit(NamedTuple):
    """The places that one item shows."""

    places: list[str]
    is_folded: bool


def occurrences_of(architecture: Architecture) -> dict[str, list[str]]:
    """The blueprint nodes of each slot, from the top of the picture to its bottom."""
    depths = {IN: 0}
    slots: dict[str, list[str]] = {}
    for node in architecture.blueprint.nodes:
        depths[node.id] = max(depths[source] for source in node.inputs) + len(node.inputs[:2])
        slots.setdefault(node.kind, []).append(node.id)
    return {slot: sorted(places, key=depths.__getitem__) for slot, places in slots.items()}


def units_of(
    architecture: Architecture, places: Iterable[str], folded: Mapping[str, Sequence[str]]
) -> list[Unit]:
    """What becomes an item: each place, but a fold shows all nodes of its slot in a row.

    All nodes of the slots in `folded` are folded, but for the first that is listed.
    """
    nodes = architecture.blueprint.nodes
    readers = Counter(source for node in nodes for source in node.inputs)
    units: list[Unit] = []
    folds: dict[str, Unit] = {}
    for place in places:
        node = nodes[int(place)] if place.isdigit() else None
        if node is None or place == folded.get(node.kind, [place])[0]:
            units.append(Unit([place], is_folded=False))
            continue
        source = node.inputs[0]
        before = folds.get(source) if len(node.inputs) == 1 else None
        if before and readers[source] == 1 and nodes[int(source)].kind == node.kind:
            before.places.append(place)
            folds[place] = before
        else:
            folds[place] = Unit([place], is_folded=True)
            units.append(folds[place])
    return units
