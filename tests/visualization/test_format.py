from __future__ import annotations

import optuna
import pytest
from hypothesis import given

from optuna_codeepneat import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.testing import architectures
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._format import hover
from optuna_codeepneat.visualization._format import layers_in_words
from optuna_codeepneat.visualization._format import network_in_words
from optuna_codeepneat.visualization._trials import StudyTrials
from tests.visualization.studies import SPACE


PLAIN = {"width": 12, "kernel": 5, "dilation": 2, "residual": False}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("accuracy", 0.9512, "95.1 %"),
        ("validation accuracy", 1.0, "100.0 %"),
        ("accuracy", 0.9997, "99.97 %"),
        ("accuracy", 0.99996, "99.996 %"),
        ("accuracy", 0.999, "99.9 %"),
        ("accuracy", 95.12, "95.12"),
        ("num_params", 12345.0, "12,345"),
        ("latency", 0.00125, "1.25 ms"),
        ("latency", 2.0, "2,000.00 ms"),
        ("loss", 0.123456, "0.1235"),
        ("loss", float("inf"), "inf"),
        ("loss", 1e300, "1e+300"),
    ],
)
def test_values_are_read_as_people_read_them(name: str, value: float, words: str) -> None:
    assert format_metric(name, value) == words


def test_a_network_in_words() -> None:
    architecture = SPACE.architecture(
        blueprint=[
            Node("0", "A", genes={"pool": True}),
            Node("1", "B", inputs=["0"]),
            Node("2", "A", inputs=["0", "1"], merge="sum"),
        ],
        modules={
            "A": [Node("0", "conv1d", genes=PLAIN)],
            "B": [
                Node("0", "separable_conv1d", genes={"width": 16, "kernel": 3, "residual": True}),
                Node("1", "conv1d", inputs=["0"], genes=PLAIN | {"dilation": 1}),
            ],
        },
    )
    blueprint, a, b = network_in_words(SPACE.encode(architecture))
    assert blueprint == "blueprint: A↓ → B, A (of 0+1)"
    assert a == "A: conv1d 12 k5 d2"
    assert b == "B: separable_conv1d 16 k3+ → conv1d 12 k5"
    words = "4 layers: 3 conv1d, 1 separable_conv1d; 3 modules, 1 pooling"
    assert layers_in_words(SPACE.encode(architecture)) == words


def test_attention_and_excitation_in_words() -> None:
    space = SearchSpace(
        layers=("self_attention", "squeeze_excitation"), input_shape=(3, 9), num_outputs=2
    )
    layers = [
        Node("0", "self_attention", genes={"width": 16, "heads": 4, "residual": True}),
        Node("1", "squeeze_excitation", inputs=["0"], genes={"reduction": 4}),
    ]
    architecture = space.architecture([Node("0", "A")], {"A": layers})
    assert network_in_words(space.encode(architecture)) == [
        "blueprint: A",
        "A: self_attention 16 h4+ → squeeze_excitation r4",
    ]


def test_parameters_that_describe_no_network_have_no_words() -> None:
    assert network_in_words({}) == []
    assert network_in_words({"learning_rate": 0.1, "module": 3}) == []
    assert layers_in_words({}) == ""


@given(architecture=architectures(SPACE))
def test_every_module_and_layer_is_in_the_words(architecture: Architecture) -> None:
    params = SPACE.encode(architecture)
    blueprint, *modules = network_in_words(params)
    slots = {v for n, v in params.items() if n.startswith("blueprint.") and n.endswith(".module")}
    assert {line.partition(":")[0] for line in modules} == slots
    for slot, line in zip(sorted(slots), modules, strict=True):
        kinds = [v for n, v in params.items() if n.startswith(f"module.{slot}.") and "layer" in n]
        assert sorted(w for w in line.split() if w in ("conv1d", "separable_conv1d")) == sorted(
            kind for kind in kinds if kind in ("conv1d", "separable_conv1d")
        )


def test_hovering_tells_values_and_the_network(evolved: optuna.Study) -> None:
    chronicle = StudyTrials(evolved)
    text = hover(evolved.trials[25], chronicle.objectives)
    assert text.startswith("<b>trial 25</b>, generation 2<br>accuracy ")
    assert "<br>blueprint: " in text
    assert all(len(line) <= 100 for line in text.split("<br>"))


def test_hovering_over_a_name_with_markup_shows_it() -> None:
    study = optuna.create_study()
    study.set_metric_names(["<b>x</b>"])
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    text = hover(study.trials[0], StudyTrials(study).objectives)
    assert "&lt;b&gt;x&lt;/b&gt;" in text
