"""`Benchmark`: a problem that samplers are compared on, and what counts as good on it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import TypeAlias

import numpy as np
import optuna


if TYPE_CHECKING:
    from optuna_codeepneat import SearchSpace
    from optuna_codeepneat.morphism import Checkpoints

Direction: TypeAlias = Literal["minimize", "maximize"]
Values: TypeAlias = Sequence[float]
Objective: TypeAlias = Callable[[optuna.Trial], "float | Values"]
Cost: TypeAlias = "str | Callable[[Mapping[str, Any]], float]"


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """A problem, with the measure of a set of networks.

    Args:
        title:
            One sentence for tables and figures.
        directions:
            Of the objectives.
        make_objective:
            ``(seed, checkpoints) -> objective``; with no checkpoints nothing is inherited.
        space:
            The search space, None where there are hyperparameters alone.
        costs:
            Of the objectives that follow from the parameters alone, in their order: what a
            sampler can be told beforehand.
        points:
            Values of networks, ``(networks, objectives)``, to coordinates that are better the
            smaller they are.
        reference:
            The corner that the hypervolume of the points is measured from; empty for one
            objective, whose measure is its best value.
        whole:
            The hypervolume of the true front, or of the best point imaginable.
        steps:
            The training steps of a trial that has values or was stopped early, None where nothing
            is trained.
        continued:
            The same problem, given the arguments of a `Continuation`: how networks that inherit
            weights are trained.
        trained:
            The same problem, given changes of its search recipe and, as `pruner`, ``"halving"`` or
            ``"size-class"``: what stops trainings early.
        networks:
            How many a study has by default.
    """

    title: str
    directions: tuple[Direction, ...]
    make_objective: Callable[[int, Checkpoints | None], Objective]
    space: SearchSpace | None = None
    costs: tuple[Cost, ...] = ()
    points: Callable[[np.ndarray], np.ndarray] = lambda values: values
    reference: tuple[float, ...] = ()
    whole: float = 1.0
    steps: Callable[[optuna.trial.FrozenTrial], int] | None = None
    continued: Callable[[Mapping[str, Any]], Benchmark] | None = None
    trained: Callable[[Mapping[str, Any]], Benchmark] | None = None
    networks: int = 200

    @property
    def measure(self) -> str:
        """What is measured of a set of networks, in words."""
        return "hypervolume" if self.reference else "best value"

    @property
    def more_is_better(self) -> bool:
        """Of the measure."""
        return bool(self.reference) or self.directions[0] == "maximize"


def by_formula(function: Objective) -> Callable[[int, Checkpoints | None], Objective]:
    """A `make_objective` that knows neither seeds nor weights."""
    return lambda seed, checkpoints: function


def score_and_size(smallest: float, largest: float) -> Callable[[np.ndarray], np.ndarray]:
    """Points of (score from 0 to 1, number of parameters): the error, and decades of size.

    The size is 0 at `smallest` parameters or fewer and 1 at `largest`.
    """

    def points(values: np.ndarray) -> np.ndarray:
        sizes = np.log10(np.maximum(values[:, 1], smallest) / smallest)
        return np.column_stack([1.0 - values[:, 0], sizes / np.log10(largest / smallest)])

    return points
