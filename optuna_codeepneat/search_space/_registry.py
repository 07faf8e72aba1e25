"""The layers that there are, by their names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import is_dataclass
from types import FunctionType
from typing import Any

from optuna_codeepneat.search_space._layer import GeneValues
from optuna_codeepneat.search_space._layer import Layer
from optuna_codeepneat.search_space._layer import resolve
from optuna_codeepneat.search_space._shapes import Shape


@dataclass
class _Registered:
    layer: Layer
    module: str  # that registered it
    was_built: bool = False  # whether a network of torch has it


_REGISTRY: dict[str, _Registered] = {}


def register_layer(layer: Layer, *, replace: bool = False) -> Layer:
    """Makes a layer known under its name, for search spaces, architectures and networks.

    Every process that opens the study has to register the same layers: put the call where the
    search space is defined. The same module may register a layer again, as a cell of a notebook
    does that is run twice: the new one takes the old one's place, as long as no network was built
    with that or both are the same.

    Args:
        layer:
            The layer.
        replace:
            Whether it takes the place of whatever layer has its name. Search spaces and networks
            that were made before go on with what they have of the old one, so make them anew, and
            begin a new study.

    Returns:
        The layer.

    Raises:
        ValueError: If another layer has that name.

    Example:
        >>> from optuna.distributions import IntDistribution
        >>> from optuna_codeepneat import Layer, register_layer
        >>> def build(shape, genes):
        ...     import torch
        ...
        ...     return torch.nn.ChannelShuffle(genes["groups"])
        >>> shuffle = register_layer(
        ...     Layer(
        ...         name="shuffle",
        ...         rank=2,
        ...         genes={"groups": IntDistribution(1, 1)},
        ...         output_shape=lambda shape, genes: shape,
        ...         num_params=lambda shape, genes: 0,
        ...         macs=lambda shape, genes: 0,
        ...         build=build,
        ...     )
        ... )
    """
    module = str(sys._getframe(1).f_globals.get("__name__"))
    known = _REGISTRY.get(layer.name)
    if known is None or replace:
        _REGISTRY[layer.name] = _Registered(layer, module)
    elif not _is_same(known.layer, layer) and (known.module != module or known.was_built):
        reason = "networks were built with it" if known.module == module else f"by {known.module}"
        raise ValueError(
            f"a layer named {layer.name!r} is registered already ({reason}); give this one "
            "another name, or pass `replace=True`."
        )
    else:
        _REGISTRY[layer.name] = _Registered(layer, module, known.was_built)
    return layer


def _is_same(one: Any, other: Any) -> bool:
    """Whether layers, or parts of them, do the same, though their functions were made twice."""
    if isinstance(one, FunctionType) and isinstance(other, FunctionType):
        return one.__code__ == other.__code__ and _is_same(_inner(one), _inner(other))
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(map(_is_same, one, other))
    if is_dataclass(one) and type(one) is type(other):
        names = [field.name for field in fields(one)]
        return all(_is_same(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)


def _inner(function: FunctionType) -> tuple[Any, ...]:
    """What a function holds beside its code."""
    cells = tuple(cell.cell_contents for cell in function.__closure__ or ())
    keywords = sorted((function.__kwdefaults__ or {}).items())
    return (function.__defaults__, tuple(keywords), cells)


def get_layer(name: str) -> Layer:
    """The layer registered under a name.

    Raises:
        ValueError: If there is none; the message lists the known names.
    """
    try:
        return _REGISTRY[name].layer
    except KeyError:
        raise ValueError(
            f"unknown layer {name!r}; known layers are {', '.join(sorted(_REGISTRY))}. "
            "Register your own with `register_layer` in every process."
        ) from None


@contextmanager
def only_tried(name: str) -> Iterator[None]:
    """What is built with a layer meanwhile is thrown away, and does not keep it in its place."""
    registered = _REGISTRY[name]
    was_built = registered.was_built
    try:
        yield
    finally:
        registered.was_built = was_built


def build_core(name: str, shape: Shape, genes: GeneValues) -> Any:
    """What the `build` of the layer under a name returns, maybe no module at all."""
    registered = _REGISTRY[get_layer(name).name]
    registered.was_built = True
    return resolve(registered.layer.build)(shape, genes)
