from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest
from hypothesis import given
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution
from optuna.samplers import NSGAIISampler
from optuna.samplers import RandomSampler
from optuna.samplers import TPESampler
from optuna.trial import FixedTrial

from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import graph_values_of
from optuna_codeepneat.search_space import is_architecture_parameter
from tests.search_space.spaces import PRESETS
from tests.search_space.spaces import spaces
from tests.search_space.spaces import spaces_and_architectures


optuna.logging.set_verbosity(optuna.logging.WARNING)

SAMPLERS = {
    "random": lambda: RandomSampler(seed=0),
    "TPE": lambda: TPESampler(seed=0, n_startup_trials=5, multivariate=True, group=True),
    "NSGA-II": lambda: NSGAIISampler(seed=0, population_size=5),
}


def space(**changes: Any) -> SearchSpace:
    arguments = {
        "layers": {"conv1d": {"width": IntDistribution(2, 8), "kernel": 3}, "identity": {}},
        "input_shape": (2, 16),
        "num_outputs": 3,
    }
    return SearchSpace(**{**arguments, **changes})


# -- parameters <-> architecture -------------------------------------------------------------


@given(drawn=spaces_and_architectures())
def test_encode_and_decode_are_inverse(drawn: Any) -> None:
    space, architecture = drawn
    params = space.encode(architecture)
    assert space.decode(params) == architecture
    assert space.encode(space.decode(params)) == params
    unused = {"blueprint.99.module": "A", "lr2": 0.1}
    assert space.decode({**params, **unused}) == architecture


@given(drawn=spaces_and_architectures())
def test_a_fixed_trial_suggests_what_was_encoded(drawn: Any) -> None:
    space, architecture = drawn
    params = space.encode(architecture)
    trial = FixedTrial(params)
    assert space.suggest(trial) == architecture
    assert trial.params == params


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_same_objective_runs_under_every_sampler(preset: str, sampler: str) -> None:
    space, suggested = PRESETS[preset], []

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = space.suggest(trial)
        lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        suggested.append(architecture)
        return architecture.num_params, lr

    study = optuna.create_study(sampler=SAMPLERS[sampler](), directions=["minimize", "maximize"])
    study.optimize(objective, n_trials=12)
    assert [space.decode(trial.params) for trial in study.trials] == suggested
    for trial, architecture in zip(study.trials, suggested, strict=True):
        assert trial.params == {**space.encode(architecture), "lr": trial.params["lr"]}


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_hand_written_network_can_be_enqueued(sampler: str) -> None:
    space = PRESETS["conv1d"]
    written = space.architecture(
        [Node("0", "A"), Node("1", "A", ("0",), Genes(pool=True))],
        {"A": [Node("0", "conv1d", genes=Genes(width=12, dilation=2))]},
    )
    study = optuna.create_study(sampler=SAMPLERS[sampler]())
    study.enqueue_trial(space.encode(written))
    assert space.suggest(study.ask()) == written


def test_names_of_parameters() -> None:
    architecture = space(hyperparameters={"lr": FloatDistribution(0.0, 1.0)}).architecture(
        Graph((Node("0", "A"), Node("1", "B")), "sum"),
        {
            "A": [Node("0", "identity"), Node("1", "conv1d", ("in", "0"), merge="concat")],
            "B": [Node("0", "identity")],
        },
        {"lr": 0.5},
    )
    names = set(space(hyperparameters={"lr": FloatDistribution(0.0, 1.0)}).encode(architecture))
    genes = ("width", "dilation", "stride", "norm", "activation", "initializer", "dropout")
    # `kernel` is fixed, and "0.inputs" can only be "in": they are no parameters.
    assert names == {
        *("blueprint.n_nodes", "blueprint.out.merge", "head.pool", "lr"),
        *("blueprint.0.module", "blueprint.0.pool"),
        *("blueprint.1.module", "blueprint.1.inputs", "blueprint.1.pool"),
        *("module.A.n_nodes", "module.A.0.layer"),
        *("module.A.1.layer", "module.A.1.inputs", "module.A.1.merge"),
        *(f"module.A.1.conv1d.{gene}" for gene in (*genes, "weight_decay", "residual")),
        *("module.B.n_nodes", "module.B.0.layer"),
    }


