"""`InheritanceReport`: what a network inherited, and from whom."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from optuna_codeepneat.alignment import Inheritance
from optuna_codeepneat.alignment import Plan


if TYPE_CHECKING:
    from optuna_codeepneat.morphism._artifact import Checkpoint


@dataclass(frozen=True)
class InheritanceReport:
    """What became of the weights of a network before its training.

    Args:
        plan:
            What each of its operations took over; empty if nothing was inherited.
        inheritance:
            What became of weights that the ancestor did not have; None if nothing was inherited.
        donor:
            The trial whose weights they are; None for fresh ones.
        line_steps:
            Training steps that are in them already, of all ancestors together.
        ancestor:
            The donor's network.
    """

    plan: Plan = Plan((), False, ())
    inheritance: Inheritance | None = None
    donor: int | None = None
    line_steps: int = 0
    ancestor: Checkpoint | None = field(default=None, compare=False, repr=False)

    @property
    def share(self) -> float:
        """The share of the network's parameters that come from the ancestor, 0 to 1."""
        return self.plan.share

    @property
    def exact(self) -> bool:
        """Whether the network computes the ancestor's function before it is trained."""
        return self.plan.exact and self.inheritance == "exact"

    def __str__(self) -> str:
        """One line."""
        if self.inheritance is None:
            return "nothing inherited"
        counts = ", ".join(f"{n} {change}" for change, n in self.plan.changes.items() if n)
        kind = "exact" if self.exact else "approximate"
        return f"{self.share:.0%} of the parameters inherited ({kind}): {counts}"
