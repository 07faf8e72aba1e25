"""Layers by their names, and what may take the place of one."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.search_space import register_layer
from optuna_codeepneat.search_space._registry import _REGISTRY
from tests.search_space.spaces import GATED


CELL = """
from optuna.distributions import IntDistribution
from optuna_codeepneat import Layer, SearchSpace, register_layer
from optuna_codeepneat.search_space import InheritanceRule

bias = {bias}
def output_shape(shape, genes): return (genes["width"], *shape[1:])
def num_params(shape, genes): return shape[0] * genes["width"]{extra}
def macs(shape, genes): return shape[0] * genes["width"] * shape[1]
def make(bias):
    def build(shape, genes):
        from torch import nn
        return nn.Conv1d(shape[0], genes["width"], 1, bias=bias)
    return build
mine = register_layer(Layer(
    name="mine", rank=1, genes={{"width": IntDistribution(4, 16)}}, output_shape=output_shape,
    num_params=num_params, macs=macs, build=make(bias),
    inheritance=InheritanceRule(passes=lambda genes: genes["width"] > 4),
){replace})
space = SearchSpace(
    layers=["mine", "conv1d"], input_shape=(1, 40), num_outputs=3, max_params=10_000
)
"""
FIRST = CELL.format(bias=False, extra="", replace="")
EDITED = CELL.format(bias=True, extra=' + genes["width"]', replace="")
REPLACED = CELL.format(bias=True, extra=' + genes["width"]', replace=", replace=True")


@pytest.fixture(autouse=True)
def registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optuna_codeepneat.search_space._registry._REGISTRY", dict(_REGISTRY))


def run(cell: str, module: str = "__main__") -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": module}
    exec(cell, names)
    return names


def built(space: SearchSpace) -> int:
    """The parameters of a network with the layer, as torch counts them."""
    torch = pytest.importorskip("torch")
    from optuna_codeepneat import build_network
    from optuna_codeepneat.search_space import Node

    node = Node("0", "mine", genes={"width": 8})
    architecture = space.architecture([Node("0", "A")], {"A": [node]})
    network = build_network(architecture)
    assert isinstance(network, torch.nn.Module)
    return sum(parameter.numel() for parameter in network.parameters())


def test_registering_the_same_layer_twice_is_fine() -> None:
    assert register_layer(GATED) is GATED
    assert get_layer("test_gated") is GATED


def test_a_cell_may_be_run_again_edited_or_not_until_a_network_is_built() -> None:
    first = run(FIRST)
    again = run(FIRST)
    assert get_layer("mine") is again["mine"] != first["mine"]
    n_params = built(run(EDITED)["space"])
    assert n_params == built(run(EDITED)["space"])  # the same once more, after it was built


def test_another_layer_after_a_network_was_built_has_to_be_meant() -> None:
    n_params = built(run(FIRST)["space"])
    with pytest.raises(ValueError, match=r"'mine' .* \(networks were built with it\).*`replace="):
        run(EDITED)
    assert built(run(REPLACED)["space"]) == n_params + 8
    run(REPLACED)


def test_what_a_function_encloses_makes_another_layer() -> None:
    built(run(FIRST)["space"])
    with pytest.raises(ValueError, match="networks were built with it"):
        run(FIRST.replace("build=make(bias)", "build=make(not bias)"))


def test_a_module_may_be_reloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_layers.py").write_text(FIRST)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("my_layers")
    try:
        importlib.reload(module)
        built(module.space)
        importlib.reload(module)
        assert get_layer("mine") is module.mine
    finally:
        del sys.modules["my_layers"]


def test_a_layer_of_another_module_is_not_replaced_unasked() -> None:
    run(FIRST, "one.layers")
    with pytest.raises(ValueError, match=r"'mine' is registered already \(by one.layers\)"):
        run(EDITED, "another.layers")
    run(REPLACED, "another.layers")
    mine = replace(get_layer("conv1d"), defaults={"width": 9})
    with pytest.raises(ValueError, match=r"'conv1d' is registered already \(by optuna_codeepneat"):
        register_layer(mine)
    register_layer(mine, replace=True)
    assert get_layer("conv1d") is mine


def test_an_unknown_layer_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown layer 'conv3d'; known layers are .*conv1d"):
        get_layer("conv3d")