def test_inputs_are_written_readably() -> None:
    asked: dict[str, Any] = {}

    def choose(name: str, distribution: Any) -> Any:
        asked[name] = distribution
        return 3 if name.endswith("n_nodes") else getattr(distribution, "choices", [2])[0]

    space().walk(choose)
    assert asked["blueprint.1.inputs"].choices == ("in", "0", "in+0")
    assert asked["blueprint.2.inputs"].choices == ("in", "0", "1", "in+0", "in+1", "0+1")


def test_every_name_has_one_distribution() -> None:
    import random

    random_ = random.Random(0)
    known: dict[str, Any] = {}

    def choose(name: str, distribution: Any) -> Any:
        assert known.setdefault(name, distribution) == distribution
        if isinstance(distribution, CategoricalDistribution):
            return random_.choice(distribution.choices)
        if isinstance(distribution, IntDistribution):
            return random_.randrange(distribution.low, distribution.high + 1, distribution.step)
        return random_.uniform(distribution.low, distribution.high)

    for _ in range(50):
        PRESETS["sequence"].walk(choose)
    assert len(known) > 50


@given(drawn=spaces_and_architectures())
def test_the_parameters_of_a_space_are_those_that_its_networks_have(drawn: Any) -> None:
    space, architecture = drawn
    known, asked = space.architecture_parameters, {}

    def choose(name: str, distribution: Any) -> Any:
        asked[name] = distribution
        return params[name]

    params = space.encode(architecture)
    space.walk(choose)
    assert {n: known[n] for n in asked.keys() - space.hyperparameters} == {
        n: asked[n] for n in asked.keys() - space.hyperparameters
    }
    assert graph_values_of(architecture).keys() <= known.keys()
    assert all(map(is_architecture_parameter, known))


@pytest.mark.parametrize(
    "name",
    [
        *("lr", "module.lr", "module.A.lr", "blueprint.x", "head.pool2", "module.A.0.lstm.width"),
        *("module.D.n_nodes", "module.A.3.layer", "blueprint.4.module", "encoder.head.pool", ""),
    ],
)
def test_other_names_are_none_of_the_architecture(name: str) -> None:
    assert name not in space().architecture_parameters
    space(hyperparameters={name: FloatDistribution(0.0, 1.0)})


def test_a_space_over_vectors_has_no_global_pooling() -> None:
    assert "head.pool" not in PRESETS["dense"].architecture_parameters
    assert "head.pool" in PRESETS["conv1d"].architecture_parameters


# -- several spaces --------------------------------------------------------------------------


@given(drawn=spaces_and_architectures())
def test_a_prefix_stands_before_every_name(drawn: Any) -> None:
    space, architecture = drawn
    params = space.encode(architecture, prefix="encoder")
    assert params == {f"encoder.{n}": v for n, v in space.encode(architecture).items()}
    assert space.decode(params, prefix="encoder") == architecture
    trial = FixedTrial(params)
    assert space.suggest(trial, prefix="encoder") == architecture
    assert trial.params == params
    if params:  # a space may leave nothing to choose
        with pytest.raises(ValueError, match=r"parameter `decoder\.\S+` is missing"):
            space.decode({}, prefix="decoder")


def test_two_spaces_share_a_trial_by_their_prefixes() -> None:
    images, texts = PRESETS["conv2d"], PRESETS["text"]
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    trial = study.ask()
    one = images.suggest(trial, prefix="images")
    other, bare = texts.suggest(trial, prefix="texts"), texts.suggest(trial)
    assert images.decode(trial.params, prefix="images") == one
    assert texts.decode(trial.params, prefix="texts") == other
    assert texts.decode(trial.params) == bare


