"""`FlatParameters`: many small weights as few long ones, for as long as they are trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


class FlatParameters:
    """The trainable weights of a network, laid out one after the other, a tensor per group.

    An optimiser spends a few microseconds on every tensor, and a network of a thousand weights
    easily has thirty tensors: updating them one by one then takes a tenth of a step. While this
    object is open, the network's parameters are views of a few long ones, which an optimiser
    updates at once. The parameters stay the same objects, and `release` gives each its own memory
    again.

    If the network has a method ``parameter_groups(weight_decay)``, that returns optimiser groups
    (``{"params": [...], "weight_decay": ...}``), which must hold every trainable parameter once.
    ValueError if there is nothing to train, or they miss or repeat a parameter.
    """

    def __init__(self, network: nn.Module, weight_decay: float) -> None:
        self._groups: list[tuple[nn.Parameter, list[nn.Parameter]]] = []
        self.long: list[tuple[nn.Parameter, float]] = []
        """What an optimiser is to update: the long tensors, with their weight decays."""
        apart = set(map(id, _fixed_in_memory(network)))
        together: dict[tuple[Any, ...], list[nn.Parameter]] = {}
        for parameter, decay in _parameters(network, weight_decay):
            if id(parameter) in apart:
                self.long.append((parameter, decay))
            else:
                key = (decay, parameter.dtype, parameter.device)
                together.setdefault(key, []).append(parameter)
        for (decay, *_), parameters in together.items():
            flat = nn.Parameter(torch.cat([p.detach().reshape(-1) for p in parameters]))
            flat.grad = torch.zeros_like(flat)
            self._groups.append((flat, parameters))
            self.long.append((flat, decay))
            parts = torch.split(flat.data, [p.numel() for p in parameters])
            for parameter, part in zip(parameters, parts, strict=True):
                parameter.data = part.view_as(parameter)

    def collect_gradients(self) -> None:
        """Moves the gradients of the network's parameters to the long tensors."""
        for flat, parameters in self._groups:
            assert flat.grad is not None
            torch.cat(
                [
                    # A weight that the loss does not depend on has no gradient.
                    (torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1)
                    for p in parameters
                ],
                out=flat.grad,
            )
            for parameter in parameters:
                parameter.grad = None

    def clip_gradients(self, max_norm: float) -> None:
        """Scales the gradients down to a norm of at most `max_norm`, all together."""
        nn.utils.clip_grad_norm_([flat for flat, _ in self.long], max_norm)

    def release(self) -> None:
        """Gives every parameter memory of its own, with the values it has now."""
        for _, parameters in self._groups:
            for parameter in parameters:
                parameter.data = parameter.data.clone()
                parameter.grad = None
        for flat, _ in self.long:
            flat.grad = None


def _parameters(network: nn.Module, weight_decay: float) -> Iterator[tuple[nn.Parameter, float]]:
    groups: list[dict[str, Any]] = [{"params": network.parameters()}]
    own_groups: Any = getattr(network, "parameter_groups", None)
    if own_groups is not None:
        groups = own_groups(weight_decay)
    missing = {id(p): name for name, p in network.named_parameters() if p.requires_grad}
    if not missing:
        raise ValueError(f"the network has no parameter to train: {type(network).__name__}.")
    for group in groups:
        for parameter in group["params"]:
            if not parameter.requires_grad:
                continue
            if missing.pop(id(parameter), None) is None:
                raise ValueError(
                    "`parameter_groups` must hold each parameter of the network once, got one of "
                    f"shape {tuple(parameter.shape)} twice or from elsewhere."
                )
            yield parameter, float(group.get("weight_decay", weight_decay))
    if missing:
        raise ValueError(
            "`parameter_groups` must hold each parameter of the network once, "
            f"missing: {', '.join(missing.values())}."
        )


def _fixed_in_memory(network: nn.Module) -> Iterator[nn.Parameter]:
    """Weights that cuDNN's recurrent layers lay out themselves, and warn where they are moved."""
    for module in network.modules():
        if isinstance(module, nn.RNNBase):
            yield from (p for p in module.parameters() if p.device.type == "cuda")
