"""`build_network`: an architecture becomes a `torch.nn.Module`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.exceptions import NetworkError
from optuna_codeepneat.network._cell import Cell
from optuna_codeepneat.network._ends import Head
from optuna_codeepneat.network._ends import TokenEmbedding
from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._masked import MaskedCell
from optuna_codeepneat.network._masked import MaskedEmbedding
from optuna_codeepneat.network._masked import MaskedHead
from optuna_codeepneat.network._masked import MaskedMerge
from optuna_codeepneat.network._masked import MaskedPool
from optuna_codeepneat.network._merges import Merge
from optuna_codeepneat.network._parts import max_pool
from optuna_codeepneat.search_space import IN
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import build_core
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import rank


def build_network(architecture: Architecture) -> Network:
    """The network that an architecture describes, with fresh weights.

    Args:
        architecture:
            What `SearchSpace.suggest` returned.

    Returns:
        An ordinary module that turns ``(batch, *input_shape)`` into ``(batch, num_outputs)``,
        on the default device and of the default type. It has exactly
        ``architecture.num_params`` parameters.

    Raises:
        NetworkError: If a layer cannot be built; the message names it.

    Example:
        >>> import torch
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.search_space import Node
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> architecture = space.architecture(
        ...     blueprint=[Node("0", "A"), Node("1", "A", inputs=["0"])],
        ...     modules={"A": [Node("0", "conv1d", genes={"width": 8})]},
        ... )
        >>> network = build_network(architecture)
        >>> network(torch.zeros(5, 1, 40)).shape
        torch.Size([5, 10])
    """
    return Network(architecture)


class Network(nn.Module):
    """A network made by `build_network`.

    Attributes:
        architecture: What it was made from.
        parts: The modules of all operations that do something, in the order of computation, by
            the operation's name with underscores for dots, ``"input"`` for the embedding.
            What flows between them are vectors or images; a sequence is an image of height 1.
            Where padding is left out, it is a pair of one and of where text is.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.parts = nn.ModuleDict()
        # For each part the indices of its inputs in the list of all tensors so far. An operation
        # that does nothing has no part: its readers read its input instead.
        self._reads: list[tuple[int, ...]] = []
        self._operations: list[Operation] = []
        positions: dict[str, int] = {}
        for operation in architecture.operations:
            part = _build(operation, self._shared_core(operation), architecture)
            reads = tuple(positions[name] for name in operation.inputs) or (0,)
            if part is None:
                positions[operation.name] = reads[0]
                continue
            self.parts[part_name(operation.name)] = part
            self._reads.append(reads)
            self._operations.append(operation)
            positions[operation.name] = len(self._reads)
        tokens = architecture.vocab_size is not None
        shape = architecture.input_shape
        self._input_shape = shape[1:] if tokens else shape

    def forward(self, input: Tensor) -> Tensor:
        """The outputs for a batch.

        Args:
            input:
                Numbers ``(batch, *input_shape)``, or integers ``(batch, length)`` for text.

        Returns:
            ``(batch, num_outputs)``; no softmax.

        Raises:
            ValueError: If the input has another shape, numbers of another type than the weights,
                or tokens that are not from 0 to below `vocab_size` (these not on a GPU, where
                they end with an error of CUDA's).
            NetworkError: If an operation fails.
        """
        if input.shape[1:] != self._input_shape:
            expected = ", ".join(map(str, ("batch", *self._input_shape)))
            raise ValueError(f"the network reads ({expected}), got {tuple(input.shape)}.")
        tensors: list[Any] = [as_image(input)]
        if torch.compiler.is_compiling():
            return self._walk(tensors)
        try:
            return self._walk(tensors)
        except (NetworkError, torch.cuda.OutOfMemoryError):
            raise
        except Exception as error:
            self._check_values(input)
            operation = self._operations[len(tensors) - 1]
            read = operation.input_shapes or (input.shape[1:],)
            shapes = [(len(input), *shape) for shape in read]
            raise NetworkError(f"{_name(operation)} failed on {shapes}: {error}") from error

    def _check_values(self, input: Tensor) -> None:
        """Raises a `ValueError` if the input is what lets an operation fail."""
        vocab_size, got = self.architecture.vocab_size, str(input.dtype).removeprefix("torch.")
        if vocab_size is None:
            own = next(self.parameters()).dtype
            if input.dtype != own:
                reads = str(own).removeprefix("torch.")
                raise ValueError(f"the network reads numbers of {reads}, got {got}.") from None
        elif input.dtype not in (torch.int64, torch.int32):
            raise ValueError(f"the network reads tokens of int64 or int32, got {got}.") from None
        elif input.device.type == "cpu":  # else CUDA has failed for good
            low, high = int(input.min()), int(input.max())
            if low < 0 or high >= vocab_size:
                raise ValueError(
                    f"the network reads tokens from 0 to {vocab_size - 1}, got "
                    f"{low if low < 0 else high}."
                ) from None

    def _walk(self, tensors: list[Any]) -> Tensor:
        """Appends the output of every part, maybe `Masked`; returns the last."""
        for part, reads in zip(self.parts.values(), self._reads, strict=True):
            tensors.append(part(*[tensors[i] for i in reads]))
        out: Tensor = tensors[-1]
        return out

    def parameter_groups(self, weight_decay: float = 0.0) -> list[dict[str, Any]]:
        """Groups for an optimiser, by weight decay.

        Weights of a node whose gene ``weight_decay`` is not zero decay by it, other weights by
        the argument; biases, normalisation and residual scales do not decay.

        Args:
            weight_decay:
                For weights without a gene.

        Example:
            >>> import torch
            >>> from optuna_codeepneat import SearchSpace, build_network
            >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
            >>> network = build_network(space.smallest())
            >>> optimizer = torch.optim.AdamW(network.parameter_groups(0.01), lr=1e-3)
        """
        groups: dict[float, list[nn.Parameter]] = {}
        seen: set[nn.Parameter] = set()
        for operation, part in zip(self._operations, self.parts.values(), strict=True):
            own = float(operation.genes.get("weight_decay", 0.0)) or weight_decay
            for parameter in part.parameters():
                if parameter not in seen:
                    seen.add(parameter)
                    decay = own if parameter.ndim >= 2 else 0.0
                    groups.setdefault(decay, []).append(parameter)
        return [{"params": group, "weight_decay": decay} for decay, group in groups.items()]

    def _shared_core(self, operation: Operation) -> nn.Module | None:
        """The core that an operation shares with an earlier one."""
        if operation.shares is None:
            return None
        cell = self.parts[part_name(operation.shares)]
        assert isinstance(cell, Cell)
        return cell.core

    def extra_repr(self) -> str:
        """The sizes."""
        a = self.architecture
        return f"{a.num_params:,} parameters, {a.macs:,} multiply-adds, depth {a.depth}"