@pytest.mark.parametrize("prefix", [None, "encoder"])
@pytest.mark.parametrize("fixed", [False, True])
def test_two_spaces_of_the_same_names_are_refused(prefix: str | None, fixed: bool) -> None:
    params = space().encode(space().smallest(), prefix=prefix)
    trial = FixedTrial(params) if fixed else optuna.create_study().ask()
    first = space().suggest(trial, prefix=prefix)
    assert space().suggest(trial, prefix=prefix) == first  # an equal space is the same one
    with pytest.raises(ValueError, match=r"another search space .* `suggest\(trial, prefix="):
        space(num_outputs=4).suggest(trial, prefix=prefix)


def test_a_finished_trial_may_be_read_with_several_versions_of_a_space() -> None:
    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(lambda trial: space().suggest(trial).depth, n_trials=1)
    trial = study.trials[0]
    assert space().suggest(trial).num_outputs == 3
    assert space(num_outputs=4).suggest(trial).num_outputs == 4


@pytest.mark.parametrize("prefix", ["", "a.b", "module", "blueprint", "head", "a b", 3])
def test_a_prefix_must_be_a_name(prefix: Any) -> None:
    sentence = "`prefix` must be letters, digits and underscores"
    with pytest.raises(ValueError, match=sentence):
        space().suggest(optuna.create_study().ask(), prefix=prefix)
    with pytest.raises(ValueError, match=sentence):
        space().encode(space().smallest(), prefix=prefix)
    with pytest.raises(ValueError, match=sentence):
        space().decode({}, prefix=prefix)


# -- values ----------------------------------------------------------------------------------


def test_numbers_take_the_type_of_their_range() -> None:
    tuned = space(layers={"conv1d": {"kernel": 3}})
    params = tuned.encode(tuned.smallest())
    width = "module.A.0.conv1d.width"
    decoded = tuned.decode({**params, width: 9.0, "module.A.0.conv1d.dropout": 0})
    genes = decoded.modules["A"].nodes[0].genes
    assert (genes["width"], type(genes["width"])) == (9, int)
    assert (genes["dropout"], type(genes["dropout"])) == (0.0, float)


@given(drawn=spaces_and_architectures())
def test_rows_of_a_table_are_decoded(drawn: Any) -> None:
    space, architecture = drawn
    params = space.encode(architecture)
    is_number = {name: not isinstance(value, str) for name, value in params.items()}
    # A column of numbers with gaps has floats, one of True and False objects.
    floats = {name: float(v) if is_number[name] else v for name, v in params.items()}
    numpys = {name: np.array(value)[()] for name, value in floats.items()}
    texts = {name: str(value) for name, value in params.items()}
    texts_of_floats = {name: str(value) for name, value in floats.items()}
    for row in (floats, numpys, texts, texts_of_floats):
        decoded = space.decode(row)
        assert decoded == architecture
        assert space.encode(decoded) == params
        assert [type(v) for v in space.encode(decoded).values()] == [
            type(v) for v in params.values()
        ]


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_choices_of_a_table_are_the_spaces_own() -> None:
    choices = (1, 2.5, "two", True, None, (0.9, 0.99), "3")
    spaces_own = space(hyperparameters={"x": CategoricalDistribution(choices)})
    params = spaces_own.encode(spaces_own.smallest())
    for cell, meant in (
        ("1", 1),
        ("1.0", 1),
        (1.0, 1),
        ("2.50", 2.5),
        ("two", "two"),
        ("True", True),
        ("None", None),
        ([0.9, 0.99], (0.9, 0.99)),
        ("(0.9, 0.99)", (0.9, 0.99)),
        ("3", "3"),
    ):
        decoded = spaces_own.decode({**params, "x": cell}).hyperparameters["x"]
        assert (decoded, type(decoded)) == (meant, type(meant))
    for cell in (3, 7, "four", math.nan, [0.9]):
        with pytest.raises(ValueError, match="`x`=.* is outside of the search space"):
            spaces_own.decode({**params, "x": cell})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("blueprint.n_nodes", 5),
        ("blueprint.n_nodes", 0),
        ("blueprint.n_nodes", "7"),
        ("blueprint.n_nodes", "two"),
        ("blueprint.n_nodes", None),
        ("blueprint.0.module", "Z"),
        ("blueprint.0.pool", 2),
        ("blueprint.0.pool", "true"),
        ("module.A.0.layer", "lstm"),
        ("module.A.0.conv1d.width", 99),
        ("module.A.0.conv1d.width", 2.5),
        ("module.A.0.conv1d.width", True),
        ("module.A.0.conv1d.dropout", float("nan")),
        ("module.A.0.conv1d.dropout", float("inf")),
        ("module.A.0.conv1d.dropout", "0.9"),
        ("module.A.0.conv1d.dropout", "nan"),
        ("head.pool", "median"),
    ],
)
def test_a_value_outside_of_the_space_is_named(name: str, value: Any) -> None:
    node = Node("0", "conv1d", genes=Genes(width=4))
    params = space().encode(space().architecture([Node("0", "A")], {"A": [node]}))
    assert name in params
    with pytest.raises(ValueError, match=f"`{name}`={value!r} is outside of the search space"):
        space().decode({**params, name: value})


