"""What a diagram shows: an architecture as nested boxes and the lines between them."""

from __future__ import annotations

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


FOLDED_FROM = 20
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
    """An operation, or several in a fold.

    Args:
        form:
            How it is drawn.
        name:
            What stands first, in bold.
        words:
            What stands behind it.
        shape:
            Text on its output.
        amount:
            Text on its parameters.
        tooltip:
            All about it, in lines.
        operations:
            Names of the operations that it stands for.
        slot:
            The module slot that they come from, None outside of modules.
    """

    form: Form
    name: str
    words: tuple[str, ...]
    shape: str
    amount: str
    tooltip: str
    operations: tuple[str, ...]
    slot: str | None = None


@dataclass(frozen=True)
class Group:
    """A module in its place: boxes, and lines between them and its entry.

    Args:
        slot:
            The module slot.
        label:
            What its heading says.
        amount:
            Text on its parameters.
        tooltip:
            All about it, in lines.
        boxes:
            What it holds, in topological order, the last its exit.
        edges:
            Pairs of indices into `boxes`; -1 is the entry.
    """

    slot: str
    label: str
    amount: str
    tooltip: str
    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Scene:
    """A whole network: items in topological order, and lines as pairs of their indices;
    the legend says in short entries what the short words mean."""

    items: tuple[Box | Group, ...]
    edges: tuple[tuple[int, int], ...]
    legend: tuple[str, ...]


def scene_of(architecture: Architecture, *, fold: bool | None = None) -> Scene:
    """What the diagram of an architecture shows.

    Args:
        architecture:
            The network.
        fold:
            Whether a module that has been shown before is one box; by default in networks of
            `FOLDED_FROM` or more layers.
    """
    places = _places(architecture)
    if fold is None:
        fold = sum(map(is_layer, architecture.operations)) >= FOLDED_FROM
    runs = _runs(architecture, places) if fold else {}
    items: list[Box | Group] = []
    item_of: dict[str, int] = {}
    reads: list[tuple[str, ...]] = []
    kinds = [node.kind for node in architecture.blueprint.nodes]
    for place, operations in places:
        if place.isdigit():
            number = int(place)
            if number in runs and number != runs[number][0]:
                for op in operations:
                    item_of[op.name] = item_of[f"run {runs[number][0]}"]
                continue
            slot = kinds[number]
            order = [i for i, kind in enumerate(kinds) if kind == slot]
            if number in runs:
                members = runs[number]
                by_place = dict(places)
                item_of[f"run {number}"] = len(items)
                inside = [op for member in members for op in by_place[str(member)]]
                items.append(_fold(slot, members, order, inside, by_place))
            else:
                items.append(_group(slot, number, order, operations))
            own = {op.name for op in operations}
            outside = (name for op in operations for name in op.inputs if name not in own)
            reads.append(tuple(dict.fromkeys(outside)))
        else:
            (op,) = operations
            items.append(_box(op))
            reads.append(op.inputs)
        for op in operations:
            item_of[op.name] = len(items) - 1
    edges = tuple((item_of[name], i) for i, names in enumerate(reads) for name in names)
    return Scene(tuple(items), edges, legend(architecture.operations))


def is_layer(operation: Operation) -> bool:
    """Whether it is a layer of a module."""
    return operation.slot is not None and operation.name.rpartition(".")[2].isdigit()


def _places(architecture: Architecture) -> list[tuple[str, list[Operation]]]:
    """Operations by the item that shows them: a blueprint node's number, or their own name."""
    places: dict[str, list[Operation]] = {}
    for op in architecture.operations:
        place, _, rest = op.name.partition(".")
        inside = place.isdigit() and rest != "merge"
        places.setdefault(place if inside else op.name, []).append(op)
    return list(places.items())


def _runs(
    architecture: Architecture, places: Sequence[tuple[str, list[Operation]]]
) -> dict[int, list[int]]:
    """The run that each folded blueprint node belongs to: those in a row of the same slot."""
    nodes = architecture.blueprint.nodes
    readers = [0] * len(nodes)
    for node in nodes:
        for source in node.inputs:
            if source.isdigit():
                readers[int(source)] += 1
    runs: dict[int, list[int]] = {}
    seen: set[str] = set()
    for i, node in enumerate(nodes):
        if node.kind not in seen:
            seen.add(node.kind)
            continue
        source = node.inputs[0]
        before = runs.get(int(source)) if source.isdigit() and len(node.inputs) == 1 else None
        if before is not None and nodes[before[-1]].kind == node.kind and readers[before[-1]] == 1:
            before.append(i)
            runs[i] = before
        else:
            runs[i] = [i]
    return runs


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


def _group(slot: str, number: int, order: Sequence[int], operations: Sequence[Operation]) -> Group:
    index = {op.name: i for i, op in enumerate(operations)}
    edges = [(index.get(name, -1), i) for i, op in enumerate(operations) for name in op.inputs]
    label = f"module {slot}"
    if len(order) > 1:
        label += f", {order.index(number) + 1} of {len(order)}"
    tooltip = f"{label}, at node {number} of the blueprint\n{_sizes(operations)}"
    amount = _amount(operations)
    return Group(slot, label, amount, tooltip, tuple(map(_box, operations)), tuple(edges))


def _fold(
    slot: str,
    members: Sequence[int],
    order: Sequence[int],
    operations: Sequence[Operation],
    by_place: dict[str, list[Operation]],
) -> Box:
    first = order.index(members[0]) + 1
    span = f"{first}" if len(members) == 1 else f"{first} to {first + len(members) - 1}"
    words = (f"again, {span} of {len(order)}",)
    shape = f"{shape_text(_shape_in(operations))} → {shape_text(operations[-1].shape)}"
    tooltip = [f"module {slot} as in its first place, at {_nodes(members)} of the blueprint"]
    tooltip.append(_sizes(operations))
    for member in members if len(members) > 1 else ():
        own = by_place[str(member)]
        change = f"{shape_text(_shape_in(own))} → {shape_text(own[-1].shape)}"
        tooltip.append(f"{member}: {change}, {_amount(own) or 0} parameters")
    names = tuple(op.name for op in operations)
    return Box(
        Form.FOLD, f"module {slot}", words, shape, _amount(operations), "\n".join(tooltip), names, slot
    )


def _shape_in(operations: Sequence[Operation]) -> tuple[int, ...]:
    """What the first of the operations reads: the input of their module."""
    own = {op.name for op in operations}
    return next(
        shape
        for op in operations
        for name, shape in zip(op.inputs, op.input_shapes, strict=True)
        if name not in own
    )


def _nodes(members: Sequence[int]) -> str:
    if len(members) == 1:
        return f"node {members[0]}"
    return f"nodes {', '.join(map(str, members))}"


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
