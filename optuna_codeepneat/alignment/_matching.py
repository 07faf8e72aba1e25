"""What a layer has in common with the one of an ancestor that it continues."""

from __future__ import annotations

import numpy as np

from optuna_codeepneat.alignment._plan import Change
from optuna_codeepneat.search_space import GeneValues
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import Operation


# Genes that every layer may have, and that its core knows nothing of.
_COMMON = ("norm", "activation", "dropout", "weight_decay", "residual", "initializer")
# Genes that make a core larger, beside its width and directions, and those that make it smaller.
_LARGER = ("kernel", "heads", "head_size")
_SMALLER = ("reduction",)


def can_inherit(layer: Layer, parent: Operation, operation: Operation) -> bool:
    """Whether a layer can use the ancestor's weights at all."""
    rule = layer.inheritance
    if rule is not None:
        return parent.kind == operation.kind or parent.kind in rule.accepts
    return (
        parent.kind == operation.kind
        and parent.input_shapes == operation.input_shapes
        and _core_genes(parent.genes) == _core_genes(operation.genes)
    )


def _core_genes(genes: GeneValues) -> dict[str, object]:
    return {name: value for name, value in genes.items() if name not in _COMMON}


def extends(layer: Layer, operation: Operation, parent: Operation) -> bool:
    """Whether the core computes what the ancestor's computed, given the same channels."""
    rule = layer.inheritance
    if rule is not None and rule.extends is not None:
        now = (operation.input_shapes[0], operation.genes)
        return rule.extends(*now, parent.kind, parent.input_shapes[0], parent.genes)
    ours, theirs = _core_genes(operation.genes), _core_genes(parent.genes)
    return {**ours, "width": 0} == {**theirs, "width": 0}


def same_gene(genes: GeneValues, was: GeneValues, gene: str) -> bool:
    """Whether a gene that every layer may have is what it was; without it a layer does nothing."""
    nothing = {"norm": "none", "activation": "linear", "residual": False}[gene]
    return bool(genes.get(gene, nothing) == was.get(gene, nothing))


def change_of(operation: Operation, parent: Operation, units: np.ndarray) -> Change:
    """What kind of change a layer has gone through, by its units and its other sizes."""
    if operation.kind != parent.kind:
        return "widened" if operation.num_params >= parent.num_params else "pruned"
    pairs = list(zip(_sizes(operation.genes), _sizes(parent.genes), strict=True))
    if (units < 0).any() or any(now > was for now, was in pairs):
        return "widened"
    smaller = len(units) < parent.shape[0] or any(now < was for now, was in pairs)
    return "pruned" if smaller else "copied"


def _sizes(genes: GeneValues) -> list[int]:
    """What of a layer there is the more of, the larger the number."""
    larger = [_whole(genes, name) for name in _LARGER]
    return [*larger, *(-_whole(genes, name) for name in _SMALLER)]


def _whole(genes: GeneValues, name: str) -> int:
    """A gene that is a whole number, else 0: in a layer of a user it may mean another thing."""
    value = genes.get(name)
    return value if isinstance(value, int) else 0


def num_inherited(
    layer: Layer,
    operation: Operation,
    parent: Operation,
    inputs: np.ndarray,
    units: np.ndarray,
    fills_core: bool,
) -> int:
    """How many parameters of a layer come from the ancestor's: those of what both have."""
    genes, was = operation.genes, parent.genes
    n_in, n_out = int((inputs >= 0).sum()), int((units >= 0).sum())
    common = dict(genes)
    for name, value in genes.items():
        before = was.get(name, value)
        if not isinstance(value, int) or not isinstance(before, int):
            continue
        if name in ("width", "bidirectional", *_LARGER):
            common[name] = min(value, before)
        elif name in _SMALLER:
            common[name] = max(value, before)
    shape = (n_in, *operation.input_shapes[0][1:])
    n = 0
    if fills_core:
        whole = (operation.input_shapes[0], genes)
        n = min(layer.num_params(shape, common), layer.num_params(*whole))
        if layer.inheritance is None:
            n = layer.num_params(*whole)
    if genes.get("norm") == was.get("norm") == "batch":
        n += 2 * n_out
    if genes.get("residual") and was.get("residual"):
        both = operation.input_shapes[0][0] != operation.shape[0] and (
            parent.input_shapes[0][0] != parent.shape[0]
        )
        n += 1 + (n_in * n_out if both else 0)
    return n
