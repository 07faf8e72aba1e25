"""What training makes small."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from inspect import Parameter
from typing import Any
from typing import TypeAlias

import torch
from torch import nn
from torch.nn import functional as F


Loss: TypeAlias = (
    Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]
    | Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
)
"""``loss(outputs, targets, label_smoothing)`` or ``loss(outputs, targets)``, a scalar."""

_THIRD = ""


def cross_entropy(
    outputs: torch.Tensor, targets: torch.Tensor, label_smoothing: float = 0.0
) -> torch.Tensor:
    """Mean cross-entropy of one class per example.

    Args:
        outputs:
            Logits ``(batch, classes)``.
        targets:
            Class numbers ``(batch,)``, or the probability of each class ``(batch, classes)``.
        label_smoothing:
            Share of the target that is spread evenly over all classes.

    Returns:
        A scalar.

    Raises:
        ValueError: If outputs or targets have another shape.
    """
    if outputs.dim() != 2 or targets.shape not in (outputs.shape[:1], outputs.shape):
        raise ValueError(
            "`cross_entropy` compares outputs (batch, classes) with class numbers (batch,), got "
            f"{tuple(outputs.shape)} and {tuple(targets.shape)}."
        )
    return F.cross_entropy(outputs, targets, label_smoothing=label_smoothing)


def smoothed(loss: Loss, label_smoothing: float) -> Callable[..., torch.Tensor]:
    """A loss as a function of outputs and targets alone.

    It gets the label smoothing where it has a place for it: a parameter of that name, or a third
    one that has no default. So the third argument of torch's own losses, which says something
    else, is left alone.

    Args:
        loss:
            The loss.
        label_smoothing:
            The recipe's.

    Raises:
        ValueError: If there is label smoothing, and the loss has no place for it.
    """
    place = _place_of_smoothing(loss)
    if place is None:
        if label_smoothing:
            raise ValueError(
                f"the loss {name_of(loss)!r} takes no label smoothing, and the recipe has "
                f"`label_smoothing={label_smoothing:g}`; set it to 0, or use a "
                "loss(outputs, targets, label_smoothing)."
            )
        return loss
    called: Callable[..., torch.Tensor] = loss
    if place == _THIRD:
        return lambda outputs, targets: called(outputs, targets, label_smoothing)
    return lambda outputs, targets: called(outputs, targets, **{place: label_smoothing})


def name_of(function: Callable[..., Any]) -> str:
    """How a user knows a loss or a metric of theirs."""
    return getattr(function, "__name__", None) or type(function).__name__


def _place_of_smoothing(loss: Loss) -> str | None:
    """The keyword of a loss's label smoothing, `_THIRD` where it has none; else None."""
    try:
        called = loss.forward if isinstance(loss, nn.Module) else loss
        parameters = inspect.signature(called).parameters.values()
    except (TypeError, ValueError):  # written in C
        return None
    positional = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    third = [p for p in parameters if p.kind in positional][2:3]
    for parameter in parameters:
        if parameter.name == "label_smoothing" and parameter.kind != Parameter.POSITIONAL_ONLY:
            return parameter.name
    if any(p.kind == Parameter.VAR_POSITIONAL for p in parameters):
        return _THIRD
    return _THIRD if third and third[0].default is Parameter.empty else None
