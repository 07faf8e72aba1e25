"""`Cell`: one node of a module, the core of its layer with the genes that all layers share."""

from __future__ import annotations

from torch import Tensor
from torch import full
from torch import nn

from optuna_codeepneat.network._layout import as_image
from optuna_codeepneat.network._parts import Conv
from optuna_codeepneat.network._parts import Pointwise
from optuna_codeepneat.network._parts import SeparableConv
from optuna_codeepneat.network._parts import align
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.search_space import rank
from optuna_codeepneat.search_space import smallest


RESIDUAL_SCALE = 1.0
"""Where the learned scale a of ``x + a f(x)`` starts."""

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
_INPLACE = ("relu", "elu", "selu")  # their derivatives need only the output


class Cell(nn.Module):
    """A core, then normalisation, activation, dropout and residual sum, each where genes ask.

    The core is what the layer's `build` returned, and returns `core_shape`. The input and the
    output lie as `_layout` says.
    """

    def __init__(self, operation: Operation, core: nn.Module, core_shape: Shape) -> None:
        super().__init__()
        genes, (shape,) = operation.genes, operation.input_shapes
        self.label = f"{operation.kind}: {_times(shape)} -> {_times(operation.shape)}"
        self.core = core
        self.core_shape = core_shape
        self.knows_layout = isinstance(core, Conv | SeparableConv)
        batch_norm = nn.BatchNorm2d if rank(core_shape) else nn.BatchNorm1d
        self.norm = batch_norm(core_shape[0]) if genes.get("norm") == "batch" else None
        self.activation = _activation(genes.get("activation"), inplace=self.norm is not None)
        rate = float(genes.get("dropout", 0.0))
        self.dropout = nn.Dropout(rate) if rate > 0 else None
        self.residual = Residual(shape, core_shape) if genes.get("residual") else None

    @property
    def is_identity(self) -> bool:
        """Whether the cell returns what it is given."""
        behind = (self.norm, self.activation, self.dropout, self.residual)
        return type(self.core) is nn.Identity and all(part is None for part in behind)

    def forward(self, input: Tensor) -> Tensor:
        """The node's output."""
        out: Tensor = self.core(input) if self.knows_layout else self._call_core(input)
        for part in (self.norm, self.activation, self.dropout):
            if part is not None:
                out = part(out)
        if self.residual is not None:
            out = self.residual(input, out)
        return out

    def _call_core(self, input: Tensor, **asked: Tensor) -> Tensor:
        """Calls a core that takes sequences and not images of height 1."""
        out: Tensor = self.core(input.squeeze(2) if len(self.core_shape) == 2 else input, **asked)
        if out.shape[1:] != self.core_shape:
            got, declared = tuple(out.shape[1:]), self.core_shape
            raise ValueError(f"it returned {got}, but its `output_shape` says {declared}.")
        return as_image(out)

    def extra_repr(self) -> str:
        """The layer and its shapes."""
        return self.label


class Residual(nn.Module):
    """The sum ``x + a f(x)`` with a learned number a.

    Both are max-pooled to the smaller sizes, and x goes through a linear map of the channels
    where f(x) has another number of them. Deep networks train with it, and with a = 0 a layer
    can be inserted that changes nothing (Bachlechner et al. 2021 start there).
    """

    def __init__(self, shape: Shape, out: Shape) -> None:
        super().__init__()
        sizes = smallest([shape, out])
        self.scale = nn.Parameter(full((), RESIDUAL_SCALE))
        self.pool_input = align(shape, sizes)
        self.pool_output = align(out, sizes)
        self.projection = None if shape[0] == out[0] else projection(shape[0], out[0])

    def forward(self, input: Tensor, output: Tensor) -> Tensor:
        """The sum of a layer's input and its scaled output."""
        if self.pool_input is not None:
            input = self.pool_input(input)
        if self.pool_output is not None:
            output = self.pool_output(output)
        return self._sum(input, output)

    def _sum(self, input: Tensor, output: Tensor) -> Tensor:
        if self.projection is not None:
            input = self.projection(input)
        return input + self.scale * output


def _activation(name: object, *, inplace: bool) -> nn.Module | None:
    """The activation behind a layer; behind normalisation it may use the tensor again."""
    if name == "linear" or name is None:
        return None
    activation = _ACTIVATIONS[str(name)]
    return activation(inplace=True) if inplace and name in _INPLACE else activation()


def projection(channels: int, width: int) -> Pointwise:
    """A linear map without bias from one number of channels to another, keeping variance."""
    linear = Pointwise(channels, width, bias=False)
    nn.init.kaiming_normal_(linear.weight, nonlinearity="linear")
    return linear


def _times(shape: Shape) -> str:
    return "x".join(map(str, shape))
