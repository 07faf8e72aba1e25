from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import get_layer
from tests.search_space.spaces import GATED


def layer(**changes: Any) -> Layer:
    return replace(GATED, **changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "my layer"}, "`name` must be letters, digits and underscores, got 'my layer'"),
        ({"rank": 3}, "`rank` must be 0, 1, 2 or None, got 3"),
        ({"genes": {"reach": 3}}, "`reach` of layer `test_gated` must be an Optuna distribution"),
    ],
)
def test_a_wrong_layer_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer(**changes)


@pytest.mark.parametrize(
    ("gene", "distribution", "message"),
    [
        ("width", IntDistribution(0, 8), "whole numbers from 1"),
        ("mine", CategoricalDistribution((1, None)), "numbers, text, True or False"),
        ("width", FloatDistribution(1.0, 8.0), "whole numbers from 1"),
        ("width", CategoricalDistribution((8, "16")), "whole numbers from 1"),
        ("stride", CategoricalDistribution((True, 2)), "whole numbers from 1"),
        ("dilation", IntDistribution(-1, 1), "whole numbers from 1"),
        ("kernel", IntDistribution(2, 6, step=2), "odd numbers"),
        ("kernel", IntDistribution(1, 7), "odd numbers"),
        ("kernel", IntDistribution(1, 7, log=True), "odd numbers"),
        ("kernel", CategoricalDistribution((3, 4)), "odd numbers"),
        ("dropout", FloatDistribution(0.0, 1.0), "rates from 0 to below 1"),
        ("dropout", FloatDistribution(-0.1, 0.5), "rates from 0 to below 1"),
        ("dropout", CategoricalDistribution(("much",)), "rates from 0 to below 1"),
        ("weight_decay", FloatDistribution(-1e-3, 1e-3), "numbers from 0"),
        ("activation", CategoricalDistribution(("relu", "swish")), "among .*'relu'"),
        ("norm", CategoricalDistribution(("layer",)), "among .*'batch'"),
        ("initializer", CategoricalDistribution(("zeros",)), "among .*'he'"),
        ("residual", CategoricalDistribution(("yes",)), "among .False, True"),
    ],
)
def test_genes_that_cannot_be_built_are_refused(
    gene: str, distribution: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"gene `{gene}` of layer `test_gated` must be {message}"):
        layer(genes={gene: distribution})


@pytest.mark.parametrize(
    ("gene", "distribution"),
    [
        ("kernel", IntDistribution(3, 3)),
        ("kernel", IntDistribution(1, 9, step=4)),
        ("kernel", CategoricalDistribution((1, 5))),
        ("dropout", FloatDistribution(0.0, 0.99)),
        ("weight_decay", CategoricalDistribution((0.0,))),
        ("mine", CategoricalDistribution(("anything", 1, 0.5, True))),
    ],
)
def test_genes_that_can_be_built_are_not(gene: str, distribution: Any) -> None:
    assert layer(genes={gene: distribution}).genes == {gene: distribution}


@pytest.mark.parametrize(
    ("name", "gene", "value", "message"),
    [
        ("self_attention", "heads", IntDistribution(0, 4), "whole numbers from 1"),
        ("self_attention", "heads", True, "whole numbers from 1"),
        ("self_attention", "head_size", IntDistribution(4, 8), "even numbers from 2"),
        ("self_attention", "head_size", IntDistribution(4, 8, log=True), "even numbers from 2"),
        ("self_attention", "head_size", CategoricalDistribution((8, 7)), "even numbers from 2"),
        ("self_attention", "head_size", 0, "even numbers from 2"),
        ("squeeze_excitation", "reduction", FloatDistribution(1.0, 8.0), "whole numbers from 1"),
        ("squeeze_excitation", "reduction", 0, "whole numbers from 1"),
    ],
)
def test_a_layer_says_what_its_own_genes_must_be(
    name: str, gene: str, value: Any, message: str
) -> None:
    with pytest.raises(ValueError, match=f"gene `{gene}` of layer `{name}` must be {message}"):
        SearchSpace(layers={name: {gene: value}}, input_shape=(3, 9), num_outputs=2)


@pytest.mark.parametrize("value", [6, IntDistribution(2, 8, step=2), IntDistribution(4, 4)])
def test_what_a_layer_does_not_mind_is_taken(value: Any) -> None:
    SearchSpace(layers={"self_attention": {"head_size": value}}, input_shape=(3, 9), num_outputs=2)


def test_genes_of_other_layers_may_have_the_same_names() -> None:
    genes = {
        "reduction": CategoricalDistribution(("mean", "sum")),
        "head_size": FloatDistribution(0, 1),
    }
    assert layer(genes=genes).genes == genes


def test_common_genes_add_to_a_layer_of_the_users_own() -> None:
    genes = {"width": 6, "reach": 3, "norm": "none", "residual": False}
    shape = (4, 10)
    num_params, macs = 2 * 6 * (4 * 3 + 1), 2 * 6 * 4 * 3 * 10
    assert GATED.shape(shape, genes) == (6, 10)
    assert GATED.cost(shape, genes) == (num_params, macs)
    assert GATED.cost(shape, {**genes, "norm": "batch"}) == (num_params + 2 * 6, macs)
    # A scale, and a projection from 4 to 6 channels.
    residual = {**genes, "residual": True}
    assert GATED.cost(shape, residual) == (num_params + 1 + 4 * 6, macs + 4 * 6 * 10)
    assert GATED.cost(shape, {**residual, "width": 4})[0] == 2 * 4 * (4 * 3 + 1) + 1


def test_a_residual_sum_has_the_smaller_sizes() -> None:
    upsample = get_layer("test_upsample")
    assert upsample.shape((4, 5, 6), {"factor": 2}) == (4, 10, 12)
    assert upsample.shape((4, 5, 6), {"factor": 2, "residual": True}) == (4, 5, 6)
