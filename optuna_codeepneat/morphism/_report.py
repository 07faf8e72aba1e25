"""`Report`: what a network inherited, and from whom."""

from __future__ import annotations

from dataclasses import dataclass

from optuna_codeepneat.alignment import Plan


@dataclass(frozen=True)
class Report:
    """What became of the weights of a network before its training.

    Args:
        plan:
            What each of its operations took over; empty if nothing was inherited.
        donor:
            The trial whose weights they are; None for fresh ones.
        line_steps:
            Training steps that are in them already, of all ancestors together.
    """

    plan: Plan = Plan((), False)
    donor: int | None = None
    line_steps: int = 0

    @property
    def share(self) -> float:
        """The share of the parameters that are inherited, 0 to 1."""
        return self.plan.share
