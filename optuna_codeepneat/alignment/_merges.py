"""What becomes of the merges of a descendant: which branch is which of the ancestor's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optuna_codeepneat.alignment._channels import NEW
from optuna_codeepneat.alignment._channels import Channels
from optuna_codeepneat.alignment._channels import by_position
from optuna_codeepneat.alignment._channels import concatenated
from optuna_codeepneat.alignment._channels import lined_up
from optuna_codeepneat.alignment._plan import Ancestor
from optuna_codeepneat.alignment._plan import Branch
from optuna_codeepneat.alignment._plan import Change
from optuna_codeepneat.alignment._plan import Step
from optuna_codeepneat.search_space import Operation


SUMS = ("sum", "scaled_sum", "convex")
# Which sums can compute what another one does: they differ in what their coefficients may be.
_EXTENDS = {"sum": ("sum",), "scaled_sum": SUMS, "convex": ("convex",)}


def concatenation(
    operation: Operation, reads: Sequence[Channels], before: Sequence[Channels], was_merge: bool
) -> tuple[Step, Channels]:
    """A concatenation: which of its channels are which, those that read it will find out.

    Here and below `reads` are of equal sizes, and `before` is what arrived in the ancestor.
    """
    step = Step(
        operation=operation.name,
        parent=None,
        change=_joined(len(before), len(reads), was_merge),
        exact=len(_paired(reads, before)) == len(before),
        num_params=0,
        inherited=0,
    )
    return step, concatenated(reads)


def continued_sum(
    operation: Operation,
    ancestor: Ancestor,
    reads: Sequence[Channels],
    before: Sequence[Channels],
    whole: Channels,
) -> tuple[Step, Channels]:
    """A sum that was one, perhaps of other summands; the ancestor's returned `whole`."""
    width, was = operation.shape[0], len(whole)
    pairs, units = _paired(reads, before), by_position(width, was)
    exact, alike = len(pairs) == len(before) and width >= was, True
    exact &= ancestor.kind in _EXTENDS[operation.kind]
    branches, inherited = [], 0
    for i, read in enumerate(reads):
        projected = len(read) != width
        if i not in pairs:
            branches.append(Branch(None, (NEW,) * len(read), tuple(units.tolist())))
            exact &= projected or operation.kind != "sum"
            continue
        old = before[pairs[i]]
        indices, complete, same = lined_up(read, old)
        exact, alike = exact and complete, alike and same
        if not projected:
            known = units >= 0
            exact &= len(old) == was and bool((indices[known] == units[known]).all())
        elif len(old) != was:
            inherited += int((indices >= 0).sum()) * int((units >= 0).sum())
        branches.append(Branch(pairs[i], tuple(indices.tolist()), tuple(units.tolist())))
    if operation.kind == ancestor.kind != "sum":  # its factors
        inherited += max(0, len(pairs) - (operation.kind == "convex"))
    step = Step(
        operation=operation.name,
        parent=ancestor,
        change=_joined(len(before), len(reads), True),
        exact=bool(exact),
        num_params=operation.num_params,
        inherited=min(inherited, operation.num_params),
        units=tuple(units.tolist()),
        branches=tuple(branches),
    )
    return step, whole.take(units).roughly(bool(exact) and alike)


def new_sum(
    operation: Operation,
    reads: Sequence[Channels],
    before: Sequence[Channels],
    needed: np.ndarray,
) -> tuple[Step, Channels]:
    """A sum where the ancestor had none: one summand passes, the others add nothing yet.

    What is `needed` are the keys of the ancestor's channels that are read behind it.
    """
    width = operation.shape[0]
    # Of equals the one that has no projection, which could be zero; then the last, which lies
    # deepest: where it passes on what another one is, the factor of neither would get a gradient,
    # and nor would what is new in it if it were the one that adds nothing.
    kept = max(
        range(len(reads)),
        key=lambda i: (
            int((np.isin(reads[i].keys, needed) & (reads[i].keys != NEW)).sum()),
            len(reads[i]) == width,
            i,
        ),
    )
    old, exact = reads[kept], True
    through = by_position(width, len(old))
    units = tuple(through.tolist())
    branches = []
    for i, read in enumerate(reads):
        if i == kept:
            branches.append(Branch(0, tuple(range(len(read))), units))
        else:
            branches.append(Branch(None, (NEW,) * len(read), units))
            exact &= operation.kind != "sum" or len(read) != width
    step = Step(
        operation=operation.name,
        parent=None,
        change=_joined(len(before), len(reads), False),
        exact=exact,
        num_params=operation.num_params,
        inherited=0,
        units=units,
        branches=tuple(branches),
    )
    return step, old.take(through).roughly(exact)


def _joined(n_before: int, n: int, was_merge: bool) -> Change:
    if n > max(n_before, 1):
        return "joined"
    return "pruned" if n < n_before else "copied" if was_merge else "joined"


def _paired(reads: Sequence[Channels], before: Sequence[Channels]) -> dict[int, int]:
    """Which tensors are which of the ancestor's: those that share the most channels."""
    shared = []
    for i, read in enumerate(reads):
        for j, old in enumerate(before):
            n = int(np.isin(read.keys[read.keys != NEW], old.keys).sum())
            shared.append((-n, abs(len(read) - len(old)), i, j))
    pairs: dict[int, int] = {}
    for n, _, i, j in sorted(shared):
        if n and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs
