"""`fit`: trains one network."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import nn

from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.training._batches import Order
from optuna_codeepneat.training._batches import batches
from optuna_codeepneat.training._checkpoint import TrainingCheckpoint
from optuna_codeepneat.training._devices import AUTO
from optuna_codeepneat.training._devices import device_of
from optuna_codeepneat.training._examples import Examples
from optuna_codeepneat.training._flat import FlatParameters
from optuna_codeepneat.training._held_out import HeldOutDescent
from optuna_codeepneat.training._losses import Loss
from optuna_codeepneat.training._losses import cross_entropy
from optuna_codeepneat.training._losses import smoothed
from optuna_codeepneat.training._optimizer import Optimizer
from optuna_codeepneat.training._recipe import Precision
from optuna_codeepneat.training._recipe import Recipe
from optuna_codeepneat.training._resuming import ResumableTraining
from optuna_codeepneat.training._schedule import learning_rates
from optuna_codeepneat.training._seeds import seeded


# How often the loss is read: reading it waits for a GPU, and costs a few microseconds without.
_STEPS_PER_CHECK = 50


@dataclass(frozen=True, kw_only=True)
class FitResult:
    """What a training came to.

    Args:
        steps:
            Steps done.
        loss:
            Mean training loss of the last steps, up to fifty of them; NaN if there were none.
        seconds:
            How long it took.
        stopped:
            Why it ended before its last step: the loss was not finite, or the time was up.
    """

    steps: int
    loss: float
    seconds: float
    stopped: Literal["nan", "deadline"] | None = None

    def raise_if_diverged(self) -> None:
        """Raises an error if the loss was not finite.

        Raises:
            NetworkDivergedError: If `stopped` is ``"nan"``.
        """
        if self.stopped == "nan":
            raise NetworkDivergedError(
                f"the network diverged: its training loss was {self.loss} within the first "
                f"{self.steps} steps."
            )


def fit(
    network: nn.Module,
    data: Examples,
    recipe: Recipe,
    *,
    loss: Loss = cross_entropy,
    augment: Callable[[torch.Tensor], torch.Tensor] | None = None,
    held_out: Examples | None = None,
    device: torch.device | str = AUTO,
    seed: int = 0,
    deadline: float | None = None,
    on_progress: Callable[[int, int, float], None] | None = None,
    report_at: Collection[int] = (),
    checkpoint: TrainingCheckpoint | None = None,
) -> FitResult:
    """Trains a network in place.

    The result depends on the network, the data, the recipe and the seed alone (on a GPU as far as
    its kernels do), and the caller's random streams are left as they are. Every batch is full:
    the order of the examples is one random permutation after the other.

    Args:
        network:
            Any network; it is moved to `device`. If it has a method
            ``parameter_groups(weight_decay)``, that says how its weights decay.
        data:
            The examples to train on.
        recipe:
            How long and how.
        loss:
            ``loss(outputs, targets, label_smoothing)`` or ``loss(outputs, targets)``, a scalar.
        augment:
            Changes inputs ``(examples, ...)`` at random, drawing from torch's global stream; None
            for the recipe's augmentation. It gets the examples of many steps at once.
        held_out:
            Examples whose loss the schedule ``"plateau"`` goes by; others need none.
        device:
            Where to train; ``"auto"`` for a GPU if torch finds one.
        seed:
            Of the order of the examples, and of dropout.
        deadline:
            `time.monotonic` at which to stop at the latest.
        on_progress:
            Called every fifty steps as ``on_progress(steps done, steps in all, loss)``. What it
            raises ends the training and reaches the caller.
        report_at:
            After how many steps it is called as well.
        checkpoint:
            Where the state of this training is kept now and then, and from where it goes on if
            there is one; to be removed by the caller, who has the trained network then.

    Returns:
        How far the training came. A loss that is not finite stops it early and raises nothing.

    Raises:
        ValueError: If the network has nothing to train, the recipe has label smoothing and the
            loss takes none, its augmentation does not suit the inputs, or its schedule is
            ``"plateau"`` and no examples are held out.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import Examples, Recipe, fit
        >>> inputs = torch.rand(200, 8)
        >>> data = Examples(inputs, (inputs.sum(1) > 4).long())
        >>> fit(torch.nn.Linear(8, 2), data, Recipe(steps=100)).steps
        100
    """
    begin = time.monotonic()
    device = device_of(device)
    network.to(device)
    was_training = network.training
    compute_loss = smoothed(loss, recipe.label_smoothing)
    augment = augment or recipe.augmentation or None
    descent = None
    if recipe.schedule == "plateau":
        descent = HeldOutDescent(network, recipe, held_out, smoothed(loss, 0.0), device)
    window: list[torch.Tensor] = []
    steps, last_loss = 0, math.nan
    stopped: Literal["nan", "deadline"] | None = None
    with seeded(seed, device), _denormals_flushed(), contextlib.ExitStack() as stack:
        resuming = None
        if checkpoint is not None:
            resuming = ResumableTraining(checkpoint, network, data, recipe, loss, seed, device)
            resuming.load_weights()
        flat = FlatParameters(network, recipe.weight_decay)
        stack.callback(flat.release)
        stack.callback(network.train, was_training)
        network.train()
        optimizer, order = Optimizer(flat.long, recipe), Order(len(data), seed)
        if resuming is not None:
            steps, window = resuming.load(optimizer, order, descent)
        for rate, batch in zip(
            learning_rates(recipe)[steps:],
            batches(data, order, recipe.steps - steps, recipe.batch_size, augment, device),
            strict=False,
        ):
            if deadline is not None and time.monotonic() >= deadline:
                stopped = "deadline"
                break
            with _autocast(device, recipe.precision):
                value = compute_loss(network(batch.inputs), batch.targets)
            value.backward()  # type: ignore[no-untyped-call]
            flat.collect_gradients()
            if recipe.gradient_clip is not None:
                flat.clip_gradients(recipe.gradient_clip)
            optimizer.step(rate if descent is None else descent.rate)
            window.append(value.detach())
            steps += 1
            if descent is not None:
                descent.look(steps)
            is_due = steps == recipe.steps or steps in report_at
            if len(window) == _STEPS_PER_CHECK or is_due:
                last_loss = _mean(window)
                window.clear()
                if not math.isfinite(last_loss):
                    stopped = "nan"
                    break
                if on_progress is not None:
                    on_progress(steps, recipe.steps, last_loss)
            if resuming is not None and batch.order is not None and resuming.is_due:
                resuming.save(steps, optimizer, batch.order, descent, window)
    if window:
        last_loss = _mean(window)
        stopped = stopped if math.isfinite(last_loss) else "nan"
    if descent is not None and stopped != "nan":
        descent.restore()
    seconds = time.monotonic() - begin
    return FitResult(steps=steps, loss=last_loss, seconds=seconds, stopped=stopped)


def _mean(losses: list[torch.Tensor]) -> float:
    return float(torch.stack(losses).mean())


def _autocast(
    device: torch.device, precision: Precision
) -> contextlib.AbstractContextManager[object]:
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, dtype=torch.bfloat16)


@contextlib.contextmanager
def _denormals_flushed() -> Iterator[None]:
    """Treats numbers too small for full precision as zero, as GPUs do.

    A weight that decays towards zero otherwise makes each operation on it a hundred times slower.
    """
    # Torch can set this mode of the thread, but not tell it.
    before = bool((torch.tensor(1e-38) * 1e-3 == 0.0).item())
    supported = torch.set_flush_denormal(True)
    try:
        yield
    finally:
        if supported and not before:
            torch.set_flush_denormal(False)
