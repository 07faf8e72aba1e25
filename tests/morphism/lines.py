"""Networks of one line and their trials, for tests of what passes from one to the next."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch
from optuna.artifacts import FileSystemArtifactStore

from optuna_codeepneat import _optuna
from optuna_codeepneat import build_network
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.morphism import InheritanceReport
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler._generations import _records
from optuna_codeepneat.sampler._generations._records import ASSIGNMENT
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.sampler._genetics import Origin
from optuna_codeepneat.sampler._genetics import TrialNumber
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Graph
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space._genes import Genes
from tests.sampler.genomes import assigned_text


SPACE = SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2)


def genome(*nodes: str, width: int = 16, norm: str = "batch") -> NetworkGenome:
    """A blueprint of one node with a chain of convolutions that have these innovation ids."""
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
    return NetworkGenome(blueprint, {"A": Graph(chain)})


def begin(
    study: optuna.Study,
    network: NetworkGenome,
    donor: int | None = None,
    inheritance: str = "exact",
) -> tuple[optuna.Trial, Network]:
    """A running trial that was assigned a network, and the network, not marked yet."""
    trial = study.ask()
    origin: Origin[TrialNumber] = Origin()
    if donor is not None:
        origin = Origin(donor=TrialNumber(donor), inheritance=inheritance)
    set_text(trial, ASSIGNMENT, assigned_text(network, None, number=trial.number, origin=origin))
    positional = Architecture.from_json(network.architecture(SPACE).to_json())
    return trial, build_network(positional)


def set_text(trial: optuna.Trial, key: str, text: str) -> None:
    _records.set_text(trial.study, _optuna.frozen(trial), key, text)


def text(trial: optuna.Trial, key: str) -> str | None:
    return _optuna.frozen(trial).system_attrs.get(key)


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


def trained(network: Network, value: float = 0.25) -> Network:
    """Every number is changed, statistics included."""
    with torch.no_grad():
        for tensor in network.state_dict().values():
            tensor.add_(1 if not tensor.is_floating_point() else value)
    return network


def saved(study: optuna.Study, store: Any, *, steps: int = 100) -> tuple[int, Network]:
    """A finished trial that saved its weights."""
    trial, network = begin(study, genome("x", "y"))
    checkpoints = Checkpoints(store)
    checkpoints.inherit(trial, network)
    checkpoints.save(trial, trained(network), steps=steps)
    study.tell(trial, 1.0)
    return trial.number, network


def same(a: Network, b: Network) -> bool:
    first, second = weights_of(a), weights_of(b)
    return first.keys() == second.keys() and all(torch.equal(first[k], second[k]) for k in first)


def said(study: optuna.Study, number: int) -> SavedWeights:
    return SavedWeights.unpack(study.trials[number].system_attrs[WEIGHTS], number)


def file_of(study: optuna.Study, store: FileSystemArtifactStore, number: int) -> Path:
    return store._get_filepath(said(study, number).artifact)


def starts_afresh(
    study: optuna.Study, store: Any, donor: int, warnings: pytest.LogCaptureFixture, reason: str
) -> None:
    """The heir of a trial is not touched, and one warning says why."""
    trial, network = begin(study, genome("x", "y"), donor)
    before = weights_of(network).values()
    warnings.clear()
    assert Checkpoints(store).inherit(trial, network) == InheritanceReport()
    assert all(map(torch.equal, before, weights_of(network).values()))
    [message] = [r.getMessage() for r in warnings.records if r.levelno == logging.WARNING]
    assert message.startswith(f"The network of trial {trial.number} ")
    assert f"trial {donor}: " in message
    assert reason in message
    assert "\n" not in message
