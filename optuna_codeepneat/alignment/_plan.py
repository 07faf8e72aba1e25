"""`Plan`: what of a network a descendant takes over, part by part and channel by channel."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal
from typing import TypeAlias
from typing import get_args

from optuna_codeepneat.search_space import GeneValues
from optuna_codeepneat.search_space import Shape


Change = Literal["copied", "widened", "deepened", "joined", "pruned", "fresh"]

CHANGES: tuple[Change, ...] = get_args(Change)


@dataclass(frozen=True)
class Branch:
    """One of the tensors that a sum adds, and the projection it may go through.

    Args:
        parent:
            Its index among the ancestor's branches, None for a new branch, which is to add
            nothing.
        inputs:
            For each of its channels the ancestor's, -1 for a new one.
        units:
            For each channel of the sum the ancestor's, -1 for a new one.
    """

    parent: int | None
    inputs: tuple[int, ...]
    units: tuple[int, ...]


@dataclass(frozen=True)
class Ancestor:
    """The operation that another one continues.

    Args:
        operation:
            Its name in the ancestor's network.
        innovation_id:
            Its name with innovation ids, under which its weights are kept.
        kind:
            A layer's name, a merge, ``"input"`` or ``"output"``.
        genes:
            Its genes.
        shape:
            The shape of what it reads; of a merge, of what it returns.
    """

    operation: str
    innovation_id: str
    kind: str
    genes: GeneValues
    shape: Shape


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
            Whether this operation treats the channels that it reads exactly as the ancestor's
            did; whether those channels still hold the same values is said by the steps before it.
        num_params:
            Its parameters.
        inherited:
            How many come from the ancestor. Where operations share weights, these count at the
            first that continues one of the ancestor, and so may be more than its own.
        inputs:
            For each channel that it reads the ancestor's, -1 for a new one.
        units:
            For each channel that it returns the ancestor's, -1 for a new one.
        branches:
            Of a merge by a sum all it adds; of a residual layer the sum's first summand.
    """

    operation: str
    parent: Ancestor | None
    change: Change
    exact: bool
    num_params: int
    inherited: int
    inputs: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a descendant inherits from an ancestor.

    Args:
        steps:
            One for each layer and merge of the descendant, for its embedding and for its output.
        exact:
            Whether the descendant, initialised so, computes the ancestor's function.
        lost:
            Operations of the ancestor that nothing continues.
    """

    steps: tuple[Step, ...]
    exact: bool
    lost: tuple[str, ...]

    @property
    def num_params(self) -> int:
        """The descendant's parameters."""
        return sum(step.num_params for step in self.steps)

    @property
    def inherited(self) -> int:
        """How many of them come from the ancestor."""
        return sum(step.inherited for step in self.steps)

    @property
    def share(self) -> float:
        """The share of the descendant's parameters that come from the ancestor, 0 to 1."""
        return self.inherited / self.num_params if self.num_params else 0.0

    @property
    def changes(self) -> dict[Change, int]:
        """How many steps there are of each kind."""
        counts = Counter(step.change for step in self.steps)
        return {change: counts[change] for change in CHANGES}


Inheritance: TypeAlias = Literal["exact", "noisy", "fresh"]
"""``"exact"``: what the ancestor did not have begins with nothing, so that its function stays
where it can; ``"noisy"``: with next to nothing, so that no two weights are equal; ``"fresh"``: as
in a new network, which changes the function."""

INHERITANCES: tuple[Inheritance, ...] = get_args(Inheritance)
