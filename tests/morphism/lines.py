"""Networks of one line and their trials, for tests of what passes from one to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import optuna
from optuna.artifacts import FileSystemArtifactStore

from optuna_codeepneat import build_network
from optuna_codeepneat.network import Network
from optuna_codeepneat.sampler import _assembly
from optuna_codeepneat.sampler import _storage
from optuna_codeepneat.sampler._records import ASSIGNMENT
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space._graph import Genes
from tests.sampler.genomes import assigned_text


SPACE = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2)


def genome(*nodes: str, width: int = 16, norm: str = "batch") -> _assembly.Network:
    """A blueprint of one node with a chain of convolutions that have these markings."""
    chain = tuple(
        Node(
            id,
            "conv1d",
            inputs=(nodes[i - 1],) if i else ("in",),
            genes=Genes(SPACE.smallest().modules["A"].nodes[0].genes | {"width": width}),
        )
        for i, id in enumerate(nodes)
    )
    smallest = SPACE.smallest().blueprint
    blueprint = Graph((replace(smallest.nodes[0], id="b"),), smallest.merge, smallest.genes)
    return _assembly.Network(blueprint, {"A": Graph(chain)})


def begin(
    study: optuna.Study,
    network: _assembly.Network,
    donor: int | None = None,
    inheritance: str = "exact",
) -> tuple[optuna.Trial, Network]:
    """A running trial that was assigned a network, and the network, not marked yet."""
    trial = study.ask()
    mode = None if donor is None else inheritance
    network = replace(network, donor=donor, inheritance=mode)
    set_text(trial, ASSIGNMENT, assigned_text(network, None))
    positional = Architecture.from_json(network.architecture(SPACE).to_json())
    return trial, build_network(positional)


def set_text(trial: optuna.Trial, key: str, text: str) -> None:
    _storage.set_text(trial.study, _storage.frozen(trial), key, text)


def text(trial: optuna.Trial, key: str) -> str | None:
    return _storage.frozen(trial).system_attrs.get(key)


class Flaky(FileSystemArtifactStore):
    """A folder whose disk can be full and whose server can be away."""

    full = False
    away = False

    def write(self, artifact_id: str, content_body: Any) -> None:
        if self.full:
            with open(self._get_filepath(artifact_id), "wb") as file:
                file.write(content_body.read(100))
            raise OSError(28, "No space left on device")
        super().write(artifact_id, content_body)

    def open_reader(self, artifact_id: str) -> Any:
        if self.away:
            raise ConnectionError("connection refused")
        return super().open_reader(artifact_id)
