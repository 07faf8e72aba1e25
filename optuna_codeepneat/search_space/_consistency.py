"""Which arguments of a search space contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from math import log2

from optuna_codeepneat.search_space._parameters import most_inputs
from optuna_codeepneat.search_space._shapes import Shape
from optuna_codeepneat.search_space._shapes import rank


def check_inputs(max_inputs: int, most_nodes: Mapping[str, int]) -> None:
    """Raises `ValueError` if a trial can't store the inputs of a node of the largest graphs.

    Args:
        max_inputs:
            The most inputs of a node.
        most_nodes:
            The most nodes of graphs, by the name of the argument.
    """
    for name, max_nodes in most_nodes.items():
        most = most_inputs(max_nodes)
        if min(max_inputs, max_nodes) > most:
            raise ValueError(
                f"`max_inputs` must be at most {most} with `{name}`={max_nodes}, got "
                f"{max_inputs}: each trial stores every set of inputs that its last node "
                "may have, and MySQL holds 65,535 bytes of them."
            )


def check_tokens(input_shape: Shape, vocab_size: int | None, padding_index: int | None) -> None:
    """Raises `ValueError` if these tokens can't be read."""
    if vocab_size is not None and rank(input_shape) != 1:
        raise ValueError(
            f"`vocab_size` needs `input_shape` (embedding channels, length), got {input_shape}."
        )
    if padding_index is not None and padding_index >= (vocab_size or 0):
        raise ValueError(
            "`padding_index` must be a token, which is a number below "
            f"`vocab_size`={vocab_size}, got {padding_index}."
        )


def check_pooling(input_shape: Shape, min_pooling: int) -> None:
    """Raises `ValueError` if the sizes can't be halved so often."""
    possible = ceil(log2(max(input_shape[1:], default=1)))
    if min_pooling > possible:
        raise ValueError(
            f"`min_pooling`={min_pooling} contradicts `input_shape`={input_shape}: "
            f"its sizes can be halved {possible} times."
        )