def test_a_missing_parameter_is_named() -> None:
    params = space().encode(space().smallest())
    del params["head.pool"]
    with pytest.raises(ValueError, match="parameter `head.pool` is missing"):
        space().decode(params)


def written(**changes: Any) -> Architecture:
    node = Node("0", "conv1d", genes=Genes(width=4))
    return replace(space().architecture([Node("0", "A")], {"A": [node]}), **changes)


@pytest.mark.parametrize(
    ("other", "architecture", "message"),
    [
        (space(input_shape=(2, 17)), written, "made for another search space: its input shape"),
        (space(num_outputs=4), written, "made for another search space"),
        (space(min_pooling=1), written, "made for another search space"),
        (space(vocab_size=9), written, "made for another search space"),
        (
            space(layers={"conv1d": {"kernel": 5, "width": IntDistribution(2, 8)}}),
            written,
            "`module.A.0.conv1d.kernel` is 3 in the architecture, but fixed at 5",
        ),
        (
            space(layers={"conv1d": {"kernel": 3, "width": IntDistribution(8, 9)}}),
            written,
            "`module.A.0.conv1d.width`=4 is outside of the search space",
        ),
        (space(layers=["identity", "lstm"]), written, "`module.A.0.layer`='conv1d' is outside"),
        (
            space(hyperparameters={"lr": FloatDistribution(0.0, 1.0)}),
            written,
            "the architecture has no value for `lr`",
        ),
        (space(max_params=50), written, "the network has 56 parameters, over `max_params`=50"),
        (space(max_macs=300), written, "multiply-adds, over `max_macs`=300"),
        (
            space(max_blueprint_nodes=1),
            lambda: space().architecture(
                [Node("0", "A"), Node("1", "A", ("0",))], {"A": [Node("0", "identity")]}
            ),
            "`blueprint.n_nodes` is 2 in the architecture, but fixed at 1",
        ),
        (
            space(max_blueprint_nodes=2),
            lambda: space().architecture(
                [Node(str(i), "A", (str(i - 1),) if i else ("in",)) for i in range(3)],
                {"A": [Node("0", "identity")]},
            ),
            "`blueprint.n_nodes`=3 is outside of the search space",
        ),
        (
            space(n_module_slots=2),
            lambda: space().architecture([Node("0", "C")], {"C": [Node("0", "identity")]}),
            "`blueprint.0.module`='C' is outside of the search space",
        ),
        (
            space(max_inputs=2),
            lambda: space().architecture(
                [
                    Node("0", "A"),
                    Node("1", "A", ("0",)),
                    Node("2", "A", ("in", "0", "1"), merge="sum"),
                ],
                {"A": [Node("0", "identity")]},
            ),
            "`blueprint.2.inputs`='in.0.1' is outside of the search space",
        ),
    ],
)
def test_what_is_not_in_the_space_is_not_encoded(
    other: SearchSpace, architecture: Callable[[], Architecture], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        other.encode(architecture())


# -- hand-written networks -------------------------------------------------------------------


def test_genes_that_are_left_out_take_a_value_in_the_space() -> None:
    layers = {"conv1d": {"width": IntDistribution(32, 64), "kernel": 5}}
    architecture = space(layers=layers).architecture(
        [Node("0", "A")], {"A": [Node("0", "conv1d", genes=Genes(stride=2))]}
    )
    genes = architecture.modules["A"].nodes[0].genes
    assert genes["stride"] == 2  # given
    assert genes["kernel"] == 5  # fixed by the space
    assert genes["width"] == 32  # the nearest to the layer's default
    assert genes["activation"] == "relu"  # the layer's default
    assert architecture.blueprint.nodes[0].genes == {"pool": False}
    assert architecture.blueprint.genes == {"head.pool": "mean"}


def test_what_is_written_by_hand_must_be_in_the_space() -> None:
    a = Node("0", "A")
    node = Node("0", "conv1d", genes=Genes(width=4))
    wide = Node("0", "conv1d", genes=Genes(width=9999))
    longest = [Node(str(i), "A", (str(i - 1) if i else "in",)) for i in range(5)]
    three = Node("2", "conv1d", ("in", "0", "1"), Genes(width=4), "sum")
    reading = [node, replace(node, id="1", inputs=("0",)), three]
    kernel = [replace(node, genes=Genes(width=4, kernel=5))]
    tuned = space(hyperparameters={"lr": FloatDistribution(0.0, 1.0)})
    for one, blueprint, modules, hyperparameters, sentence in (
        (space(), [Node("0", "Z")], {"Z": [node]}, {}, "slot 'Z' is not .* A, B, C"),
        (space(), [a], {"A": [node], "Z": [node]}, {}, "slot 'Z' is not .* A, B, C"),
        (space(), [a], {"A": [wide]}, {}, r"`module.A.0.conv1d.width`=9999 is outside .*high=8"),
        (space(), longest, {"A": [node]}, {}, r"`blueprint.n_nodes`=5 is outside .*high=4"),
        (space(), [a], {"A": reading}, {}, r"`module.A.2.inputs`='in\+0\+1' is outside"),
        (space(), [a], {"A": kernel}, {}, r"`module.A.0.conv1d.kernel` is 5 .* fixed at 3"),
        (space(), [a], {"A": [node]}, {"lr": 0.1}, "`lr` is no hyperparameter"),
        (tuned, [a], {"A": [node]}, {"lr": 2.0}, "`lr`=2.0 is outside .*high=1.0"),
        (space(max_params=9), [a], {"A": [node]}, {}, "over `max_params`=9"),
    ):
        with pytest.raises(ValueError, match=rf"{sentence}.* Pass `strict=False` to have it"):
            one.architecture(blueprint, modules, hyperparameters)
        free = one.architecture(blueprint, modules, hyperparameters, strict=False)
        assert free.num_params > 0
    assert dict(tuned.architecture([a], {"A": [node]}).hyperparameters) == {}


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_hyperparameters_are_what_a_space_can_be_described_with() -> None:
    sentence = (
        r"choices of `hyperparameters\['x'\]` must be numbers, text, .* got <class 'object'>"
    )
    with pytest.raises(ValueError, match=sentence):
        space(hyperparameters={"x": CategoricalDistribution((1, object))})


@pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")
def test_integers_are_integers() -> None:
    ours = space(
        layers={"conv1d": {"width": CategoricalDistribution((8, 16)), "kernel": 3}},
        max_params=10_000,
        weight_sharing=True,
    )
    numpys = space(
        layers={
            "conv1d": {
                "width": CategoricalDistribution((np.int64(8), np.uint8(16))),
                "kernel": np.int32(3),
            }
        },
        input_shape=np.array((2, 16)),
        num_outputs=np.int64(3),
        n_module_slots=np.int8(3),
        max_module_nodes=np.array(3),
        max_blueprint_nodes=np.int64(4),
        max_inputs=np.uint16(2),
        min_pooling=np.int64(0),
        max_params=np.int64(10_000),
        weight_sharing=np.True_,
    )
    assert numpys.fingerprint == ours.fingerprint
    genes = {"width": np.int64(16), "dropout": np.float32(0.25), "residual": np.True_}
    written = numpys.architecture([Node("0", "A")], {"A": [Node("0", "conv1d", genes=genes)]})
    plain = {"width": 16, "dropout": 0.25, "residual": True}
    assert written == ours.architecture(
        [Node("0", "A")], {"A": [Node("0", "conv1d", genes=plain)]}
    )
    assert Architecture.from_json(json.loads(json.dumps(written.to_json()))) == written
    for value in (np.float64(3.0), np.True_, "3"):
        with pytest.raises(ValueError, match="`num_outputs` must be a whole number from 1"):
            space(num_outputs=value)


def test_unknown_genes_and_layers_are_named() -> None:
    with pytest.raises(ValueError, match=r"unknown gene.s. \['wdth'\]; known are .*'width'"):
        space().architecture([Node("0", "A")], {"A": [Node("0", "conv1d", genes={"wdth": 1})]})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="layer 'gru' is not in the search space, which has conv"):
        space().architecture([Node("0", "A")], {"A": [Node("0", "gru")]})


