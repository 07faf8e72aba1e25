"""`Optimizer`: SGD with Nesterov's momentum, or AdamW, by the functions of `torch.optim`."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

import torch
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

from optuna_codeepneat.training._recipe import Recipe


class Optimizer:
    """Updates parameters as `torch.optim.SGD` or `torch.optim.AdamW` does, to the bit.

    The first object of those classes loads torch's compiler, which takes a process almost as long
    as loading torch, and each worker is a process. The functions behind the classes load nothing.
    Parameters come with their weight decays; a step costs the more the more there are.
    """

    def __init__(self, parameters: Sequence[tuple[torch.Tensor, float]], recipe: Recipe) -> None:
        self._parameters = parameters
        update = _AdamW if recipe.optimizer == "adamw" else _SGD
        self._updates = [update(parameter, recipe.momentum) for parameter, _ in parameters]

    @property
    def state(self) -> dict[str, torch.Tensor]:
        """All that a next step depends on beside the parameters, by name."""
        return {
            f"{i}.{name}": tensor
            for i, update in enumerate(self._updates)
            for name, tensor in update.state.items()
        }

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Goes on from a `state` of another one for the same parameters."""
        with torch.no_grad():
            for name, tensor in self.state.items():
                tensor.copy_(state[name])

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Updates all parameters that have a gradient."""
        for update, (parameter, weight_decay) in zip(self._updates, self._parameters, strict=True):
            if parameter.grad is not None:
                update(parameter, parameter.grad, learning_rate, weight_decay)


class _SGD:
    """One parameter's velocity."""

    def __init__(self, parameter: torch.Tensor, momentum: float) -> None:
        self._momentum = momentum
        self._fused = _fused(parameter)
        # Of zeros: the first step sets it to the gradient, as it would one that is not there.
        self._velocity: list[torch.Tensor | None] = [torch.zeros_like(parameter)]

    @property
    def state(self) -> dict[str, torch.Tensor]:
        (velocity,) = self._velocity
        return {} if velocity is None else {"velocity": velocity}

    def __call__(
        self, parameter: torch.Tensor, gradient: torch.Tensor, lr: float, weight_decay: float
    ) -> None:
        sgd(
            [parameter],
            [gradient],
            self._velocity,
            fused=self._fused,
            weight_decay=weight_decay,
            momentum=self._momentum,
            lr=lr,
            dampening=0.0,
            nesterov=self._momentum > 0.0,
            maximize=False,
        )


class _AdamW:
    """One parameter's moments, and how often it was updated."""

    def __init__(self, parameter: torch.Tensor, momentum: float) -> None:
        self._momentum = momentum
        self._fused = _fused(parameter)
        self._mean = torch.zeros_like(parameter)
        self._square = torch.zeros_like(parameter)
        self._steps = torch.zeros((), device=parameter.device if self._fused else "cpu")

    @property
    def state(self) -> dict[str, torch.Tensor]:
        return {"mean": self._mean, "square": self._square, "steps": self._steps}

    def __call__(
        self, parameter: torch.Tensor, gradient: torch.Tensor, lr: float, weight_decay: float
    ) -> None:
        adamw(
            [parameter],
            [gradient],
            [self._mean],
            [self._square],
            [],
            [self._steps],
            fused=self._fused,
            amsgrad=False,
            beta1=self._momentum,
            beta2=0.999,
            lr=lr,
            weight_decay=weight_decay,
            eps=1e-8,
            maximize=False,
        )


def _fused(parameter: torch.Tensor) -> bool | None:
    """Whether one kernel does it all; elsewhere torch chooses."""
    return True if parameter.device.type in ("cpu", "cuda") else None
