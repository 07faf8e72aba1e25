"""Layers that can pass on what they are given, so that they may be inserted anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING

from optuna_codeepneat.sampler._genetics import draw
from optuna_codeepneat.sampler._lemonade._widths import at_least
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.search_space import Value
from optuna_codeepneat.search_space import contains
from optuna_codeepneat.search_space import get_layer


if TYPE_CHECKING:
    import numpy as np
    from optuna.distributions import BaseDistribution

_BARE: dict[str, Value] = {"norm": "none", "dropout": 0.0, "residual": False}


def transparent_layer(
    space: SearchSpace, shapes: Sequence[Shape], rng: np.random.Generator, behind: Node | None
) -> tuple[str, Genes] | None:
    """A new layer that can pass on its input: kind and genes; None if the space has none.

    Half of the time it repeats the layer that it is put behind (as `Mutation` does), as far as
    it can; else it is drawn. The shapes are of what it will be given, in each place of its
    module, `behind` is the node whose output it reads, None for the module's input.
    """
    kinds = list(space.layers)
    order = [kinds[int(i)] for i in rng.permutation(len(kinds))]
    repeats = behind is not None and rng.random() < 0.5
    if repeats and behind is not None:
        order = [behind.kind, *(kind for kind in order if kind != behind.kind)]
    rectified = behind is not None and _is_rectifier(behind)
    for kind in order:
        ranges = space.layers[kind]
        if repeats and behind is not None and behind.kind == kind:
            genes = behind.genes
        else:
            genes = Genes({name: draw(ranges[name], rng) for name in sorted(ranges)})
        found = _transparent(kind, genes, ranges, shapes, rectified)
        if found is not None:
            return kind, found
    return None


def is_transparent(module: Graph, shapes: Sequence[Shape]) -> bool:
    """Whether a module is a chain of layers with residual sums that can pass on these inputs."""
    before = IN
    for node in module.nodes:
        if node.inputs != (before,) or not node.genes.get("residual"):
            return False
        passed = [get_layer(node.kind).shape(shape, node.genes) for shape in shapes]
        if not all(_passes(*pair) for pair in zip(shapes, passed, strict=True)):
            return False
        before, shapes = node.id, passed
    return True


def _transparent(
    kind: str,
    genes: Genes,
    ranges: Mapping[str, BaseDistribution],
    shapes: Sequence[Shape],
    rectified: bool,
) -> Genes | None:
    """These genes, changed where they must be; None if it cannot be done within the ranges."""
    layer = get_layer(kind)
    channels = max(shape[0] for shape in shapes)
    options: list[dict[str, Value]] = []
    if "residual" in ranges:
        options.append({"residual": True, "stride": 1})
    rule = layer.inheritance
    if rule is not None and rule.identity is not None:
        active = ["linear", *(["relu"] if rectified else [])]
        options += [{**_BARE, "stride": 1, "activation": activation} for activation in active]
    # As few genes as possible are changed.
    options.sort(key=lambda option: sum(genes.get(n, v) != v for n, v in option.items()))
    for option in options:
        own = {name: value for name, value in option.items() if name in ranges}
        if not all(contains(ranges[name], value) for name, value in own.items()):
            continue
        fitting = []
        # A layer of two directions has twice its width.
        for width in (channels, -(-channels // 2)):
            changed = genes | own
            if "width" in ranges:
                possible = at_least(ranges["width"], width)
                if possible is None:
                    continue
                changed = changed | {"width": possible}
            passed = [layer.shape(shape, changed) for shape in shapes]
            if all(_passes(*pair) for pair in zip(shapes, passed, strict=True)):
                if own.get("residual") or passed == list(shapes):
                    fitting.append((passed[0][0], changed))
        if fitting:
            return min(fitting, key=lambda pair: pair[0])[1]
    return None


def _passes(given: Shape, returned: Shape) -> bool:
    """Whether all that is given has a place in what is returned."""
    return returned[1:] == given[1:] and returned[0] >= given[0]


def _is_rectifier(node: Node) -> bool:
    """Whether its output is never negative."""
    return node.genes.get("activation") == "relu" and not node.genes.get("residual")
