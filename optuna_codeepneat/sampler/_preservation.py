"""Whether a changed network may still compute the function of the one before."""

from __future__ import annotations

from collections.abc import Mapping

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Operation


def preserves(before: Architecture, after: Architecture) -> bool:
    """Whether no operation that was there is lost, pools otherwise, or loses a projection.

    It is what an operator that only adds can get wrong. Sizes change where a blueprint grows,
    since the pools of `min_pooling` are spread over its depth. And the learned projection in
    front of a sum (or of a residual sum) is gone where a wider input becomes as wide as the sum.

    Args:
        before:
            The network as it was, with its markings.
        after:
            The network with something added.
    """
    old = {before.marking(op.name): op for op in before.operations}
    new = {after.marking(op.name): op for op in after.operations}
    marked = {op.name: marking for marking, op in new.items()}
    names = {op.name: marking for marking, op in old.items()}
    if any(op.kind == "max_pool" and marking not in old for marking, op in new.items()):
        return False
    for marking, op in old.items():
        now = new.get(marking)
        if now is None or now.shape[1:] != op.shape[1:]:
            return False
        if op.slot is not None and len(op.inputs) == 1:
            if op.input_shapes[0][1:] != now.input_shapes[0][1:]:
                return False
            if op.genes.get("residual") and _is_projected(op, 0) and not _is_projected(now, 0):
                return False
        if len(op.inputs) > 1 and op.kind != "concat":
            continued = {_continued(marked[n], marked, new, old): i for i, n in _numbered(now)}
            for i, name in _numbered(op):
                at = continued.get(names[name])
                if at is None or (_is_projected(op, i) and not _is_projected(now, at)):
                    return False
    return True


def _numbered(op: Operation) -> list[tuple[int, str]]:
    return list(enumerate(op.inputs))


def _is_projected(op: Operation, i: int) -> bool:
    return op.input_shapes[i][0] != op.shape[0]


def _continued(
    marking: str,
    marked: Mapping[str, str],
    new: Mapping[str, Operation],
    old: Mapping[str, Operation],
) -> str:
    """The operation that was there whose output a new one passes on, or the old one itself."""
    while marking not in old:
        marking = marked[new[marking].inputs[0]]
    return marking
