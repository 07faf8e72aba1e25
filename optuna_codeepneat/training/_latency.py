"""`Latency`: how long a network takes for a prediction, measured."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

import torch
from torch import nn

from optuna_codeepneat.network import build_network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.training._devices import AUTO
from optuna_codeepneat.training._devices import device_of
from optuna_codeepneat.training._seeds import seeded


_WARM_UPS = 5  # the first passes choose kernels and fill caches


class Latency:
    """Measures the time of a forward pass, as a function of the architecture.

    LEMONADE's fifth objective (Elsken et al. 2019). It is known without training, but unlike a
    number of parameters it is measured: it depends on the machine and on what else runs there.
    Networks with equal signatures are measured once.

    Args:
        device:
            Where the network computes.
        batch_size:
            Examples in a forward pass.
        repeats:
            Forward passes, of which the median counts.
        threads:
            Threads of the CPU that torch may use meanwhile; None for as many as it uses anyway.

    Attributes:
        is_measured: True: the same architecture may have another value elsewhere.

    Raises:
        ValueError: If a number is less than 1.

    Example:
        >>> from optuna_codeepneat import SearchSpace
        >>> from optuna_codeepneat.training import Latency
        >>> latency = Latency()
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> latency(space.smallest()) > 0  # seconds
        True
    """

    is_measured: ClassVar[bool] = True

    def __init__(
        self,
        *,
        device: torch.device | str = AUTO,
        batch_size: int = 1,
        repeats: int = 30,
        threads: int | None = 1,
    ) -> None:
        numbers = {"batch_size": batch_size, "repeats": repeats, "threads": threads}
        for name, number in numbers.items():
            if number is not None and number < 1:
                raise ValueError(f"`{name}` must be at least 1, got {number}.")
        self.device = device_of(device)
        self.batch_size = batch_size
        self.repeats = repeats
        self.threads = threads
        self._known: dict[str, float] = {}

    def __call__(self, architecture: Architecture) -> float:
        """Seconds of a forward pass in eval mode, without gradients, in float32."""
        key = architecture.signature
        if key not in self._known:
            with seeded(0, self.device), _threads(self.threads), torch.inference_mode():
                network = build_network(architecture).eval().to(self.device)
                self._known[key] = self._measure(network, self._inputs(architecture))
        return self._known[key]

    def _inputs(self, architecture: Architecture) -> torch.Tensor:
        shape, vocab_size = architecture.input_shape, architecture.vocab_size
        if vocab_size is not None:
            return torch.randint(vocab_size, (self.batch_size, *shape[1:])).to(self.device)
        return torch.rand(self.batch_size, *shape).to(self.device)

    def _measure(self, network: nn.Module, inputs: torch.Tensor) -> float:
        for _ in range(_WARM_UPS):
            network(inputs)
        seconds = []
        for _ in range(self.repeats):
            self._synchronize()
            begin = time.perf_counter()
            network(inputs)
            self._synchronize()
            seconds.append(time.perf_counter() - begin)
        return statistics.median(seconds)

    def _synchronize(self) -> None:
        """Waits until a GPU, which computes behind the program's back, is done."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


@contextmanager
def _threads(number: int | None) -> Iterator[None]:
    """Lets torch use so many threads of the CPU for a while."""
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
