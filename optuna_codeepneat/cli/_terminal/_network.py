"""A network as a table for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from optuna_codeepneat.cli._terminal._lines import broken
from optuna_codeepneat.cli._terminal._lines import padded
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import is_neutral


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import Operation

_COLUMNS = ("operation", "layer", "reads", "shape", "parameters", "macs")
_FIRST_SIZE = _COLUMNS.index("parameters")
_INDENT = 4


def network_table(architecture: Architecture, width: int | None) -> str:
    """The steps of a network: what they read, their shapes, sizes, and the genes that matter.

    Genes that do nothing, such as a dropout of 0, are left out.

    Args:
        architecture:
            The network.
        width:
            The columns that there are, None for any number. Where genes have no room beside their
            layer, they stand below it; where the sizes have none, they are left out.
    """
    rows = [_COLUMNS, *map(_row, architecture.operations)]
    genes = ["genes", *map(_genes, architecture.operations)]
    lines = _joined(rows)
    beside = [f"{line}  {words}".rstrip() for line, words in zip(lines, genes, strict=True)]
    if width is not None and max(map(cell_len, beside)) > width:
        while max(map(cell_len, lines)) > width and len(rows[0]) > 1:
            rows = [row[:-1] for row in rows]
            lines = _joined(rows)
        beside = [lines[0].rstrip()]
        for line, words in zip(lines[1:], genes[1:], strict=True):
            beside.append(line.rstrip())
            if words:
                beside += broken(" " * _INDENT + words, width, indent=_INDENT)
    total = (
        f"{architecture.num_params:,} parameters, {architecture.macs:,} multiply-adds, "
        f"depth {architecture.depth}"
    )
    return "\n".join([*beside, *broken(total, width)])


def _joined(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table; its numbers stand to the right."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            padded(cell, width, right=i >= _FIRST_SIZE)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def _row(operation: Operation) -> tuple[str, ...]:
    slot = "" if operation.slot is None else f" [{operation.slot}]"
    return (
        operation.name + slot,
        operation.kind,
        " ".join(operation.inputs),
        "x".join(map(str, operation.shape)),
        f"{operation.num_params:,}",
        f"{operation.macs:,}",
    )


def _genes(operation: Operation) -> str:
    genes = operation.genes
    # In the order in which their layer names them.
    known = get_layer(operation.kind).genes if operation.slot and len(genes) else genes
    words = [
        name if genes[name] is True else f"{name}={_short(genes[name])}"
        for name in known
        if name in genes and not is_neutral(name, genes[name])
    ]
    if operation.shares is not None:
        words.append(f"(weights of {operation.shares})")
    return " ".join(words)


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
