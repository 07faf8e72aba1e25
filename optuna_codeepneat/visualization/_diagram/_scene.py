"""What a diagram shows: an architecture as nested boxes and the lines between them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.visualization._diagram._labels import cost_text
from optuna_codeepneat.visualization._diagram._labels import details
from optuna_codeepneat.visualization._diagram._labels import gene_words
from optuna_codeepneat.visualization._diagram._labels import legend
from optuna_codeepneat.visualization._diagram._labels import plural
from optuna_codeepneat.visualization._diagram._labels import shape_text
from optuna_codeepneat.visualization._diagram._labels import size_text
from optuna_codeepneat.visualization._diagram._units import occurrences_of
from optuna_codeepneat.visualization._diagram._units import places_of
from optuna_codeepneat.visualization._diagram._units import units_of


FOLDED_FROM = 12
"""So many layers make a network that is shown with its repeated modules folded. With fewer a
picture fits a screen, and a fold would hide more than it saves."""


class Form(Enum):
    """How a box is drawn."""

    END = "end"
    LAYER = "layer"
    PILL = "pill"
    FOLD = "fold"


@dataclass(frozen=True)
class Box:
    """An operation, or several in a fold."""

    form: Form
    name: str  # what stands first, in bold
    words: tuple[str, ...]  # what stands behind it
    shape: str  # text on its output
    amount: str  # text on its parameters
    tooltip: str  # all about it, in lines
    operations: tuple[str, ...]  # that it stands for, by name
    slot: str | None = None  # None outside of modules


@dataclass(frozen=True)
class Group:
    """A module in its place: boxes, and lines between them and its entry."""

    slot: str
    label: str  # its heading
    amount: str  # text on its parameters
    tooltip: str  # all about it, in lines
    boxes: tuple[Box, ...]  # in topological order, the last its exit
    edges: tuple[tuple[int, int], ...]  # pairs of indices of boxes; -1 is the entry


@dataclass(frozen=True)
class Scene:
    """A whole network."""

    items: tuple[Box | Group, ...]  # in topological order
    edges: tuple[tuple[int, int], ...]  # pairs of indices of items
    legend: tuple[str, ...]


def scene_of(architecture: Architecture, *, fold: bool | None = None) -> Scene:
    """What the diagram of an architecture shows.

    Args:
        architecture:
            The network.
        fold:
            Whether a module that is shown elsewhere is one box; by default in networks of
            `FOLDED_FROM` or more layers.
    """
    places = places_of(architecture)
    if fold is None:
        fold = sum(map(is_layer, architecture.operations)) >= FOLDED_FROM
    slots = [node.kind for node in architecture.blueprint.nodes]
    occurrences = occurrences_of(architecture)
    items: list[Box | Group] = []
    reads: list[tuple[str, ...]] = []
    item_of: dict[str, int] = {}
    for unit in units_of(architecture, places, occurrences if fold else {}):
        operations = [op for place in unit.places for op in places[place]]
        if not unit.places[0].isdigit():
            item: Box | Group = _box(operations[0])
        else:
            slot = slots[int(unit.places[0])]
            order = occurrences[slot]
            if unit.is_folded:
                item = _fold(slot, order, {place: places[place] for place in unit.places})
            else:
                item = _group(slot, order, unit.places[0], operations)
        own = {op.name for op in operations}
        outside = [name for op in operations for name in op.inputs if name not in own]
        reads.append(tuple(dict.fromkeys(outside)))
        item_of |= dict.fromkeys(own, len(items))
        items.append(item)
    edges = tuple((item_of[name], i) for i, names in enumerate(reads) for name in names)
    return Scene(tuple(items), edges, legend(architecture.operations))


def is_layer(operation: Operation) -> bool:
    """Whether it is a layer of a module."""
    return operation.slot is not None and operation.name.rpartition(".")[2].isdigit()


def _box(op: Operation) -> Box:
    shape, amount = shape_text(op.shape), size_text(op)
    about = (shape, amount, details(op), (op.name,), op.slot)
    if op.kind == "input":
        words = ("embedding",) if op.num_params else ()
        return Box(Form.END, "input", words, *about)
    if op.kind == "output":
        pool = op.genes.get("pool")
        return Box(Form.END, "output", () if pool is None else (f"{pool} pool",), *about)
    if is_layer(op):
        return Box(Form.LAYER, op.kind, tuple(gene_words(op)), *about)
    name = {"scaled_sum": "scaled sum", "max_pool": "pool"}.get(op.kind, op.kind)
    words = (f"÷{op.genes['factor']}",) if "factor" in op.genes else ()
    return Box(Form.PILL, name, words, *about)


def _group(slot: str, order: Sequence[str], place: str, operations: Sequence[Operation]) -> Group:
    index = {op.name: i for i, op in enumerate(operations)}
    edges = [(index.get(name, -1), i) for i, op in enumerate(operations) for name in op.inputs]
    label = f"module {slot}"
    if len(order) > 1:
        label += f", {order.index(place) + 1} of {len(order)}"
    tooltip = f"{label}, at node {place} of the blueprint\n{_sizes(operations)}"
    amount = _amount(operations)
    return Group(slot, label, amount, tooltip, tuple(map(_box, operations)), tuple(edges))


def _fold(slot: str, order: Sequence[str], places: Mapping[str, Sequence[Operation]]) -> Box:
    operations = [op for inside in places.values() for op in inside]
    numbers = sorted(order.index(place) + 1 for place in places)
    in_a_row = numbers == list(range(numbers[0], numbers[-1] + 1))
    if in_a_row and len(numbers) > 1:
        span = f"{numbers[0]} to {numbers[-1]}"
    else:
        span = ", ".join(map(str, numbers))
    nodes = f"node{'s' if len(places) > 1 else ''} {', '.join(places)}"
    tooltip = [f"module {slot} again, at {nodes} of the blueprint", _sizes(operations)]
    if len(places) > 1:
        tooltip += [
            f"node {place}: {_change(ops)}, {_sizes(ops)}" for place, ops in places.items()
        ]
    return Box(
        Form.FOLD,
        name=f"module {slot}",
        words=(f"again, {span} of {len(order)}",),
        shape=_change(operations),
        amount=_amount(operations),
        tooltip="\n".join(tooltip),
        operations=tuple(op.name for op in operations),
        slot=slot,
    )


def _change(operations: Sequence[Operation]) -> str:
    """The shape that a module reads, and the one that it returns."""
    return f"{shape_text(_shape_in(operations))} → {shape_text(operations[-1].shape)}"


def _shape_in(operations: Sequence[Operation]) -> tuple[int, ...]:
    """What the first of the operations reads: the input of their module."""
    own = {op.name for op in operations}
    return next(
        shape
        for op in operations
        for name, shape in zip(op.inputs, op.input_shapes, strict=True)
        if name not in own
    )


def _sizes(operations: Sequence[Operation]) -> str:
    layers = plural(sum(map(is_layer, operations)), "layer")
    cost = cost_text(sum(o.num_params for o in operations), sum(o.macs for o in operations))
    shared = ", weights shared" if any(op.shares is not None for op in operations) else ""
    return f"{layers}{shared}, {cost}"


def _amount(operations: Sequence[Operation]) -> str:
    own = sum(op.num_params for op in operations)
    if any(op.shares is not None for op in operations):
        return f"shared + {own:,}" if own else "shared"
    return f"{own:,}" if own else ""
