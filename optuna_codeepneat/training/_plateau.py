"""`Plateau`: a learning rate that falls where a loss no longer does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._scalars import whole


@dataclass(frozen=True, kw_only=True)
class Plateau:
    """When a learning rate is lowered, by how much, and how often it begins anew.

    "We lower the learning rate when validation performance plateaus, and sometimes reset it"
    (LEAF, Liang et al. 2019, section 4.2); by how much is not published, so the values are ours.
    The loss is measured on examples that are held out from the training, and the weights with
    which it was least are those that count in the end.

    Args:
        factor:
            What the rate is multiplied by.
        patience:
            The share of the steps in which the loss did not fall, before the rate does.
        drops:
            How often it falls before it begins anew.
        resets:
            How often it begins anew.
        checks:
            How often the loss is measured.
        held_out:
            The share of the examples that are held out.

    Raises:
        ValueError: If a value is out of its bounds.

    Example:
        >>> from optuna_codeepneat.training import Plateau, Recipe
        >>> recipe = Recipe(schedule="plateau", plateau=Plateau(resets=2))
    """

    factor: float = 0.3
    patience: float = 0.06
    drops: int = 3
    resets: int = 1
    checks: int = 100
    held_out: float = 0.1

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("factor", "patience", "held_out"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ValueError(
                    f"`{name}` must be greater than 0 and less than 1, got {getattr(self, name)}."
                )
        for name, least in (("drops", 1), ("resets", 0), ("checks", 1)):
            whole(name, getattr(self, name), least)


_STATE = ("rate", "_drops", "_stalled", "_resets", "_least", "_least_since")


class Descent:
    """The learning rate of one training, and when its loss is to be measured.

    Args:
        plateau:
            The settings.
        peak:
            The rate that it begins with.
        steps:
            Of the training.
    """

    def __init__(self, plateau: Plateau, peak: float, steps: int) -> None:
        self._plateau = plateau
        self._peak = peak
        self.every = max(1, steps // plateau.checks)
        """Steps from one measurement to the next."""
        self._patience = max(1, round(plateau.patience * steps / self.every))
        self._resets = plateau.resets
        self._least = math.inf
        self._begin()

    def _begin(self) -> None:
        self.rate = self._peak
        """The learning rate of the next step."""
        self._drops = 0
        self._stalled = 0
        self._least_since = math.inf

    @property
    def state(self) -> dict[str, float]:
        """All that a next measurement is judged by."""
        return {name: vars(self)[name] for name in _STATE}

    def load(self, state: Mapping[str, float]) -> None:
        """Goes on from the `state` of another one of the same training."""
        vars(self).update({name: state[name] for name in _STATE})

    def take(self, loss: float) -> bool:
        """Takes a loss that was measured, and says whether it is the least so far."""
        is_least = loss < self._least
        self._least = min(self._least, loss)
        if loss < self._least_since:
            self._least_since, self._stalled = loss, 0
            return is_least
        self._stalled += 1
        if self._stalled < self._patience:
            return is_least
        self._stalled = 0
        if self._drops < self._plateau.drops:
            self._drops += 1
            self.rate *= self._plateau.factor
        elif self._resets:
            self._resets -= 1
            self._begin()
        return is_least
