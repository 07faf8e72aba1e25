"""A network as a table: readable at 80 columns, without what does nothing."""

from __future__ import annotations

import pytest

from optuna_codeepneat.cli._terminal._network import network_table
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace


SPACE = SearchSpace(
    layers=["conv1d", "separable_conv1d", "gru"], input_shape=(1, 40), num_outputs=10
)


@pytest.fixture
def architecture() -> Architecture:
    conv = {"width": 12, "kernel": 5, "dilation": 1, "stride": 1, "dropout": 0.0, "residual": True}
    wide = {"width": 24, "dilation": 4, "stride": 2, "norm": "none", "dropout": 0.125}
    return SPACE.architecture(
        blueprint=[Node("0", "A"), Node("1", "B", inputs=["0"])],
        modules={
            "A": [Node("0", "conv1d", genes=conv)],
            "B": [
                Node("0", "separable_conv1d", genes=wide),
                Node("1", "gru", inputs=["0"], genes={"bidirectional": False}),
            ],
        },
    )


def test_genes_that_do_nothing_are_left_out(architecture: Architecture) -> None:
    lines = network_table(architecture, None).splitlines()
    genes = {line.split()[0]: line for line in lines}
    assert genes["0.0"].endswith(
        "width=12 kernel=5 norm=batch activation=relu initializer=he weight_decay=1e-06 residual"
    )
    assert "dilation" not in genes["0.0"]
    assert genes["1.0"].split("  ")[-1] == (
        "width=24 kernel=3 dilation=4 stride=2 activation=relu initializer=he dropout=0.125 "
        "weight_decay=1e-06 residual"
    )
    assert genes["1.1"].endswith("  width=16 weight_decay=1e-06")
    assert lines[-1] == (
        f"{architecture.num_params:,} parameters, {architecture.macs:,} multiply-adds, "
        f"depth {architecture.depth}"
    )


@pytest.mark.parametrize("width", [80, 100])
def test_no_line_is_too_wide_and_no_word_broken(architecture: Architecture, width: int) -> None:
    wide, narrow = (network_table(architecture, w) for w in (None, width))
    assert max(map(len, narrow.splitlines())) <= width
    assert sorted(narrow.split()) == sorted(word for word in wide.split() if word != "genes")


def test_sizes_are_left_out_where_there_is_no_room(architecture: Architecture) -> None:
    lines = network_table(architecture, 54).splitlines()
    assert max(map(len, lines)) <= 54
    assert lines[0].split() == ["operation", "layer", "reads", "shape", "parameters"]
    assert lines[-1].split() == network_table(architecture, None).splitlines()[-1].split()
