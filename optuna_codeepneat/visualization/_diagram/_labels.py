"""What a diagram says about an operation, in few words and in many."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import get_layer


_SHORT: dict[str, Callable[[Any], str]] = {
    "width": str,
    "kernel": lambda kernel: f"k{kernel}",
    "dilation": lambda dilation: f"d{dilation}" if dilation != 1 else "",
    "stride": lambda stride: f"s{stride}" if stride != 1 else "",
    "heads": lambda heads: f"h{heads}" if isinstance(heads, int) else f"heads {heads}",
    "head_size": lambda size: f"hs{size}" if isinstance(size, int) else f"head_size {size}",
    "reduction": lambda by: f"r{by}" if isinstance(by, int) else f"reduction {by}",
    "bidirectional": lambda on: "bidirectional" if on else "",
    "norm": lambda norm: {"batch": "bn", "none": ""}.get(norm, str(norm)),
    "activation": lambda activation: activation if activation != "linear" else "",
    "dropout": lambda rate: f"drop {rate:.2g}" if rate else "",
    "residual": lambda on: "residual" if on else "",
    "initializer": lambda initializer: "",
    "weight_decay": lambda rate: "",
}
"""Genes that mean the same in every layer, in the order in which they are applied; what says
nothing about the function that is computed stands in the tooltip alone."""


_LEGEND = {
    "kernel": "k = kernel",
    "dilation": "d = dilation",
    "stride": "s = stride",
    "heads": "h = heads",
    "head_size": "hs = head size",
    "reduction": "r = reduction",
    "norm": "bn = batch normalisation",
}


def legend(operations: Sequence[Operation]) -> tuple[str, ...]:
    """What the short words of these operations mean, in short entries."""
    has_width = any("width" in operation.genes for operation in operations)
    entries = dict.fromkeys(["first number = width,"] * has_width)
    entries |= {
        f"{_LEGEND[gene]},": None
        for gene in _LEGEND
        for op in operations
        if gene in op.genes and _SHORT[gene](op.genes[gene]) not in ("", str(op.genes[gene]))
    }
    if any(op.shares is not None for op in operations):
        entries["shared = with the same layer above,"] = None
    return (*entries, "below: output shape, parameters")


def shape_text(shape: tuple[int, ...]) -> str:
    """A shape as "16×40"."""
    return "×".join(map(str, shape))


def plural(number: int, noun: str) -> str:
    """A number with its noun, as "1,234 parameters"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def gene_words(operation: Operation) -> list[str]:
    """The genes of a layer that matter, in words: those at their neutral value are left out."""
    if operation.kind == "dropout" and "dropout" in operation.genes:
        return [f"{operation.genes['dropout']:.2g}"]
    words = [
        short(operation.genes[gene]) for gene, short in _SHORT.items() if gene in operation.genes
    ]
    defaults = get_layer(operation.kind).defaults
    for gene, value in operation.genes.items():
        if gene in _SHORT or value == defaults.get(gene) or value is False or value == "none":
            continue
        words.append(gene if value is True else f"{gene} {_value(value)}")
    return [word for word in words if word]


def details(operation: Operation) -> str:
    """All about an operation, for its tooltip."""
    where = "" if operation.slot is None else f", in module {operation.slot}"
    lines = [f"{operation.name}: {operation.kind}{where}"]
    if operation.genes:
        genes = operation.genes.items()
        lines.append(", ".join(f"{name} {_value(value)}" for name, value in genes))
    if operation.inputs:
        reads = ", ".join(
            f"{shape_text(shape)} of {name}"
            for name, shape in zip(operation.inputs, operation.input_shapes, strict=True)
        )
        lines.append(f"reads {reads}")
    lines.append(f"returns {shape_text(operation.shape)}")
    if operation.num_params or operation.macs:
        lines.append(cost_text(operation.num_params, operation.macs))
    if operation.shares is not None:
        lines.append(f"shares the weights of {operation.shares}")
    return "\n".join(lines)


def cost_text(num_params: int, macs: int) -> str:
    """Parameters and multiply-adds in words."""
    return f"{plural(num_params, 'parameter')}, {plural(macs, 'multiply-add')}"


def size_text(operations: Sequence[Operation]) -> str:
    """The parameters of operations, nothing where there are none."""
    own = sum(operation.num_params for operation in operations)
    if any(operation.shares is not None for operation in operations):
        return f"shared + {own:,}" if own else "shared"
    return f"{own:,}" if own else ""


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
