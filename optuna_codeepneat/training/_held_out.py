"""The schedule that goes by the loss of examples that are held out."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping

import torch
from torch import nn

from optuna_codeepneat.training._examples import Examples
from optuna_codeepneat.training._metrics import predict
from optuna_codeepneat.training._plateau import Descent
from optuna_codeepneat.training._recipe import Recipe


class HeldOutDescent:
    """The loss of examples that are held out, and the learning rate that goes by it."""

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        examples: Examples | None,
        compute_loss: Callable[..., torch.Tensor],
        device: torch.device,
    ) -> None:
        if examples is None:
            raise ValueError("the schedule 'plateau' needs `held_out` examples, got None.")
        self._network = network
        self._examples = examples.to(device)
        self._compute_loss = compute_loss
        self._descent = Descent(recipe.plateau, recipe.learning_rate, recipe.steps)
        self._steps = recipe.steps
        self._best: dict[str, torch.Tensor] | None = None

    @property
    def rate(self) -> float:
        """The learning rate of the next step."""
        return self._descent.rate

    def look(self, steps: int) -> None:
        """Measures the loss after some of the steps, and remembers the best weights."""
        if steps % self._descent.every and steps != self._steps:
            return
        with torch.inference_mode():
            outputs = predict(self._network, self._examples)
            value = float(self._compute_loss(outputs, self._examples.targets))
        if self._descent.take(value):
            state = self._network.state_dict()
            self._best = {name: tensor.clone() for name, tensor in state.items()}

    @property
    def state(self) -> tuple[dict[str, float], dict[str, torch.Tensor]]:
        """All that a next measurement is judged by, and the best weights so far."""
        return self._descent.state, self._best or {}

    def load(self, numbers: Mapping[str, float], best: dict[str, torch.Tensor]) -> None:
        """Goes on from the `state` of another one of the same training."""
        self._descent.load(numbers)
        self._best = best or None

    def restore(self) -> None:
        """Gives the network the weights with which the loss was least."""
        if self._best is not None:
            self._network.load_state_dict(self._best)