# -- caps ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cap", ["max_params", "max_macs"])
def test_networks_over_a_cap_are_pruned(cap: str) -> None:
    size = "num_params" if cap == "max_params" else "macs"
    capped = space(**{cap: 600})
    sizes = []

    def objective(trial: optuna.Trial) -> float:
        sizes.append(getattr(capped.suggest(trial), size))
        return 0.0

    study = optuna.create_study(sampler=RandomSampler(seed=0))
    study.optimize(objective, n_trials=40)
    states = [trial.state.name for trial in study.trials]
    assert states.count("COMPLETE") == len(sizes) > 0
    assert states.count("PRUNED") > 0
    assert max(sizes) <= 600
    pruned = next(trial for trial in study.trials if trial.state.name == "PRUNED")
    assert space().decode(pruned.params)  # all its parameters are stored
    excess = capped.excess(space().decode(pruned.params))
    assert excess is not None
    assert f"over `{cap}`=600." in excess


DENSE = SearchSpace.dense(input_shape=(4,), num_outputs=2).to_json()


@given(spaces())
def test_a_space_comes_back_from_its_description(one: Any) -> None:
    again = SearchSpace.from_json(json.loads(json.dumps(one.to_json())))

    assert again.fingerprint == one.fingerprint
    smallest = one.smallest()
    assert again.decode(one.encode(smallest)) == smallest


