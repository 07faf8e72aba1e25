"""What makes a training go on exactly where it was: its state, and what it is the state of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import nn

from optuna_codeepneat.training._checkpoint import TrainingCheckpoint
from optuna_codeepneat.training._checkpoint import TrainingState


if TYPE_CHECKING:
    from optuna_codeepneat.training._batches import Order
    from optuna_codeepneat.training._examples import Examples
    from optuna_codeepneat.training._held_out import HeldOutDescent
    from optuna_codeepneat.training._losses import Loss
    from optuna_codeepneat.training._optimizer import Optimizer
    from optuna_codeepneat.training._recipe import Recipe

_NETWORK, _OPTIMIZER, _ORDER, _BEST = "network.", "optimizer.", "order.", "best."
_STREAM, _WINDOW, _DESCENT = "stream", "window", "descent"
_ENDS = 3
"""Examples at either end by which data are told apart, besides their number."""


class ResumableTraining:
    """The state of one training, kept now and then, and found again.

    Args:
        checkpoint:
            Where it lies.
        network:
            The network, with the weights that it begins with.
        data:
            The examples to train on.
        recipe:
            How it is trained.
        loss:
            What is minimised.
        seed:
            Of the training.
        device:
            Where it is trained.
    """

    def __init__(
        self,
        checkpoint: TrainingCheckpoint,
        network: nn.Module,
        data: Examples,
        recipe: Recipe,
        loss: Loss,
        seed: int,
        device: torch.device,
    ) -> None:
        self._checkpoint = checkpoint
        self._network = network
        self._device = device
        self._key = _key(network, data, recipe, loss, seed, device)
        self._found = checkpoint.load(self._key)

    @property
    def is_due(self) -> bool:
        """Whether it is time to keep another state."""
        return self._checkpoint.is_due

    def load_weights(self) -> None:
        """Gives the network the weights that it had."""
        if self._found is not None:
            self._network.load_state_dict(self._found.part(_NETWORK))

    def load(
        self, optimizer: Optimizer, order: Order, descent: HeldOutDescent | None
    ) -> tuple[int, list[torch.Tensor]]:
        """Sets all else as it was.

        Returns:
            How many steps were done, and the losses since they were last looked at.
        """
        found = self._found
        if found is None:
            return 0, []
        optimizer.load(found.part(_OPTIMIZER))
        order.load(found.part(_ORDER))
        if descent is not None:
            best = {name: each.to(self._device) for name, each in found.part(_BEST).items()}
            descent.load(found.numbers[_DESCENT], best)
        torch.set_rng_state(found.tensors[_STREAM])
        if self._device.type == "cuda":
            torch.cuda.set_rng_state(found.tensors[f"{_STREAM} of the GPU"], self._device)
        return found.steps, list(found.tensors[_WINDOW].to(self._device))

    def save(
        self,
        steps: int,
        optimizer: Optimizer,
        order: Mapping[str, torch.Tensor],
        descent: HeldOutDescent | None,
        window: list[torch.Tensor],
    ) -> None:
        """Keeps the state after a step; the arguments are what `load` sets and returns."""
        numbers, best = ({}, {}) if descent is None else descent.state
        tensors = {
            _STREAM: torch.get_rng_state(),
            _WINDOW: torch.stack(window) if window else torch.empty(0),
        }
        if self._device.type == "cuda":
            tensors[f"{_STREAM} of the GPU"] = torch.cuda.get_rng_state(self._device)
        for prefix, part in (
            (_NETWORK, self._network.state_dict()),
            (_OPTIMIZER, optimizer.state),
            (_ORDER, order),
            (_BEST, best),
        ):
            # Copies, since weights are views of one long tensor.
            tensors |= {prefix + name: each.detach().clone() for name, each in part.items()}
        self._checkpoint.save(self._key, TrainingState(steps, tensors, {_DESCENT: numbers}))


def _key(
    network: nn.Module,
    data: Examples,
    recipe: Recipe,
    loss: Loss,
    seed: int,
    device: torch.device,
) -> str:
    """What a training depends on, as a hash: of the data their number and a few at either end."""
    said = (torch.__version__, recipe, seed, device.type, len(data), getattr(loss, "__name__", ""))
    digest = hashlib.sha256(repr(said).encode())
    n = min(_ENDS, len(data))
    some = data.take([*range(n), *range(len(data) - n, len(data))])
    for name, tensor in (
        ("inputs", some.inputs),
        ("targets", some.targets),
        *network.state_dict().items(),
    ):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        plain = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(plain.numpy().tobytes())
    return digest.hexdigest()
