"""Networks that are hard to draw."""

from __future__ import annotations

from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution

from optuna_codeepneat import SearchSpace
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Layer
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import register_layer


CONV1D = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
LEMONADE = SearchSpace.lemonade(
    input_shape=(3, 32, 32),
    num_outputs=10,
    n_module_slots=4,
    max_blueprint_nodes=20,
    max_module_nodes=8,
    max_inputs=3,
)

SPACES = {
    "conv1d": SearchSpace.conv1d(
        input_shape=(1, 40), num_outputs=10, max_blueprint_nodes=8, max_module_nodes=6
    ),
    "conv2d": SearchSpace.conv2d(input_shape=(1, 28, 28), num_outputs=10, max_inputs=3),
    "sequence": SearchSpace.sequence(
        input_shape=(16, 64), num_outputs=4, vocab_size=5000, max_blueprint_nodes=8
    ),
    "dense": SearchSpace.dense(input_shape=(20,), num_outputs=3, max_module_nodes=8),
    "cifar10": SearchSpace.cifar10(max_blueprint_nodes=6),
    "lemonade": LEMONADE,
    "wikidetox": SearchSpace.wikidetox(input_shape=(64, 128), vocab_size=20_000),
    "chest_xray": SearchSpace.chest_xray(
        input_shape=(1, 224, 224), max_blueprint_nodes=10, max_module_nodes=5
    ),
}
"""Every preset, some with larger networks than they have by default."""


def five_layers() -> Architecture:
    """Two modules with skips."""
    skip = Node("1", "conv1d", ["in", "0"], merge="sum")
    return CONV1D.architecture(
        blueprint=[Node("0", "A"), Node("1", "B", ["0"])],
        modules={
            "A": [Node("0", "conv1d", genes={"width": 12, "kernel": 5}), skip],
            "B": [
                Node("0", "separable_conv1d"),
                Node("1", "conv1d", ["0"]),
                Node("2", "conv1d", ["0", "1"], merge="concat"),
            ],
        },
    )


def many_layers() -> Architecture:
    """Some 50 layers: repeated modules, also in a row, branches and merges of all kinds."""
    modules = {
        "A": [
            Node("0", "conv2d", genes={"width": 32}),
            Node("1", "separable_conv2d", ["0"], genes={"width": 64}),
            Node("2", "conv2d", ["0"]),
            Node("3", "conv2d", ["1", "2"], merge="concat"),
        ],
        "B": [
            Node("0", "conv2d"),
            Node("1", "conv2d", ["0"]),
            Node("2", "conv2d", ["in", "1"], merge="scaled_sum"),
            Node("3", "separable_conv2d", ["2"]),
        ],
        "C": [
            Node("0", "conv2d", genes={"width": 128}),
            Node("1", "conv2d"),
            Node("2", "separable_conv2d", ["0", "1"], merge="convex"),
        ],
        "D": [Node("0", "separable_conv2d")],
    }
    slots = "AABACCCABBBDDACB"
    nodes = [
        Node(str(i), slot, [str(i - 1) if i else "in"], {"pool": i in (3, 8)})
        for i, slot in enumerate(slots)
    ]
    nodes[7] = Node("7", "A", ["4", "6"], merge="concat")
    nodes[12] = Node("12", "D", ["9", "11"], merge="concat")
    nodes[15] = Node("15", "B", ["7", "13"], merge="convex")
    return LEMONADE.architecture(Graph(tuple(nodes), merge="concat"), modules)


def shared_weights() -> Architecture:
    """The same module three times, with the same weights."""
    convolution = {"width": 16, "norm": "batch"}
    space = SearchSpace.conv2d(input_shape=(16, 32, 32), num_outputs=3, weight_sharing=True)
    return space.architecture(
        blueprint=[
            Node("0", "A"),
            Node("1", "A", ["0"]),
            Node("2", "A", ["in", "1"], merge="sum"),
        ],
        modules={"A": [Node("0", "conv2d", genes=convolution), Node("1", "conv2d", ["0"])]},
    )


def attention() -> Architecture:
    """Self-attention between convolutions that are scaled."""
    space = SearchSpace(
        layers=("conv1d", "self_attention", "squeeze_excitation"),
        input_shape=(8, 64),
        num_outputs=3,
    )
    scaled = Node("1", "squeeze_excitation", ["0"], {"reduction": 4})
    heads = {"width": 16, "heads": 4, "head_size": 8}
    return space.architecture(
        blueprint=[Node("0", "A"), Node("1", "B", ["0"])],
        modules={
            "A": [Node("0", "conv1d"), scaled],
            "B": [Node("0", "self_attention", genes=heads), Node("1", "conv1d", ["0"])],
        },
    )


LONG = "attention_over_channels_as_nobody_has_called_it_before"
register_layer(
    Layer(
        name=LONG,
        rank=2,
        genes={
            "gate": CategoricalDistribution(("<soft> & 'hard'", "none")),
            "number_of_attention_heads": IntDistribution(1, 9),
            "with_bias": CategoricalDistribution((True, False)),
            **{f"rate_of_{i}_th_stochastic_depth": FloatDistribution(0, 1) for i in range(12)},
        },
        output_shape=lambda shape, genes: shape,
        num_params=lambda shape, genes: 123_456_789,
        macs=lambda shape, genes: 5,
        build="no.such:module",
        defaults={"number_of_attention_heads": 4},
    )
)


def long_names() -> Architecture:
    """A layer of one's own with a long name and many genes."""
    space = SearchSpace.conv2d(input_shape=(3, 32, 32), num_outputs=2, layers={LONG: {}})
    genes = {"gate": "<soft> & 'hard'", "with_bias": True, "rate_of_1_th_stochastic_depth": 0.25}
    others = {"gate": "none", "with_bias": False, "number_of_attention_heads": 4}
    module = [Node("0", LONG, genes=genes), Node("1", LONG, genes=others)]
    return space.architecture(
        blueprint=[Node("0", "A"), Node("1", "A", ["0"])],
        modules={"A": Graph(tuple(module), merge="sum")},
    )


EXAMPLES = {
    "five layers": five_layers,
    "many layers": many_layers,
    "shared weights": shared_weights,
    "attention": attention,
    "long names": long_names,
}
