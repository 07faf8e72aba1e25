"""Scores a trained network."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.training._examples import Examples
from optuna_codeepneat.training._image_examples import ImageExamples
from optuna_codeepneat.training._losses import name_of


Metric = Callable[[torch.Tensor, torch.Tensor], float]
"""``metric(outputs, targets)`` over all examples at once."""


def accuracy(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """The share of examples whose largest output is their class.

    Args:
        outputs:
            ``(examples, classes)``.
        targets:
            Class numbers ``(examples,)``.

    Returns:
        A number from 0 to 1.

    Raises:
        ValueError: If outputs or targets have another shape.
    """
    if outputs.dim() != 2 or targets.shape != outputs.shape[:1]:  # else they broadcast
        raise ValueError(
            "`accuracy` compares outputs (examples, classes) with class numbers (examples,), got "
            f"{tuple(outputs.shape)} and {tuple(targets.shape)}."
        )
    return int((outputs.argmax(1) == targets).sum()) / len(targets)


def predict(
    network: nn.Module, inputs: torch.Tensor | Examples, *, batch_size: int = 500
) -> torch.Tensor:
    """The outputs of a network in evaluation mode, without gradients.

    Args:
        network:
            The network; afterwards it is in the mode that it was in.
        inputs:
            ``(examples, ...)``, moved to the network's device a batch at a time; or examples,
            whose targets are not used.
        batch_size:
            Examples at a time.

    Returns:
        ``(examples, outputs)`` on the network's device, float32.

    Raises:
        ValueError: If `batch_size` is less than 1.
    """
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be at least 1, got {batch_size}.")
    parameter = next(network.parameters(), None)
    own = inputs.targets.device if isinstance(inputs, Examples) else inputs.device
    device = own if parameter is None else parameter.device
    was_training = network.training
    network.eval()
    try:
        with torch.inference_mode():
            batches = in_batches(inputs, batch_size)
            return torch.cat([network(batch.to(device)).float() for batch in batches])
    finally:
        network.train(was_training)


def in_batches(inputs: torch.Tensor | Examples, size: int) -> Iterable[torch.Tensor]:
    """Inputs in their order, so many at a time."""
    if isinstance(inputs, ImageExamples):
        chosen = torch.split(torch.arange(len(inputs)), size)
        return (inputs.take(some).inputs for some in chosen)
    return torch.split(inputs.inputs if isinstance(inputs, Examples) else inputs, size)


def evaluate(
    network: nn.Module, data: Examples, metric: Metric = accuracy, *, batch_size: int = 500
) -> float:
    """Scores a network on examples.

    Args:
        network:
            The network; it computes where it is.
        data:
            The examples.
        metric:
            ``metric(outputs, targets)`` over all of them.
        batch_size:
            Examples at a time.

    Returns:
        The score.

    Raises:
        NetworkDivergedError: If an output is not finite.
        ValueError: If the metric returns something else than one number.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import Examples, evaluate
        >>> data = Examples(torch.eye(3), torch.tensor([0, 1, 2]))
        >>> evaluate(torch.nn.Identity(), data)
        1.0
    """
    outputs = predict(network, data, batch_size=batch_size)
    if not bool(outputs.isfinite().all()):
        raise NetworkDivergedError("the network diverged: its outputs are not finite.")
    return as_score(metric, metric(outputs, data.targets.to(outputs.device)))


def as_score(metric: Metric, returned: Any) -> float:
    """What a metric returned as a number; ValueError if it is none."""
    try:
        return float(returned)
    except (TypeError, ValueError, RuntimeError):
        got = f"a tensor {tuple(returned.shape)}" if isinstance(returned, torch.Tensor) else None
        raise ValueError(
            f"the metric {name_of(metric)!r} must return one number, got {got or repr(returned)}."
        ) from None
