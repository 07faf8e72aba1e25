"""`inherit`: a network takes over the weights of an ancestor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.alignment import INHERITANCES
from optuna_codeepneat.alignment import Branch
from optuna_codeepneat.alignment import Inheritance
from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.alignment import Step
from optuna_codeepneat.morphism._inheritance_report import InheritanceReport
from optuna_codeepneat.morphism._transfer import Transfer
from optuna_codeepneat.morphism._transfer import Weights
from optuna_codeepneat.morphism._transfer import keep_of
from optuna_codeepneat.morphism._transfer import picked
from optuna_codeepneat.morphism._transfer import placed
from optuna_codeepneat.network import Cell
from optuna_codeepneat.network import Head
from optuna_codeepneat.network import Merge
from optuna_codeepneat.network import Network
from optuna_codeepneat.network import Residual
from optuna_codeepneat.network import part_name
from optuna_codeepneat.search_space import Operation
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import resolve


def inherit(
    network: Network,
    weights: Mapping[str, Tensor],
    plan: Plan,
    *,
    inheritance: Inheritance = "exact",
) -> InheritanceReport:
    """Gives a network the weights of an ancestor, as far as a plan says.

    Of an exact plan, the network then computes the ancestor's function, in evaluation and in
    training, up to rounding (LEMONADE, Elsken et al. 2019: network morphisms): new channels are
    read with weights of zero, new layers begin as the identity, new summands with the scale 0.
    Normalised channels are copied with all their statistics. A plan that is not exact is carried
    out as well as it can be.

    Args:
        network:
            The network, with fresh weights; changed in place.
        weights:
            The ancestor's, see `weights_of`.
        plan:
            What `optuna_codeepneat.alignment.plan` says of both.
        inheritance:
            What becomes of weights that the ancestor did not have: ``"exact"`` as above;
            ``"noisy"`` adds a little noise, so that they differ from one another at once;
            ``"fresh"`` leaves them as they were initialised, which changes the function.

    Returns:
        What was inherited.

    Raises:
        ValueError: If `weights` are not those of the plan's ancestor.

    Example:
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.alignment import plan
        >>> from optuna_codeepneat.morphism import inherit, weights_of
        >>> from optuna_codeepneat.search_space import Node
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> def architecture(width):
        ...     layers = [Node("0", "conv1d", genes={"width": width})]
        ...     return space.architecture([Node("0", "A")], {"A": layers})
        >>> parent, child = (build_network(architecture(width)) for width in (16, 18))
        >>> print(
        ...     inherit(child, weights_of(parent), plan(parent.architecture, child.architecture))
        ... )
        89% of the parameters inherited (exact): 1 copied, 1 widened
    """
    if inheritance not in INHERITANCES:
        raise ValueError(
            f"`inheritance` must be one of {', '.join(INHERITANCES)}, got {inheritance!r}."
        )
    by_operation: dict[str, dict[str, Tensor]] = {}
    for name, tensor in weights.items():
        innovation_id, _, within = name.partition("/")
        by_operation.setdefault(innovation_id, {})[within] = tensor
    operations = {operation.name: operation for operation in network.architecture.operations}
    filled: set[int] = set()  # cores, which several operations may share
    with torch.no_grad():
        for step in plan.steps:
            if part_name(step.operation) not in network.parts:
                continue  # it does nothing
            part = network.parts[part_name(step.operation)]
            old = {} if step.parent is None else by_operation.get(step.parent.innovation_id, {})
            try:
                _carry_out(step, part, old, operations[step.operation], inheritance, filled)
            except Exception as error:  # whatever the `transfer` of a user's layer raises
                raise ValueError(
                    f"the weights do not fit the plan at operation {step.operation!r}: {error}"
                ) from error
    return InheritanceReport(plan, inheritance)


def _carry_out(
    step: Step,
    part: nn.Module,
    old: Weights,
    operation: Operation,
    inheritance: Inheritance,
    filled: set[int],
) -> None:
    if isinstance(part, Merge):
        _merge(step, part, old, inheritance)
    elif isinstance(part, Head):
        if step.parent is not None:
            weight = part.linear.weight
            head = old["linear.weight"]
            weight.copy_(placed(weight.data, head, step.units, step.inputs, inheritance))
            weight.mul_(_shares(step.inputs).to(weight))
            part.linear.bias.copy_(old["linear.bias"])
    elif isinstance(part, Cell):
        if step.parent is not None:
            if id(part.core) not in filled:
                _continue_core(step, part.core, old, operation, inheritance)
            filled.add(id(part.core))
            _continue_cell(step, part, old, inheritance)
        elif step.change == "deepened":
            _identity_cell(step, part, operation, inheritance)
    elif step.parent is not None:  # the embedding
        part.load_state_dict(dict(old))


def _shares(inputs: Sequence[int]) -> Tensor:
    """What the weights of inputs are multiplied by, where several continue the same one.

    So it is where an output layer reads every position, and read their mean before.
    """
    times = Counter(i for i in inputs if i >= 0)
    return torch.tensor([1.0 / times[i] if i >= 0 else 1.0 for i in inputs])


def _continue_core(
    step: Step, core: nn.Module, old: Weights, operation: Operation, inheritance: Inheritance
) -> None:
    ancestor = step.parent
    assert ancestor is not None
    weights = _within(old, "core.")
    rule = get_layer(operation.kind).inheritance
    if rule is None:
        core.load_state_dict(weights)
    elif rule.transfer is not None:
        transfer = Transfer(
            step.inputs,
            step.units,
            operation.input_shapes[0],
            operation.genes,
            ancestor.kind,
            ancestor.shape,
            ancestor.genes,
            inheritance,
        )
        resolve(rule.transfer)(core, weights, transfer)


def _continue_cell(step: Step, cell: Cell, old: Weights, inheritance: Inheritance) -> None:
    """All of a layer but its core."""
    if cell.norm is not None:
        for name, tensor in cell.norm.state_dict(keep_vars=True).items():
            before = old.get(f"norm.{name}")
            if before is not None and tensor.ndim:
                tensor.data.copy_(picked(tensor.data, before, step.units))
            elif before is not None:
                tensor.data.copy_(before)
    if cell.residual is not None and "residual.scale" in old:
        cell.residual.scale.copy_(old["residual.scale"])
        _project(
            cell.residual, step.branches[0], old.get("residual.projection.weight"), inheritance
        )


def _identity_cell(step: Step, cell: Cell, operation: Operation, inheritance: Inheritance) -> None:
    """A new layer that passes on what it is given."""
    if inheritance == "fresh":
        return
    if cell.residual is not None:
        cell.residual.scale.fill_(keep_of(inheritance))
        _project(cell.residual, step.branches[0], None, inheritance)
        return
    rule = get_layer(operation.kind).inheritance
    assert rule is not None and rule.identity is not None
    fresh = [parameter.clone() for parameter in cell.core.parameters()]
    resolve(rule.identity)(cell.core, [unit for unit in step.units if unit >= 0])
    for parameter, was in zip(cell.core.parameters(), fresh, strict=True):
        parameter.add_(was, alpha=keep_of(inheritance))


def _project(
    residual: Residual, branch: Branch, old: Tensor | None, inheritance: Inheritance
) -> None:
    if residual.projection is not None:
        _project_branch(residual.projection.weight, branch, old, inheritance)


def _merge(step: Step, merge: Merge, old: Weights, inheritance: Inheritance) -> None:
    """A sum: old summands as they were, new ones with nothing."""
    if merge.merge == "concat":
        return
    for i, branch in enumerate(step.branches):
        weight = _only(merge.branches[i].state_dict(keep_vars=True))
        if weight is None:
            continue
        if branch.parent is None and merge.scales is not None:
            continue  # its scale is zero, and would never learn if the projection were as well
        was = None
        if step.parent is not None and branch.parent is not None:
            was = _only(_within(old, f"branches.{branch.parent}."))
        _project_branch(weight, branch, was, inheritance)
    if merge.scales is not None:
        n = len(step.branches)
        initial = 1.0 / n if merge.merge == "convex" else 1.0
        factors = _factors(step, old, initial * keep_of(inheritance))
        merge.scales.copy_(torch.tensor(factors[1:] if merge.merge == "convex" else factors))


def _factors(step: Step, old: Weights, new: float) -> list[float]:
    """What each summand is multiplied with."""
    before: list[float] | None = None
    if step.parent is not None and "scales" in old:
        before = old["scales"].tolist()
        if step.parent.kind == "convex":
            before.insert(0, 1.0 - sum(before))
    return [
        new if branch.parent is None else 1.0 if before is None else before[branch.parent]
        for branch in step.branches
    ]


def _project_branch(
    weight: Tensor, branch: Branch, old: Tensor | None, inheritance: Inheritance
) -> None:
    """The projection of a summand: the ancestor's, the identity where it had none, or nothing."""
    if branch.parent is None and all(i < 0 for i in branch.inputs):
        weight.mul_(keep_of(inheritance))
        return
    if old is None:
        n = 1 + max((*branch.inputs, *branch.units))
        old = torch.eye(n)
    weight.copy_(placed(weight.data, old, branch.units, branch.inputs, inheritance))


def _within(weights: Weights, prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in weights.items()
        if name.startswith(prefix)
    }


def _only(weights: Weights) -> Tensor | None:
    return next(iter(weights.values()), None)