@pytest.mark.parametrize(
    "value",
    [
        {},
        {**DENSE, "layers": [["no_such", {}]]},
        {**DENSE, "layers": [["dense", {}]], "num_outputs": None},
        {**DENSE, "layers": 5},
        {**DENSE, "newer": 5},
    ],
)
def test_a_description_of_something_else_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="layer|num_outputs|describes no search space"):
        SearchSpace.from_json(value)


@given(one=spaces(), other=spaces())
def test_equal_spaces_have_equal_fingerprints(one: Any, other: Any) -> None:
    assert (one.fingerprint == other.fingerprint) == (one.to_json() == other.to_json())


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": {"conv1d": {"width": IntDistribution(2, 9), "kernel": 3}, "identity": {}}},
        {"layers": {"conv1d": {"width": IntDistribution(2, 8), "kernel": 3}}},
        {"input_shape": (2, 17)},
        {"num_outputs": 4},
        {"vocab_size": 9},
        {"vocab_size": 9, "padding_index": 0},
        {"n_module_slots": 2},
        {"max_module_nodes": 2},
        {"max_blueprint_nodes": 5},
        {"max_inputs": 3},
        {"merges": ["sum"]},
        {"global_pools": ["max"]},
        {"min_pooling": 1},
        {"weight_sharing": True},
        {"max_params": 10_000},
        {"max_macs": 10_000},
        {"hyperparameters": {"lr": FloatDistribution(0.0, 1.0)}},
    ],
)
def test_every_argument_is_part_of_the_fingerprint(changes: dict[str, Any]) -> None:
    assert space(**changes).fingerprint != space().fingerprint
    assert space(**changes).fingerprint == space(**changes).fingerprint


