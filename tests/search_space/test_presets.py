from __future__ import annotations

from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from tests.search_space.spaces import PRESETS


optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_typical_network_needs_few_parameters_of_a_trial(preset: str) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    trials = [study.ask() for _ in range(50)]
    for trial in trials:
        PRESETS[preset].suggest(trial)
    needed = sorted(len(trial.params) for trial in trials)
    assert 15 <= needed[25] <= 50


def test_what_a_preset_sets_can_be_set_otherwise() -> None:
    space = SearchSpace.conv1d(
        input_shape=(1, 40),
        num_outputs=10,
        layers={"conv1d": {"kernel": 5}},
        n_module_slots=1,
        max_params=500,
    )
    assert list(space.layers) == ["conv1d"]
    assert space.layers["conv1d"]["kernel"] == CategoricalDistribution((5,))
    assert space.slots == ("A",)
    assert space.max_params == 500


def test_genes_of_a_layer_may_be_ranges_or_fixed_or_left_out() -> None:
    space = SearchSpace(
        layers={"conv1d": {"kernel": 5, "width": IntDistribution(1, 3)}},
        input_shape=(1, 40),
        num_outputs=10,
    )
    assert space.layers["conv1d"]["width"] == IntDistribution(1, 3)
    assert space.layers["conv1d"]["dilation"] == CategoricalDistribution((1, 2, 4, 8))


@pytest.mark.parametrize(
    ("size", "min_pooling"), [(1, 0), (2, 1), (14, 1), (28, 2), (32, 2), (224, 5)]
)
def test_images_are_pooled_to_what_an_output_layer_can_read(size: int, min_pooling: int) -> None:
    space = SearchSpace.conv2d(input_shape=(1, size, size), num_outputs=10)
    assert space.min_pooling == min_pooling
    assert "flatten" in space.graph_genes["head.pool"].choices
    assert (
        SearchSpace.conv2d(input_shape=(1, size, size), num_outputs=10, min_pooling=0).min_pooling
        == 0
    )


@pytest.mark.parametrize("preset", ["conv1d", "conv2d", "sequence", "dense", "lemonade"])
@pytest.mark.parametrize("shape", [(), 5, (2, 3, 4, 5), ("a", 8)])
def test_a_wrong_shape_is_named(preset: str, shape: Any) -> None:
    with pytest.raises(ValueError, match="`input_shape` must be"):
        getattr(SearchSpace, preset)(input_shape=shape, num_outputs=3)


@pytest.mark.parametrize(
    ("preset", "shape", "noun"),
    [("conv1d", (5,), "sequences"), ("conv2d", (1, 40), "images"), ("dense", (1, 40), "vectors")],
)
def test_data_of_another_kind_are_named(preset: str, shape: tuple[int, ...], noun: str) -> None:
    with pytest.raises(ValueError, match=f"takes {noun}, the input is one of"):
        getattr(SearchSpace, preset)(input_shape=shape, num_outputs=3)


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="n_slots"):
        SearchSpace.dense(input_shape=(4,), num_outputs=2, n_slots=3)


# -- Liang et al. 2019, tables 2 and 3 ---------------------------------------------------------

ACTIVATIONS = CategoricalDistribution(("relu", "linear", "elu", "selu"))
INITIALIZERS = CategoricalDistribution(("glorot", "he"))
WEIGHT_DECAY = FloatDistribution(1e-9, 1e-3, log=True)


def test_wikidetox_is_the_papers_space() -> None:
    space = SearchSpace.wikidetox(input_shape=(16, 64), vocab_size=100)
    assert list(space.layers) == ["conv1d", "lstm", "gru", "dropout"]
    assert len(space.slots) == 4
    assert space.min_pooling == 5
    for layer in ("conv1d", "lstm", "gru"):
        genes = space.layers[layer]
        assert genes["width"] == IntDistribution(64, 192)
        assert genes["dropout"] == FloatDistribution(0.0, 0.5)
        assert genes["weight_decay"] == WEIGHT_DECAY
    assert space.layers["conv1d"]["kernel"] == IntDistribution(1, 7, step=2)
    assert space.layers["conv1d"]["activation"] == ACTIVATIONS
    assert space.layers["conv1d"]["initializer"] == INITIALIZERS


