"""`predict_averaged`: what a network says of several changed copies of each example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from typing import TypeAlias

import torch
from torch import nn

from optuna_codeepneat._scalars import whole
from optuna_codeepneat.training._augmentation import Augmentation
from optuna_codeepneat.training._examples import Examples
from optuna_codeepneat.training._metrics import in_batches
from optuna_codeepneat.training._metrics import predict
from optuna_codeepneat.training._seeds import seeded


Meaning: TypeAlias = Literal["classes", "labels", "numbers"]
"""What outputs are: logits of one class, logits of each label, or numbers as they are."""

_LEAST = 1e-12
"""The least probability, whose logarithm is finite."""


def predict_averaged(
    network: nn.Module,
    inputs: torch.Tensor | Examples,
    augmentation: Augmentation,
    *,
    copies: int = 20,
    meaning: Meaning = "classes",
    batch_size: int = 500,
    seed: int = 0,
) -> torch.Tensor:
    """The mean of what a network says of several copies of each example, each changed at random.

    "Average the predictions over 20 augmented images" (LEAF, Liang et al. 2019, section 4.2).
    Probabilities are averaged, and returned as the logits that stand for them, so that metrics and
    losses take them for outputs of a network.

    Args:
        network:
            The network; it computes where it is.
        inputs:
            ``(examples, ...)``, or examples, whose targets are not used.
        augmentation:
            How copies are changed.
        copies:
            How many there are of each example.
        meaning:
            What outputs are: ``"classes"`` for logits of one class, ``"labels"`` for logits of
            each label, ``"numbers"`` for numbers, which are averaged as they are.
        batch_size:
            Examples at a time.
        seed:
            Of the changes.

    Returns:
        ``(examples, outputs)`` on the network's device, float32.

    Raises:
        ValueError: If `copies` is less than 1, or the augmentation does not suit the inputs.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import Augmentation, predict_averaged
        >>> network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 3))
        >>> images = torch.rand(5, 1, 8, 8)
        >>> predict_averaged(network, images, Augmentation(shift=0.1), copies=4).shape
        torch.Size([5, 3])
    """
    whole("copies", copies, 1)
    into, back = _WAYS[meaning]
    own = inputs.targets.device if isinstance(inputs, Examples) else inputs.device
    with seeded(seed, own):
        total: torch.Tensor | None = None
        for _ in range(copies):
            # A batch at a time: a copy of all examples may not fit.
            outputs = [
                into(predict(network, augmentation(batch), batch_size=batch_size))
                for batch in in_batches(inputs, batch_size)
            ]
            now = torch.cat(outputs)
            total = now if total is None else total + now
    assert total is not None
    return back(total / copies)


def _log(probabilities: torch.Tensor) -> torch.Tensor:
    return probabilities.clamp(min=_LEAST).log()


def _logit(probabilities: torch.Tensor) -> torch.Tensor:
    return torch.logit(probabilities.double(), eps=_LEAST).float()


def _as_is(outputs: torch.Tensor) -> torch.Tensor:
    return outputs


_Way: TypeAlias = Callable[[torch.Tensor], torch.Tensor]
_WAYS: dict[Meaning, tuple[_Way, _Way]] = {
    "classes": (lambda outputs: outputs.softmax(1), _log),
    "labels": (torch.sigmoid, _logit),
    "numbers": (_as_is, _as_is),
}
"""To what is averaged, and back."""
