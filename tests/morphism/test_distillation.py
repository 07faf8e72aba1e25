"""A network learns to repeat the ancestor that it could not exactly become."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
import torch

from optuna_codeepneat import build_network
from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.morphism import distil
from optuna_codeepneat.morphism import inherit
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import seeded
from tests.morphism.networks import difference
from tests.morphism.networks import inputs_for
from tests.morphism.networks import sequence_space
from tests.morphism.networks import trained


SPACE = sequence_space()
RECIPE = Recipe(steps=60, batch_size=24, learning_rate=0.01)
LAYERS = [
    Node("a", "conv1d", genes={"width": 12}),
    Node("b", "conv1d", ("a",), {"width": 12}),
    Node("c", "conv1d", ("b",), {"width": 12, "kernel": 1}),
]


def network(*layers: Node) -> Architecture:
    return SPACE.architecture([Node("x", "A")], {"A": layers})


def pair(after: Architecture) -> tuple[Network, Network, Plan]:
    """A trained network, and one that inherited from it."""
    before = trained(network(*LAYERS), steps=40)
    with seeded(5):
        heir = build_network(after)
    aligned = plan(before.architecture, after)
    inherit(heir, weights_of(before), aligned)
    return before, heir, aligned


def shortened() -> tuple[Network, Network, Plan]:
    return pair(network(LAYERS[0], replace(LAYERS[2], inputs=("a",))))


def test_a_network_without_a_layer_comes_nearer_to_its_teacher() -> None:
    before, heir, aligned = shortened()
    far = [difference(before, heir, train=train, seed=9) for train in (False, True)]
    inputs = inputs_for(before.architecture, 240)
    result = distil(heir, before, inputs, aligned, RECIPE)
    assert result.steps == RECIPE.steps
    near = [difference(before, heir, train=train, seed=9) for train in (False, True)]
    assert near[0] < 0.7 * far[0]
    assert near[1] < 0.7 * far[1]


def test_only_the_affected_parts_learn_and_all_are_free_again() -> None:
    before, heir, aligned = shortened()
    frozen = next(iter(heir.parts["0_0"].parameters()))
    frozen.requires_grad_(False)
    free = {name: p.requires_grad for name, p in heir.named_parameters()}
    kept = {name: p.detach().clone() for name, p in heir.named_parameters()}
    teacher = weights_of(before)
    distil(heir, before, inputs_for(before.architecture), aligned, RECIPE.replace(steps=3))
    moved = {n for n, p in heir.named_parameters() if not torch.equal(p, kept[n])}
    affected = {step.operation.replace(".", "_") for step in aligned.steps if not step.exact}
    assert affected == {"0_1"}
    assert {name.split(".")[1] for name in moved} == affected
    assert {name: p.requires_grad for name, p in heir.named_parameters()} == free
    assert all(map(torch.equal, teacher.values(), weights_of(before).values()))


def out_of_memory(*arguments: object) -> None:
    raise MemoryError


def test_weights_are_free_again_after_an_error() -> None:
    before, heir, aligned = shortened()
    heir.register_forward_pre_hook(out_of_memory)
    with pytest.raises(MemoryError):
        distil(heir, before, inputs_for(before.architecture), aligned, RECIPE)
    assert all(parameter.requires_grad for parameter in heir.parameters())


def test_nothing_to_do_for_an_exact_plan() -> None:
    before, heir, aligned = pair(network(*LAYERS[:2], replace(LAYERS[2], genes={"width": 14})))
    assert aligned.steps and all(step.exact for step in aligned.steps)
    weights = weights_of(heir)
    result = distil(heir, before, inputs_for(before.architecture), aligned, RECIPE)
    assert (result.steps, result.seconds) == (0, 0.0)
    assert all(map(torch.equal, weights.values(), weights_of(heir).values()))


def test_a_deadline_ends_it() -> None:
    before, heir, aligned = shortened()
    inputs = inputs_for(before.architecture)
    result = distil(heir, before, inputs, aligned, RECIPE, deadline=time.monotonic() - 1)
    assert result.steps < RECIPE.steps