def part_name(operation: str) -> str:
    """The name in `Network.parts` of an operation's part: ``"1_0"`` for "1.0", ``"input"``."""
    return "input" if operation == IN else operation.replace(".", "_")  # `in` is a keyword


def _build(
    operation: Operation, shared: nn.Module | None, architecture: Architecture
) -> nn.Module | None:
    """The part of a network that carries out an operation; None if that is nothing."""
    shapes, genes = operation.input_shapes, operation.genes
    vocab_size, padding_index = architecture.vocab_size, architecture.padding_index
    is_masked = padding_index is not None
    if len(shapes) > 1:
        return (MaskedMerge if is_masked else Merge)(operation.kind, shapes)
    if operation.slot is not None:
        core = _build_core(operation) if shared is None else shared
        core_shape = get_layer(operation.kind).output_shape(shapes[0], genes)
        cell = (MaskedCell if is_masked else Cell)(operation, core, tuple(core_shape))
        return None if cell.is_identity else cell
    if operation.kind == "max_pool":
        pool = max_pool([int(genes["factor"])] * rank(shapes[0]))
        return MaskedPool(pool) if is_masked else pool
    if operation.kind == "output":
        head = MaskedHead if is_masked else Head
        return head(shapes[0], operation.shape[0], str(genes.get("pool", "mean")))
    if vocab_size is None:
        return None
    if padding_index is None:
        return TokenEmbedding(vocab_size, operation.shape[0])
    return MaskedEmbedding(vocab_size, operation.shape[0], padding_index)


def _build_core(operation: Operation) -> nn.Module:
    layer, shape, genes = get_layer(operation.kind), operation.input_shapes[0], operation.genes
    try:
        core = build_core(operation.kind, shape, genes)
    except Exception as error:
        raise NetworkError(f"{_name(operation)} cannot be built for {shape}: {error}") from error
    if not isinstance(core, nn.Module):
        raise NetworkError(f"{_name(operation)}: `build` returned {core!r}, no torch.nn.Module.")
    declared = layer.num_params(shape, genes)
    built = sum(parameter.numel() for parameter in core.parameters())
    if built != declared:
        raise NetworkError(
            f"{_name(operation)} has {built:,} parameters for the shape {shape}, but its "
            f"`num_params` says {declared:,}."
        )
    return core


def _name(operation: Operation) -> str:
    return f"operation {operation.name!r} ({operation.kind})"
