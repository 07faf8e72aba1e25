"""What a layer is, the genes that every layer may have, and the registry of layers."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from importlib import import_module
from math import prod
from typing import Any
from typing import NoReturn
from typing import TypeAlias

from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat._scalars import scalar
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._genes import plain_range
from optuna_codeepneat.search_space._shapes import Shape
from optuna_codeepneat.search_space._shapes import smallest


GeneValues: TypeAlias = Mapping[str, Any]
"""The gene values of one node. Which type a gene has, its distribution says."""


@dataclass(frozen=True, kw_only=True)
class InheritanceRule:
    """How the weights of a layer pass to a descendant that has other genes or another shape.

    Its output channels are `blocks` times as many as its *units*, the gene ``width``: those of a
    bidirectional layer are all units forwards, then all units backwards. Where it
    `keeps_channels`, its units are those that it reads.

    Args:
        transfer:
            ``(core, weights, transfer) -> None``, or its import path
            ``"package.module:function"``: fills the core of the descendant in place, see
            `optuna_codeepneat.morphism.Transfer`; None where a core has no weights.
        blocks:
            ``genes -> int``.
        keeps_channels:
            Whether it returns the channels that it reads, changed as they may be; then it has no
            gene ``width``.
        extends:
            ``(shape, genes, ancestor's layer, its shape, its genes) -> bool``: whether the core,
            with the weights that `transfer` gives it, computes what the ancestor's computed, if
            both are given the same channels; it need not look at ``width`` and at the genes that
            mean the same in every layer. None: where these are the only ones that differ.
        identity:
            ``(core, inputs) -> None``, or its import path: makes the core pass on these of its
            inputs as its first outputs; None where that cannot be.
        passes:
            ``genes -> bool``: whether such an identity is possible; None: never.
        accepts:
            Other layers whose weights `transfer` can use as well.
        transparent:
            Whether outputs are the inputs, but for noise while training.
    """

    transfer: Callable[..., None] | str | None = None
    blocks: Callable[[GeneValues], int] = lambda genes: 1
    keeps_channels: bool = False
    extends: Callable[[Shape, GeneValues, str, Shape, GeneValues], bool] | None = None
    identity: Callable[..., None] | str | None = None
    passes: Callable[[GeneValues], bool] | None = None
    accepts: tuple[str, ...] = ()
    transparent: bool = False


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A kind of layer: what it may be, how it changes a shape, what it costs, how it is built.

    Some genes mean the same in every layer and need nothing but to be listed in `genes`:
    ``norm`` ("none", "batch"), ``activation``, ``dropout`` (a rate), ``weight_decay`` and
    ``residual`` (the layer becomes ``x + a f(x)`` with a learned scale a, and a 1x1 projection
    of x where the widths differ). They are applied, in this order, behind what `build` returns;
    `output_shape`, `num_params` and `macs` describe only what `build` returns.

    Args:
        name:
            Its name in parameters and genomes; letters, digits and underscores.
        rank:
            The data it takes: 0 vectors, 1 sequences, 2 images, None any.
        genes:
            Its hyperparameters and their default ranges.
        output_shape:
            ``(shape, genes) -> shape``, both ``(channels, *sizes)`` without the batch; the rank
            stays.
        num_params:
            ``(shape, genes) -> int``, the parameters of the network part that `build` returns.
        macs:
            ``(shape, genes) -> int``, its multiply-adds for one example: half of what
            `torch.utils.flop_counter` counts where no fused kernel hides what it computes. Those
            of matrix products, convolutions and attention (all pairs of positions, masked or
            not); what works value by value has none.
        build:
            ``(shape, genes) -> torch.nn.Module``, or that function's import path
            ``"package.module:function"``, so that a layer can be described without torch.
        defaults:
            Values for genes that a hand-written node leaves out.
        inheritance:
            How its weights pass to a descendant of another size; without it they pass only where
            nothing has changed.
        sharing_key:
            ``(shape, genes) -> value``: what of the input's shape the weights depend on. Where it
            is equal, and the genes are, one core can do for both inputs (weight sharing). By
            default the whole shape.
        must_be:
            ``(gene, value) -> str | None``: what a gene of its own must be where this value cannot
            be built, such as "even numbers", else None. It is asked about the values at the ends
            of a range, the one beside its beginning, and all choices.
    """

    name: str
    rank: int | None
    genes: Mapping[str, BaseDistribution]
    output_shape: Callable[[Shape, GeneValues], Shape]
    num_params: Callable[[Shape, GeneValues], int]
    macs: Callable[[Shape, GeneValues], int]
    build: Callable[[Shape, GeneValues], Any] | str
    defaults: Mapping[str, Value] = field(default_factory=dict)
    inheritance: InheritanceRule | None = None
    sharing_key: Callable[[Shape, GeneValues], Hashable] | None = None
    must_be: Callable[[str, Any], str | None] | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"`name` must be letters, digits and underscores, got {self.name!r}.")
        if self.rank not in (None, 0, 1, 2):
            raise ValueError(f"`rank` must be 0, 1, 2 or None, got {self.rank!r}.")
        for gene, distribution in self.genes.items():
            if not isinstance(distribution, BaseDistribution):
                raise ValueError(
                    f"gene `{gene}` of layer `{self.name}` must be an Optuna distribution, "
                    f"got {distribution!r}."
                )
            self.check_range(gene, distribution)
        genes = {gene: plain_range(distribution) for gene, distribution in self.genes.items()}
        object.__setattr__(self, "genes", genes)

    def check_range(self, gene: str, distribution: BaseDistribution) -> None:
        """Raises ValueError if a gene's range holds a value that cannot be built."""
        _check_common(self.name, gene, distribution)
        if self.must_be is None:
            return
        values = extremes(distribution)
        if isinstance(distribution, IntDistribution) and not distribution.single():
            values += (distribution.low + distribution.step,)
        for must in (self.must_be(gene, scalar(value)) for value in values):
            if must is not None:
                _refuse(self.name, gene, distribution, must)

    def shape(self, shape: Shape, genes: GeneValues) -> Shape:
        """The shape of a whole node with this layer, the common genes included."""
        out = self.output_shape(shape, genes)
        return (out[0], *smallest([shape, out])) if genes.get("residual") else out

    def cost(self, shape: Shape, genes: GeneValues) -> tuple[int, int]:
        """Parameters and multiply-adds of a whole node, the common genes included."""
        num_params, macs = self.num_params(shape, genes), self.macs(shape, genes)
        out = self.shape(shape, genes)
        if genes.get("norm") == "batch":
            num_params += 2 * out[0]
        if genes.get("residual"):
            num_params += 1
            if shape[0] != out[0]:
                num_params += shape[0] * out[0]
                macs += shape[0] * out[0] * prod(out[1:])
        return num_params, macs


