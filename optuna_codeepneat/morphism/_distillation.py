"""`distil`: a network learns to repeat the ancestor that it could not exactly become."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.network import Network
from optuna_codeepneat.network import part_name
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import FitResult
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import device_of
from optuna_codeepneat.training import fit
from optuna_codeepneat.training import predict


def distil(
    network: Network,
    teacher: nn.Module,
    inputs: Tensor | Examples,
    plan: Plan,
    recipe: Recipe,
    *,
    device: torch.device | str = "auto",
    seed: int = 0,
    deadline: float | None = None,
) -> FitResult:
    """Trains the affected layers of a network until it does what its ancestor did.

    Where an edit could not preserve the function, as when a layer was taken out, LEMONADE trains
    "the affected layers" by distillation before the network itself is trained (Elsken et al.
    2019, approximate network morphisms). Here the outputs are compared by their squared distance
    (Ba and Caruana 2014), which suits any loss.

    Args:
        network:
            The network after `inherit`; trained in place.
        teacher:
            The ancestor.
        inputs:
            Examples, without targets: ``(examples, ...)``; or with targets, which are not used.
        plan:
            What was inherited. Parts that do exactly what they did are not trained.
        recipe:
            How long and how.
        device:
            Where to train.
        seed:
            Of the order of the examples.
        deadline:
            `time.monotonic` at which to stop at the latest.

    Returns:
        How far it came; no steps if no part with weights is affected.
    """
    affected = [
        network.parts[part_name(step.operation)]
        for step in plan.steps
        if not step.exact and part_name(step.operation) in network.parts
    ]
    if not any(parameter.numel() for part in affected for parameter in part.parameters()):
        return FitResult(steps=0, loss=0.0, seconds=0.0)
    device = device_of(device)
    teacher.to(device)
    # A copy, since autograd does not take what was made in inference mode.
    seen = inputs.to(device)
    targets = predict(teacher, seen).clone()
    with _only_training(network, affected):
        return fit(
            network,
            Examples(seen, targets) if isinstance(seen, Tensor) else seen.with_targets(targets),
            recipe.replace(label_smoothing=0.0),
            loss=nn.functional.mse_loss,
            device=device,
            seed=seed,
            deadline=deadline,
        )


@contextlib.contextmanager
def _only_training(network: nn.Module, parts: list[nn.Module]) -> Iterator[None]:
    """Fixes all other weights; those of normalisations still follow their inputs."""
    chosen = {id(parameter) for part in parts for parameter in part.parameters()}
    fixed = [p for p in network.parameters() if p.requires_grad and id(p) not in chosen]
    for parameter in fixed:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in fixed:
            parameter.requires_grad_(True)
