"""`Augmentation`: how examples are changed at random while a network learns from them."""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from math import inf
from typing import TYPE_CHECKING

from optuna_codeepneat._scalars import in_python_scalars


if TYPE_CHECKING:
    import torch


_POSSIBLE: dict[str, tuple[str, ...]] = {
    "images": ("flip", "shift", "rotate", "zoom", "scale", "noise", "drop"),
    "sequences": ("flip", "shift", "scale", "noise", "drop"),
    "rows of numbers": ("scale", "noise", "drop"),
}
"""What can be done to examples."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """What is done to each example by chance, every time that a network sees it.

    Each example has its own chance. What moves in from beyond the edge repeats the edge.

    NOTE: the transforms of `torchvision.transforms.v2` draw once for a whole batch, so that each
    example has to be transformed by itself. Mirroring and moving an image of 14 x 14 pixels then
    takes 215 microseconds (version 0.29, one core), more than twice as long as a small network
    takes to learn from it, and 2 here, where all images are changed at once.

    Args:
        flip:
            Whether half of them are mirrored: images left to right, sequences end to begin.
        shift:
            By how much of its length or of its height and width an image or a sequence is moved,
            at most and to any side: 0.1 for up to a tenth.
        rotate:
            By how many degrees an image is turned, at most and to any side.
        zoom:
            By what share an image is made larger or smaller, at most.
        scale:
            By what share all numbers of an example are made larger or smaller, at most.
        noise:
            The standard deviation of what is added to each number.
        drop:
            The share of the numbers that become 0, and of tokens that become 1, which is the
            unknown word.

    Raises:
        ValueError: If a value is out of its bounds.

    Example:
        >>> import torch
        >>> from optuna_codeepneat.training import Augmentation
        >>> augmentation = Augmentation(flip=True, shift=0.1)
        >>> print(augmentation)
        flip, shift 0.1
        >>> augmentation(torch.rand(100, 1, 28, 28)).shape
        torch.Size([100, 1, 28, 28])
    """

    flip: bool = False
    shift: float = 0.0
    rotate: float = 0.0
    zoom: float = 0.0
    scale: float = 0.0
    noise: float = 0.0
    drop: float = 0.0

    def __post_init__(self) -> None:
        in_python_scalars(self)
        if not isinstance(self.flip, bool):
            raise ValueError(f"`flip` must be True or False, got {self.flip!r}.")
        for name, is_valid, bounds in (
            ("shift", 0.0 <= self.shift < 1.0, "at least 0 and less than 1"),
            ("rotate", 0.0 <= self.rotate <= 180.0, "from 0 to 180"),
            ("zoom", 0.0 <= self.zoom < 1.0, "at least 0 and less than 1"),
            ("scale", 0.0 <= self.scale < 1.0, "at least 0 and less than 1"),
            ("noise", 0.0 <= self.noise < inf, "at least 0 and finite"),
            ("drop", 0.0 <= self.drop < 1.0, "at least 0 and less than 1"),
        ):
            if not is_valid:
                raise ValueError(f"`{name}` must be {bounds}, got {getattr(self, name)}.")

    def __bool__(self) -> bool:
        """Whether it does anything."""
        return any(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        """What it does, as in "flip, shift 0.1"."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        said = [name if value is True else f"{name} {value:g}" for name, value in values if value]
        return ", ".join(said) or "nothing"

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Changes examples at random, drawing from torch's global stream.

        Args:
            inputs:
                ``(examples, channels, height, width)``, ``(examples, channels, length)``,
                ``(examples, features)``, or tokens ``(examples, length)``; left as they are.

        Returns:
            As many others of the same shape.

        Raises:
            ValueError: If it can't be done to such examples, as turning a sequence.
        """
        self.check(inputs)
        from optuna_codeepneat.training._augmenting import changed
        from optuna_codeepneat.training._augmenting import dropped

        if not inputs.is_floating_point():
            return dropped(inputs, self.drop)
        return changed(inputs, **asdict(self))

    def check(self, inputs: torch.Tensor) -> None:
        """Looks whether examples can be changed so.

        Args:
            inputs:
                See `__call__`.

        Raises:
            ValueError: If they can't.
        """
        kind: str = "tokens"
        possible: tuple[str, ...] = ("drop",)
        if inputs.is_floating_point():
            kind = {4: "images", 3: "sequences"}.get(inputs.dim(), "rows of numbers")
            possible = _POSSIBLE[kind]
        for field in fields(self):
            if getattr(self, field.name) and field.name not in possible:
                raise ValueError(
                    f"an augmentation by `{field.name}` does not suit {kind} "
                    f"{tuple(inputs.shape[1:])}; what does: {', '.join(possible)}."
                )
