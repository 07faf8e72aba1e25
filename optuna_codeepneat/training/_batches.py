"""The examples of every step, in an order that a seed says."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from optuna_codeepneat.training._ahead import ahead
from optuna_codeepneat.training._examples import Examples


# Shuffled copies of the examples are made for many steps at once, but not beyond this size.
_CHUNK_BYTES = 1 << 26


class Order:
    """One random permutation of the examples after the other.

    Args:
        n_examples:
            How many there are.
        seed:
            Of the permutations.
    """

    def __init__(self, n_examples: int, seed: int) -> None:
        self._n = n_examples
        # On the CPU: the same order on any device.
        self._generator = torch.Generator().manual_seed(seed)
        self._left = torch.empty(0, dtype=torch.long)

    def take(self, n: int) -> torch.Tensor:
        """The next so many indices."""
        while len(self._left) < n:
            following = torch.randperm(self._n, generator=self._generator)
            self._left = torch.cat([self._left, following])
        now, self._left = self._left[:n], self._left[n:]
        return now

    @property
    def state(self) -> dict[str, torch.Tensor]:
        """All that the indices to come depend on."""
        return {"stream": self._generator.get_state(), "left": self._left.clone()}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Goes on from a `state` of another one of as many examples."""
        self._generator.set_state(state["stream"])
        self._left = state["left"]


@dataclass(frozen=True)
class Batch:
    """What one step learns from.

    Args:
        inputs:
            ``(examples, ...)``, augmented.
        targets:
            ``(examples, ...)``.
        order:
            The state of the order after it, where the next batch is gathered anew; else None.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    order: Mapping[str, torch.Tensor] | None


def batches(
    data: Examples,
    order: Order,
    steps: int,
    batch_size: int,
    augment: Callable[[torch.Tensor], torch.Tensor] | None,
    device: torch.device,
) -> Iterator[Batch]:
    """The batches of so many steps. Every one is full, or has all examples."""
    size = min(batch_size, len(data))
    chunks = _chunks(data, order, steps, size, device)
    for inputs, targets, state in chunks if data.is_at_hand(device) else ahead(chunks):
        changed = inputs if augment is None else augment(inputs)
        parts = list(zip(torch.split(changed, size), torch.split(targets, size), strict=True))
        for i, part in enumerate(parts, start=1):
            yield Batch(*part, order=state if i == len(parts) else None)


def _chunks(
    data: Examples, order: Order, steps: int, size: int, device: torch.device
) -> Iterator[tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]]:
    """The same, shuffled many at a time rather than gathered one by one."""
    n_chunk = max(1, min(_CHUNK_BYTES // (data.example_bytes or 1), max(len(data), size)) // size)
    done = 0
    while done < steps:
        n_batches = min(n_chunk, steps - done)
        chunk = data.take(order.take(n_batches * size)).to(device)
        yield chunk.inputs.to(device), chunk.targets, order.state
        done += n_batches