def test_chest_xray_is_the_papers_space() -> None:
    space = SearchSpace.chest_xray(input_shape=(1, 64, 64))
    assert list(space.layers) == ["conv2d", "dropout"]
    assert len(space.slots) == 4
    assert space.min_pooling == 4
    assert space.weight_sharing
    genes = space.layers["conv2d"]
    assert genes["width"] == IntDistribution(16, 64)
    assert genes["kernel"] == IntDistribution(1, 3, step=2)
    assert genes["dropout"] == FloatDistribution(0.0, 0.7)
    assert genes["weight_decay"] == WEIGHT_DECAY
    assert genes["activation"] == ACTIVATIONS
    assert genes["initializer"] == INITIALIZERS


def test_cifar10_is_the_papers_space() -> None:
    """Miikkulainen et al. 2017."""
    space = SearchSpace.cifar10()
    assert (space.input_shape, space.num_outputs) == ((3, 32, 32), 10)
    assert list(space.layers) == ["conv2d"]
    genes = space.layers["conv2d"]
    assert genes["width"] == IntDistribution(32, 256)
    assert genes["kernel"] == IntDistribution(1, 3, step=2)
    assert genes["dropout"] == FloatDistribution(0.0, 0.7)
    assert all(
        distribution.single()
        for name, distribution in genes.items()
        if name not in ("width", "kernel", "dropout")
    )
    assert space.hyperparameters["learning_rate"] == FloatDistribution(1e-4, 0.1, log=True)
    assert space.hyperparameters["momentum"] == FloatDistribution(0.68, 0.99)
    assert space.hyperparameters["nesterov"] == CategoricalDistribution((False, True))


def test_lemonade_has_convolutions_with_batch_norm_and_relu_and_learned_skips() -> None:
    """Elsken et al. 2019."""
    space = SearchSpace.lemonade(input_shape=(3, 32, 32), num_outputs=10)
    assert list(space.layers) == ["conv2d", "separable_conv2d"]
    assert space.merge.choices == ("concat", "convex", "scaled_sum")
    for genes in space.layers.values():
        assert genes["norm"] == CategoricalDistribution(("batch",))
        assert genes["activation"] == CategoricalDistribution(("relu",))
        varied = {name for name, distribution in genes.items() if not distribution.single()}
        assert varied == {"width", "kernel", "residual"}
    # From fewer parameters than LEMONADE's first networks (15 K) to more than its largest (13 M).
    assert space.smallest().num_params < 15_000
    layer = Node("0", "conv2d", genes=Genes(width=256, kernel=5))
    nodes = [Node(str(i), "A", (str(i - 1) if i else "in",)) for i in range(5)]
    module = [layer, *(replace(layer, id=str(i), inputs=(str(i - 1),)) for i in range(1, 4))]
    assert space.architecture(nodes, {"A": module}).num_params > 13_000_000


@pytest.mark.parametrize(("size", "pools"), [(1, 0), (2, 1), (3, 2), (32, 2)])
def test_lemonade_pools_as_often_as_it_can(size: int, pools: int) -> None:
    space = SearchSpace.lemonade(input_shape=(1, size, size), num_outputs=10)
    assert space.min_pooling == pools


@pytest.mark.parametrize(
    "space",
    [
        SearchSpace.wikidetox(input_shape=(16, 64), vocab_size=100),
        SearchSpace.chest_xray(input_shape=(1, 64, 64)),
        SearchSpace.lemonade(input_shape=(1, 64, 64), num_outputs=10),
    ],
    ids=["wikidetox", "chest_xray", "lemonade"],
)
def test_the_papers_networks_have_their_pools(space: SearchSpace) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        trial = study.ask()
        architecture = space.suggest(trial)
        assert space.encode(architecture) == trial.params
        size = architecture.operations[-1].input_shapes[0][-1]
        assert size <= 64 // 2**space.min_pooling
