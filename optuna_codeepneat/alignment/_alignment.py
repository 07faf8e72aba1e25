"""`plan`: walks through a network and its ancestor, and follows every channel."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from math import prod

import numpy as np

from optuna_codeepneat.alignment._ancestry import AncestorIndex
from optuna_codeepneat.alignment._ancestry import is_transparent
from optuna_codeepneat.alignment._channels import NEW
from optuna_codeepneat.alignment._channels import Channels
from optuna_codeepneat.alignment._channels import by_position
from optuna_codeepneat.alignment._channels import lined_up
from optuna_codeepneat.alignment._channels import unknown
from optuna_codeepneat.alignment._matching import can_inherit
from optuna_codeepneat.alignment._matching import change_of
from optuna_codeepneat.alignment._matching import extends
from optuna_codeepneat.alignment._matching import num_inherited
from optuna_codeepneat.alignment._matching import same_gene
from optuna_codeepneat.alignment._merges import SUMS
from optuna_codeepneat.alignment._merges import concatenation
from optuna_codeepneat.alignment._merges import continued_sum
from optuna_codeepneat.alignment._merges import new_sum
from optuna_codeepneat.alignment._plan import Ancestor
from optuna_codeepneat.alignment._plan import Branch
from optuna_codeepneat.alignment._plan import Change
from optuna_codeepneat.alignment._plan import Plan
from optuna_codeepneat.alignment._plan import Step
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import smallest


def plan(
    parent: Architecture,
    child: Architecture,
    importance: Mapping[str, Sequence[float]] | None = None,
) -> Plan:
    """Aligns a network with an ancestor by their innovation ids (LEMONADE's morphisms).

    Every channel of the descendant is followed back to the ancestor's operation that computed it.
    So whatever combination of edits lies between the two, each weight finds its place; weights
    that read what the ancestor did not have are to be zero, and then the function is the
    ancestor's, unless something of it is missing.

    Args:
        parent:
            The ancestor.
        child:
            The descendant.
        importance:
            For operations of the ancestor how much each of its units matters: where the
            descendant has fewer, it keeps those that matter most; the first, if nothing is said.

    Returns:
        The plan; `optuna_codeepneat.morphism.inherit` carries it out.

    Raises:
        ValueError: If the two read different inputs, or differ in their outputs.

    Example:
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.alignment import plan
        >>> from optuna_codeepneat.search_space import Node
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> def network(width):
        ...     layers = [Node("0", "conv1d", genes={"width": width})]
        ...     return space.architecture([Node("0", "A")], {"A": layers})
        >>> wider = plan(network(8), network(12))
        >>> wider.exact, [step.change for step in wider.steps]
        (True, ['widened', 'copied'])
    """
    for name in ("input_shape", "num_outputs", "vocab_size", "padding_index"):
        ours, theirs = getattr(child, name), getattr(parent, name)
        if ours != theirs:
            raise ValueError(
                f"the networks cannot be aligned: their `{name}` is {theirs} and {ours}."
            )
    return _Alignment(AncestorIndex(parent), child, importance or {}).plan()


class _Alignment:
    """A descendant, as far as it has been walked through."""

    def __init__(
        self,
        ancestry: AncestorIndex,
        architecture: Architecture,
        importance: Mapping[str, Sequence[float]],
    ) -> None:
        self._ancestry = ancestry
        self._origins = ancestry.origins
        self._child = architecture
        self._importance = importance
        self._outputs: dict[str, Channels] = {}
        self._readers: dict[str, list[Operation]] = {}
        for operation in architecture.operations:
            for name in operation.inputs:
                self._readers.setdefault(name, []).append(operation)
        self._steps: list[Step] = []
        self._exact = False
        # Of each core: whose it was, and which of its inputs and units go where. Several
        # operations of a network may share one.
        self._cores: dict[str, tuple[str, list[int], list[int]]] = {}
        self._continued = {
            operation.shares or operation.name
            for operation in architecture.operations
            if operation.slot is not None and self._kin(operation) is not None
        }

    def plan(self) -> Plan:
        for operation in self._child.operations:
            reads = [self._outputs[name] for name in operation.inputs]
            self._outputs[operation.name] = self._follow(operation, reads)
        kept = {step.parent.operation for step in self._steps if step.parent is not None}
        lost = [
            operation.name
            for operation in self._ancestry.operations.values()
            if operation.num_params and operation.name not in kept
        ]
        return Plan(tuple(self._steps), self._exact, tuple(lost))

    def _follow(self, operation: Operation, reads: list[Channels]) -> Channels:
        """Adds the step of an operation; returns what it computes in the ancestor's terms."""
        innovation_id = self._child.innovation_id(operation.name)
        parent = self._ancestry.operations.get(innovation_id)
        if operation.kind == "input":
            return self._input(operation, innovation_id)
        if operation.kind == "max_pool":
            return self._origins.pooled(reads[0], operation.shape[1:])
        if len(reads) > 1:
            sizes = smallest(operation.input_shapes)
            aligned = [self._origins.pooled(read, sizes) for read in reads]
            return self._merge(operation, innovation_id, parent, aligned)
        if operation.kind == "output":
            assert parent is not None
            return self._output(operation, innovation_id, parent, reads[0])
        if is_transparent(operation):
            return reads[0]
        layer, kin = get_layer(operation.kind), self._kin(operation)
        if kin is None:
            return self._new_layer(operation, layer, reads[0])
        return self._layer(operation, layer, innovation_id, kin, reads[0])

    def _kin(self, operation: Operation) -> Operation | None:
        """The layer of the ancestor whose weights a layer can use, if it had one."""
        if len(operation.inputs) != 1 or operation.slot is None:
            return None
        parent = self._ancestry.operations.get(self._child.innovation_id(operation.name))
        if parent is None or len(parent.inputs) != 1:
            return None
        return parent if can_inherit(get_layer(operation.kind), parent, operation) else None

    def _needed(self, operation: Operation) -> np.ndarray:
        """The ancestor's channels that are read behind a new operation, by their keys."""
        found: list[Channels] = []
        behind = [operation.name]
        for name in behind:  # which grows
            for reader in self._readers.get(name, []):
                innovation_id = self._child.innovation_id(reader.name)
                known = self._ancestry.reads if len(reader.inputs) == 1 else self._ancestry.joins
                tensors = known.get(innovation_id, [])
                # What arrives there by itself need not come this way.
                others = [self._outputs[n].keys for n in reader.inputs if n in self._outputs]
                found += [t for t in tensors if not any(np.isin(t.keys, o).all() for o in others)]
                if not tensors and reader.name not in behind:
                    behind.append(reader.name)
        return np.concatenate([tensor.keys for tensor in found]) if found else np.zeros(0, int)

    # -- ends ----------------------------------------------------------------------------------

    def _input(self, operation: Operation, innovation_id: str) -> Channels:
        channels = self._origins.output_of(operation.name, operation.shape[0], operation.shape[1:])
        if operation.num_params:
            every = tuple(range(operation.shape[0]))
            ancestor = _ancestor(operation, innovation_id)
            self._add(operation, ancestor, "copied", True, operation.num_params, (), every)
        return channels

    def _output(
        self, operation: Operation, innovation_id: str, parent: Operation, read: Channels
    ) -> Channels:
        before = self._ancestry.reads[innovation_id][0]
        ours, theirs = _pools(operation), _pools(parent)
        indices, complete, same = lined_up(read, before)
        if not (indices >= 0).any():
            indices = by_position(len(read), len(before))
        inputs: list[int] = []
        for i, pool in enumerate(ours):
            # Where the ancestor pooled otherwise, its weights are a beginning all the same.
            known = theirs.index(pool) if pool in theirs else i * len(theirs) // len(ours)
            extra = pool not in theirs and any(p in ours for p in theirs)
            part = np.where(indices >= 0, indices + known * len(before), NEW)
            inputs += [NEW] * len(read) if extra else part.tolist()
        # A mean is a sum over all positions, each with its share; but where padding is left out
        # the shares are those of each text.
        of_mean = theirs == ("mean",) and operation.genes.get("pool") == "flatten"
        of_mean &= self._child.padding_index is None
        exact = complete and (set(theirs) <= set(ours) or of_mean)
        self._exact = exact and same
        n = sum(i != NEW for i in inputs)
        inherited = (n + 1) * operation.shape[0]
        change: Change = "pruned" if n < len(before) * len(theirs) else "copied"
        every = tuple(range(operation.shape[0]))
        ancestor = _ancestor(parent, innovation_id)
        self._add(operation, ancestor, change, exact, inherited, tuple(inputs), every)
        return unknown(operation.shape[0], ())

    # -- layers --------------------------------------------------------------------------------

    def _layer(
        self,
        operation: Operation,
        layer: Layer,
        innovation_id: str,
        parent: Operation,
        read: Channels,
    ) -> Channels:
        """A layer that the ancestor had, perhaps with other genes or other inputs."""
        before = self._ancestry.reads[innovation_id][0]
        indices, complete, same = lined_up(read, before)
        if not (indices >= 0).any():
            # What it read is gone, as where a layer in front was taken out: position by position.
            indices = by_position(len(read), len(before))
        core = layer.output_shape(operation.input_shapes[0], operation.genes)[0]
        units = self._units(operation, layer, parent, core, indices)
        genes, was = operation.genes, parent.genes
        exact = complete and extends(layer, operation, parent)
        if layer.inheritance is None:  # its weights are taken as they are, whatever they mean
            exact &= bool((indices == np.arange(len(read))).all())
        core_of = operation.shares or operation.name
        content = (parent.shares or parent.name, indices.tolist(), units.tolist())
        fills_core = core_of not in self._cores
        exact &= self._cores.setdefault(core_of, content) == content
        exact &= all(same_gene(genes, was, gene) for gene in ("norm", "activation", "residual"))
        branches: tuple[Branch, ...] = ()
        if genes.get("residual"):
            branches = (Branch(0, tuple(indices.tolist()), tuple(units.tolist())),)
            exact &= _is_straight(operation, parent, indices, units)
        inherited = num_inherited(layer, operation, parent, indices, units, fills_core)
        self._add(
            operation,
            _ancestor(parent, innovation_id),
            change_of(operation, parent, units),
            exact,
            inherited,
            tuple(indices.tolist()),
            tuple(units.tolist()),
            branches,
        )
        whole = self._origins.output_of(parent.name, parent.shape[0], operation.shape[1:])
        return whole.take(units).roughly(exact and same)

    def _units(
        self,
        operation: Operation,
        layer: Layer,
        parent: Operation,
        channels: int,
        indices: np.ndarray,
    ) -> np.ndarray:
        """For each channel of a layer the one of the ancestor's, given that of each it reads."""
        rule = layer.inheritance
        if rule is not None and rule.keeps_channels:
            return indices
        if rule is None or "width" not in operation.genes:
            return np.arange(channels)
        width, was = int(operation.genes["width"]), int(parent.genes["width"])
        blocks, had = rule.blocks(operation.genes), rule.blocks(parent.genes)
        kept = np.full(width, NEW)
        if width < was and parent.name in self._importance:
            order = np.argsort(-np.asarray(self._importance[parent.name]), kind="stable")
            kept[:] = np.sort(order[:width])
        else:
            kept[: min(width, was)] = np.arange(min(width, was))
        rows = [
            np.where(kept >= 0, kept + block * was, NEW) if block < had else np.full(width, NEW)
            for block in range(blocks)
        ]
        return np.concatenate(rows)

    def _new_layer(self, operation: Operation, layer: Layer, read: Channels) -> Channels:
        """A layer that the ancestor had not: it passes on what it is given, where it can."""
        n_in, n_out = operation.input_shapes[0][0], operation.shape[0]
        genes, rule = operation.genes, layer.inheritance
        residual = bool(genes.get("residual"))
        if rule is None and not residual:
            self._add(operation, None, "fresh", False, 0)
            return unknown(n_out, operation.shape[1:])
        chosen = self._passed(operation, read, n_out)
        through = np.full(n_out, NEW)
        through[: len(chosen)] = chosen
        left = np.setdiff1d(np.intersect1d(read.keys, self._needed(operation)), read.keys[chosen])
        exact = operation.shape[1:] == operation.input_shapes[0][1:]
        exact &= len(chosen) == n_in or (len(chosen) > 0 and not len(left))
        branches: tuple[Branch, ...] = ()
        if residual:
            branches = (Branch(None, tuple(range(n_in)), tuple(through.tolist())),)
        elif not self._can_pass(operation, layer):
            self._add(operation, None, "fresh", False, 0)
            return unknown(n_out, operation.shape[1:])
        else:
            activation = genes.get("activation", "linear")
            idempotent = activation == "relu" and self._ancestry.never_negative(read)[chosen].all()
            exact &= genes.get("norm", "none") == "none"
            exact &= activation == "linear" or idempotent
            # Places that share an identity pass on the same.
            core: tuple[str, list[int], list[int]] = ("", [], chosen.tolist())
            exact &= self._cores.setdefault(operation.shares or operation.name, core) == core
        self._add(
            operation,
            None,
            "deepened",
            exact,
            0,
            tuple(range(n_in)),
            tuple(through.tolist()),
            branches,
        )
        passed_on = self._origins.pooled(read, operation.shape[1:])
        return passed_on.take(through).roughly(exact)

    def _passed(self, operation: Operation, read: Channels, n: int) -> np.ndarray:
        """Which of its channels a new layer passes on: all, or n that are read behind it."""
        kept = np.full(len(read), True)
        if operation.genes.get("activation") == "relu" and not operation.genes.get("residual"):
            # Rectified once more, these stay what they are.
            kept = self._ancestry.never_negative(read)
            if not kept[read.keys != NEW].any():
                kept[:] = True
        if n < len(read):
            needed = kept & (read.keys != NEW) & np.isin(read.keys, self._needed(operation))
            if needed.any():
                # One of each first, since what is there twice may be needed once.
                again = np.full(len(read), True)
                again[np.unique(read.keys, return_index=True)[1]] = False
                chosen = np.flatnonzero(needed)
                return np.sort(chosen[np.argsort(again[chosen], kind="stable")][:n])
        return np.flatnonzero(kept)[:n]

    def _can_pass(self, operation: Operation, layer: Layer) -> bool:
        """Whether the core may become an identity: not one that others of the ancestor use."""
        rule = layer.inheritance
        if rule is None or rule.passes is None or not rule.passes(operation.genes):
            return False
        return (operation.shares or operation.name) not in self._continued

    # -- merges --------------------------------------------------------------------------------

    def _merge(
        self,
        operation: Operation,
        innovation_id: str,
        parent: Operation | None,
        reads: list[Channels],
    ) -> Channels:
        before = self._ancestry.joins.get(innovation_id, [])
        if operation.kind == "concat":
            step, out = concatenation(operation, reads, before, parent is not None)
        elif parent is not None and parent.kind in SUMS:
            ancestor = _ancestor(parent, innovation_id)
            before = self._ancestry.reads[innovation_id]
            whole = self._origins.output_of(parent.name, parent.shape[0], operation.shape[1:])
            step, out = continued_sum(operation, ancestor, reads, before, whole)
        else:
            needed = [tensor.keys for tensor in before] or [self._needed(operation)]
            step, out = new_sum(operation, reads, before, np.concatenate(needed))
        self._steps.append(step)
        return out

    def _add(
        self,
        operation: Operation,
        parent: Ancestor | None,
        change: Change,
        exact: bool,
        inherited: int,
        inputs: tuple[int, ...] = (),
        units: tuple[int, ...] = (),
        branches: tuple[Branch, ...] = (),
    ) -> None:
        self._steps.append(
            Step(
                operation=operation.name,
                parent=parent,
                change=change,
                exact=bool(exact),
                num_params=operation.num_params,
                inherited=inherited,
                inputs=inputs,
                units=units,
                branches=branches,
            )
        )


def _is_straight(
    operation: Operation, parent: Operation, inputs: np.ndarray, units: np.ndarray
) -> bool:
    """Whether x can be in ``x + a f(x)`` what it was there: a projection can be anything."""
    if operation.input_shapes[0][0] != operation.shape[0]:
        return True
    known = units >= 0
    was_projected = parent.input_shapes[0][0] != parent.shape[0]
    return not was_projected and bool((inputs[known] == units[known]).all())


def _pools(operation: Operation) -> tuple[str, ...]:
    """The vectors that global pooling puts side by side in front of an output layer."""
    _, *sizes = operation.input_shapes[0]
    if not sizes:
        return ("",)
    pool = str(operation.genes.get("pool", "mean"))
    if pool == "flatten":
        return tuple(f"{sizes} {position}" for position in range(prod(sizes)))
    return tuple(pool.split("+"))


def _ancestor(parent: Operation, innovation_id: str) -> Ancestor:
    shape = parent.input_shapes[0] if len(parent.inputs) == 1 else parent.shape
    return Ancestor(parent.name, innovation_id, parent.kind, parent.genes, shape)
