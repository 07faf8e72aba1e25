"""`plan`: what of a network a descendant takes over, part by part and channel by channel."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from optuna_codeepneat.search_space import Architecture


Change = Literal["copied", "widened", "deepened", "joined", "pruned", "fresh"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What becomes of one operation of a descendant.

    Args:
        operation:
            The descendant's operation.
        parent:
            The ancestor's operation that it continues, None for a new one.
        change:
            ``"copied"``: with the same channels; ``"widened"``: with more channels, or a larger
            kernel; ``"deepened"``: new, and initialised to pass on what it is given;
            ``"joined"``: a merge with branches that the ancestor's had not; ``"pruned"``: with
            fewer channels or branches; ``"fresh"``: nothing is taken over.
        exact:
            Whether what it computes of the ancestor's channels is exactly what they were.
        num_params:
            Its parameters.
        inherited:
            How many of them come from the ancestor.
    """

    operation: str
    parent: str | None
    change: Change
    exact: bool
    num_params: int
    inherited: int


@dataclass(frozen=True)
class Plan:
    """What a descendant inherits from an ancestor.

    Args:
        steps:
            One for each operation of the descendant that has parameters, in its order.
        exact:
            Whether the descendant computes the ancestor's function, if it is initialised so.
    """

    steps: tuple[Step, ...]
    exact: bool

    @property
    def share(self) -> float:
        """The share of the descendant's parameters that come from the ancestor, 0 to 1."""
        total = sum(step.num_params for step in self.steps)
        return sum(step.inherited for step in self.steps) / total if total else 0.0


def plan(
    parent: Architecture,
    child: Architecture,
    importance: Mapping[str, Sequence[float]] | None = None,
) -> Plan:
    """Aligns a network with its ancestor by their historical markings.

    Args:
        parent:
            The ancestor.
        child:
            The descendant.
        importance:
            For operations of the ancestor, how much each of its units matters: where a
            descendant has fewer, it keeps those that matter most, or the first if nothing is
            said.
    """
    raise NotImplementedError
