"""`Recipe`: how long and how a network is trained."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from math import inf
from typing import Any
from typing import Literal
from typing import get_args

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import whole
from optuna_codeepneat.training._augmentation import Augmentation
from optuna_codeepneat.training._plateau import Plateau


OptimizerName = Literal["adamw", "sgd"]
ScheduleName = Literal["one_cycle", "cosine", "constant", "plateau", "wsd"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is trained: the length, the optimiser and its schedule.

    Args:
        steps:
            Number of optimisation steps.
        batch_size:
            Examples per step; all of them where there are fewer.
        optimizer:
            ``"adamw"`` (Loshchilov and Hutter 2019), or ``"sgd"`` with Nesterov's momentum.
        learning_rate:
            The schedule's highest learning rate.
        weight_decay:
            Decoupled from the gradient in AdamW, added to it in SGD. A network that has a method
            ``parameter_groups(weight_decay)`` says which of its weights decay, and how fast.
        momentum:
            SGD's momentum, and AdamW's first beta.
        schedule:
            ``"one_cycle"`` rises along a cosine from a 25th of `learning_rate`, then falls along
            one to nearly zero (Smith and Topin 2019); ``"cosine"`` only falls (Loshchilov and
            Hutter 2017); ``"constant"``; ``"plateau"`` lowers it where the loss of examples that
            are held out no longer falls, see `plateau`; ``"wsd"``, for warm-up, stable, decay,
            rises in a straight line, stays, and then falls like one minus a square root (Hägele et
            al. 2024): until then a network learns as in a training of any other length.
        plateau:
            When ``"plateau"`` lowers the rate, by how much, and how often it begins anew.
        warmup:
            Share of the steps for which ``"one_cycle"`` and ``"wsd"`` rise.
        decay:
            Share of the steps, the last ones, for which ``"wsd"`` falls.
        label_smoothing:
            Share of the target that is spread evenly over all classes.
        gradient_clip:
            Largest norm of the gradient of all weights together; None never clips.
        precision:
            ``"bfloat16"`` is automatic mixed precision: the weights stay float32.
        augmentation:
            How examples are changed at random each time that the network sees them; None leaves
            them as they are.

    Raises:
        ValueError: If a value is out of its bounds.

    Example:
        >>> from optuna_codeepneat.training import Recipe
        >>> recipe = Recipe(steps=300, learning_rate=0.01)
        >>> recipe.replace(steps=3000).learning_rate
        0.01
    """

    steps: int = 1000
    batch_size: int = 100
    optimizer: OptimizerName = "adamw"
    learning_rate: float = 1e-2
    weight_decay: float = 1e-2
    momentum: float = 0.9
    schedule: ScheduleName = "one_cycle"
    plateau: Plateau = Plateau()
    warmup: float = 0.3
    decay: float = 0.2
    label_smoothing: float = 0.0
    gradient_clip: float | None = None
    precision: Precision = "float32"
    augmentation: Augmentation | None = None

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("steps", "batch_size"):
            whole(name, getattr(self, name), 1)
        clip = self.gradient_clip
        for name, is_valid, bounds in (
            ("learning_rate", 0.0 < self.learning_rate < inf, "greater than 0 and finite"),
            ("weight_decay", 0.0 <= self.weight_decay < inf, "at least 0 and finite"),
            ("momentum", 0.0 <= self.momentum < 1.0, "at least 0 and less than 1"),
            ("label_smoothing", 0.0 <= self.label_smoothing < 1.0, "at least 0 and less than 1"),
            ("warmup", 0.0 <= self.warmup <= 1.0, "between 0 and 1"),
            ("decay", 0.0 <= self.decay <= 1.0, "between 0 and 1"),
            ("gradient_clip", clip is None or clip > 0.0, "greater than 0 or None"),
        ):
            if not is_valid:
                raise ValueError(f"`{name}` must be {bounds}, got {getattr(self, name)}.")
        for name, known in (
            ("optimizer", get_args(OptimizerName)),
            ("schedule", get_args(ScheduleName)),
            ("precision", get_args(Precision)),
        ):
            if getattr(self, name) not in known:
                raise ValueError(
                    f"`{name}` must be one of {', '.join(map(repr, known))}, "
                    f"got {getattr(self, name)!r}."
                )
        for name, kind in (("plateau", Plateau), ("augmentation", Augmentation | None)):
            if not isinstance(getattr(self, name), kind):
                known_kind = "a `Plateau`" if kind is Plateau else "an `Augmentation` or None"
                raise ValueError(f"`{name}` must be {known_kind}, got {getattr(self, name)!r}.")

    def replace(self, **changes: Any) -> Recipe:
        """This recipe with other values.

        Args:
            **changes:
                The values that differ, by name.

        Returns:
            A new recipe.

        Raises:
            ValueError: If a recipe has no such value, or it is out of its bounds.
        """
        known = [field.name for field in dataclasses.fields(self)]
        for name in changes:
            if name not in known:
                raise ValueError(f"a recipe has no `{name}`; it has {', '.join(known)}.")
        return dataclasses.replace(self, **changes)