# -- arguments -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": {}}, "`layers` must name at least one layer"),
        ({"layers": []}, "`layers` must name at least one layer"),
        ({"layers": "conv1d"}, "`layers` must name at least one layer, got 'conv1d'"),
        ({"layers": 5}, "`layers` must name at least one layer, got 5"),
        ({"layers": None}, "`layers` must name at least one layer, got None"),
        ({"layers": ["conv3d"]}, "unknown layer 'conv3d'; known layers are"),
        ({"layers": [5]}, "unknown layer 5; known layers are"),
        ({"layers": ["conv2d"]}, "'conv2d' takes images, the input is one of sequences"),
        ({"layers": ["dense"]}, "'dense' takes vectors, the input is one of sequences"),
        ({"layers": {"conv1d": {"size": 3}}}, "layer 'conv1d' has no gene 'size'; it has width,"),
        ({"layers": {"conv1d": None}}, "genes of layer 'conv1d' must be a mapping, got None"),
        ({"layers": {"conv1d": {"kernel": 4}}}, "`kernel` of layer `conv1d` must be odd numbers"),
        (
            {"layers": {"conv1d": {"kernel": IntDistribution(2, 6)}}},
            "`kernel` of layer `conv1d` must be odd numbers",
        ),
        (
            {"layers": {"conv1d": {"kernel": [3, 5]}}},
            r"`kernel` of layer `conv1d` must be an Optuna distribution or a plain value, got \[3",
        ),
        ({"layers": {"conv1d": {"width": 0}}}, "`width` of layer `conv1d` must be whole numbers"),
        ({"layers": {"conv1d": {"dropout": 1.0}}}, "`dropout` of layer `conv1d` must be rates"),
        ({"layers": {"lstm": {"bidirectional": "yes"}}}, "`bidirectional` of layer `lstm` must"),
        ({"layers": {"conv1d": {"activation": "swish"}}}, "`activation` of layer `conv1d` must"),
        ({"input_shape": ()}, "`input_shape` must be"),
        ({"input_shape": (0, 16)}, "`input_shape` must be"),
        ({"input_shape": 16}, "`input_shape` must be .*, got 16"),
        ({"input_shape": (1, 2, 3, 4)}, "`input_shape` must be"),
        ({"num_outputs": 0}, "`num_outputs` must be a whole number from 1, got 0"),
        ({"num_outputs": 2.5}, "`num_outputs` must be a whole number from 1, got 2.5"),
        ({"num_outputs": True}, "`num_outputs` must be a whole number from 1, got True"),
        ({"num_outputs": None}, "`num_outputs` must be a whole number from 1, got None"),
        ({"vocab_size": 0}, "`vocab_size` must be a whole number from 1 or None, got 0"),
        (
            {"vocab_size": 9, "input_shape": (3, 8, 8), "layers": ["conv2d"]},
            "`vocab_size` needs `input_shape` .embedding channels, length., got .3, 8, 8.",
        ),
        ({"padding_index": 0}, "below `vocab_size`=None, got 0"),
        ({"vocab_size": 9, "padding_index": 9}, "must be a token, .* below `vocab_size`=9, got 9"),
        ({"vocab_size": 9, "padding_index": -1}, "`padding_index` must be a whole number from 0"),
        ({"n_module_slots": 0}, "`n_module_slots` must be a whole number from 1 to 26, got 0"),
        ({"n_module_slots": 27}, "`n_module_slots` must be a whole number from 1 to 26, got 27"),
        ({"max_module_nodes": 0}, "`max_module_nodes` must be a whole number from 1"),
        ({"max_blueprint_nodes": -1}, "`max_blueprint_nodes` must be a whole number from 1"),
        ({"max_inputs": 0}, "`max_inputs` must be a whole number from 1"),
        (
            {"merges": []},
            "`merges` must be some of .'sum', 'concat', 'scaled_sum', 'convex'., got",
        ),
        ({"weight_sharing": 1}, "`weight_sharing` must be True or False, got 1"),
        ({"merges": "sum"}, "`merges` must be some of"),
        ({"merges": None}, "`merges` must be some of"),
        ({"merges": ["sum", "product"]}, "`merges` must be some of"),
        ({"merges": ["sum", "sum"]}, "`merges` must be some of"),
        ({"global_pools": ["median"]}, "`global_pools` must be some of .'mean', 'max'"),
        ({"min_pooling": -1}, "`min_pooling` must be a whole number from 0, got -1"),
        (
            {"min_pooling": 5},
            "`min_pooling`=5 contradicts `input_shape`=.2, 16.: its sizes can be halved 4 times",
        ),
        (
            {"min_pooling": 1, "input_shape": (4,), "layers": ["dense"]},
            "`min_pooling`=1 contradicts `input_shape`=.4,.: its sizes can be halved 0 times",
        ),
        ({"max_params": 0}, "`max_params` must be a whole number from 1 or None, got 0"),
        ({"max_params": 1e5}, "`max_params` must be a whole number from 1 or None, got 100000.0"),
        ({"max_macs": "many"}, "`max_macs` must be a whole number from 1 or None, got 'many'"),
        ({"hyperparameters": ["lr"]}, "`hyperparameters` must be a mapping"),
        ({"hyperparameters": {"lr": 0.1}}, "`hyperparameters.'lr'.` must be an Optuna distr"),
        (
            {"hyperparameters": {"head.pool": IntDistribution(0, 1)}},
            "must not hold the reserved name 'head.pool'",
        ),
        (
            {"max_inputs": 20, "max_module_nodes": 20},
            "`max_inputs` must be at most 3 with `max_module_nodes`=20, got 20: .* 65,535 bytes",
        ),
        (
            {"max_inputs": 2, "max_blueprint_nodes": 120},
            "`max_inputs` must be at most 1 with `max_blueprint_nodes`=120, got 2",
        ),
        (
            {"hyperparameters": {"module.A.n_nodes": IntDistribution(0, 1)}},
            "must not hold the reserved name 'module.A.n_nodes'",
        ),
        (
            {"hyperparameters": {"module.A.0.conv1d.kernel": IntDistribution(0, 1)}},  # fixed
            "must not hold the reserved name 'module.A.0.conv1d.kernel'",
        ),
    ],
)
def test_impossible_arguments_are_refused_in_one_sentence(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        space(**changes)


def test_the_most_that_min_pooling_can_be() -> None:
    assert space(min_pooling=4).smallest().operations[-1].input_shapes == ((2, 1),)
    assert space(min_pooling=5, input_shape=(2, 17)).smallest()