def resolve(function: Callable[..., Any] | str) -> Callable[..., Any]:
    """What a layer names: a function, or its import path ``"package.module:function"``.

    It is imported now, when a network is built, so that a layer can be described without torch.
    """
    if not isinstance(function, str):
        return function
    module, _, name = function.partition(":")
    resolved: Callable[..., Any] = getattr(import_module(module), name)
    return resolved


ACTIVATIONS = ("relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid", "linear")
NORMS = ("none", "batch")
INITIALIZERS = ("he", "glorot")

_AT_LEAST_ONE = ("width", "kernel", "dilation", "stride")
_CHOICES: dict[str, tuple[Value, ...]] = {
    "activation": ACTIVATIONS,
    "norm": NORMS,
    "initializer": INITIALIZERS,
    "residual": (False, True),
    "bidirectional": (False, True),
}

_NEUTRAL: dict[str, Value] = {
    "dilation": 1,
    "stride": 1,
    "norm": "none",
    "activation": "linear",
    "dropout": 0,
    "weight_decay": 0,
    "residual": False,
    "bidirectional": False,
}


def is_neutral(gene: str, value: Value) -> bool:
    """Whether a common gene has the value at which it does nothing, such as a dropout of 0."""
    return gene in _NEUTRAL and value == _NEUTRAL[gene]


def _refuse(layer: str, gene: str, distribution: BaseDistribution, must: str) -> NoReturn:
    raise ValueError(f"gene `{gene}` of layer `{layer}` must be {must}, got {distribution}.")


def _check_common(layer: str, gene: str, distribution: BaseDistribution) -> None:
    """Raises ValueError if a common gene's distribution holds a value that cannot be built."""

    def refuse(must: str) -> None:
        _refuse(layer, gene, distribution, must)

    plain_types = bool | int | float | str
    if not all(isinstance(scalar(value), plain_types) for value in extremes(distribution)):
        refuse("numbers, text, True or False")
    distribution = plain_range(distribution)
    if gene in _AT_LEAST_ONE:
        values = extremes(distribution)
        if not all(isinstance(v, int) and not isinstance(v, bool) and v >= 1 for v in values):
            refuse("whole numbers from 1")
        if gene == "kernel":
            step = distribution.step if isinstance(distribution, IntDistribution) else 2
            if any(v % 2 == 0 for v in values) or (len(values) > 1 and step % 2):
                refuse("odd numbers (padding keeps the sizes)")
    elif gene == "dropout":
        if not all(isinstance(v, int | float) and 0 <= v < 1 for v in extremes(distribution)):
            refuse("rates from 0 to below 1")
    elif gene == "weight_decay":
        if not all(isinstance(v, int | float) and v >= 0 for v in extremes(distribution)):
            refuse("numbers from 0")
    elif gene in _CHOICES:
        unknown = [v for v in extremes(distribution) if v not in _CHOICES[gene]]
        if unknown:
            refuse(f"among {_CHOICES[gene]}")


def extremes(distribution: BaseDistribution) -> tuple[Any, ...]:
    """All choices, or the ends of a range, which may be one."""
    if isinstance(distribution, CategoricalDistribution):
        return tuple(distribution.choices)
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    if distribution.single():
        return (distribution.low,)
    return (distribution.low, distribution.high)
