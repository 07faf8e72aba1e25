"""`Source`: raw examples of one kind, before anything is learnt from them."""

from __future__ import annotations

from abc import ABC
from abc import abstractmethod
from typing import TYPE_CHECKING
from typing import Any

import numpy as np


if TYPE_CHECKING:
    from optuna_codeepneat.problems._data._splitting import Indices
    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.training import Examples


class Source(ABC):
    """Raw examples, which can be read once a part of them is for training."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name for a problem about them."""

    @property
    @abstractmethod
    def in_words(self) -> str:
        """What they are, and how many."""

    @abstractmethod
    def place(self, example: int) -> str:
        """Names an example for people."""

    @property
    @abstractmethod
    def preset(self) -> str:
        """The name of the preset that `space` uses."""

    @abstractmethod
    def fit(self, train: Indices) -> tuple[Any, str]:
        """What reads such examples, made from those for training; and, in words, what it reads.

        Raises:
            DataError: If nothing can be read.
        """

    @abstractmethod
    def examples(self, reader: Any, chosen: Indices, targets: np.ndarray[Any, Any]) -> Examples:
        """Some of the examples as networks read them, with their targets."""

    @abstractmethod
    def space(self, reader: Any, num_outputs: int) -> SearchSpace:
        """The search space of networks that are usual for such examples."""


def examples_of(inputs: np.ndarray[Any, Any], targets: np.ndarray[Any, Any]) -> Examples:
    """Examples of what networks read."""
    import torch

    from optuna_codeepneat.training import Examples

    return Examples(torch.from_numpy(inputs), torch.from_numpy(targets))
