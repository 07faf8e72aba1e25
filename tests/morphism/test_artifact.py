"""The file that a network's weights are kept in."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.morphism import inherit
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.morphism._artifact import Checkpoint
from optuna_codeepneat.morphism._artifact import UnusableWeightsError
from optuna_codeepneat.testing import random_architecture
from tests import make_assets
from tests.make_assets import ASSETS
from tests.make_assets import CHECKPOINT
from tests.morphism.lines import SPACE
from tests.morphism.lines import genome


SPACES = {
    "conv1d": SPACE,
    "sequence": SearchSpace.sequence(input_shape=(4, 12), num_outputs=3),
    "shared": SearchSpace.conv1d(input_shape=(1, 12), num_outputs=2, weight_sharing=True),
}


def checkpoint(space: SearchSpace, seed: int, dtype: torch.dtype = torch.float32) -> Checkpoint:
    architecture = random_architecture(space, seed)
    network = build_network(architecture).to(dtype)
    return Checkpoint(architecture, weights_of(network), seed)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES.keys())
@given(seed=st.integers(0, 999), dtype=st.sampled_from([torch.float32, torch.bfloat16]))
def test_writing_and_reading_are_inverse(
    space: SearchSpace, seed: int, dtype: torch.dtype
) -> None:
    written = checkpoint(space, seed, dtype)
    read = Checkpoint.from_bytes(written.to_bytes())
    assert read.architecture == written.architecture
    assert read.architecture.innovation_ids == written.architecture.innovation_ids
    assert read.line_steps == written.line_steps
    assert read.weights.keys() == written.weights.keys()
    assert all(torch.equal(read.weights[name], written.weights[name]) for name in read.weights)
    assert all(
        tensor.dtype == written.weights[name].dtype for name, tensor in read.weights.items()
    )


@given(seed=st.integers(0, 99))
def test_the_network_is_built_again_with_its_weights(seed: int) -> None:
    architecture = random_architecture(SPACE, seed)
    network = build_network(architecture).eval()
    built = Checkpoint(architecture, weights_of(network), 0).build().eval()
    inputs = torch.randn(3, *SPACE.input_shape)
    assert torch.equal(network(inputs), built(inputs))
    before = weights_of(network)
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.add_(1)
    assert all(map(torch.equal, before.values(), weights_of(network).values()))


def test_any_program_for_safetensors_reads_it(tmp_path: object) -> None:
    architecture = genome("x", "y").architecture(SPACE)
    content = Checkpoint(architecture, weights_of(build_network(architecture)), 620).to_bytes()
    path = f"{tmp_path}/weights.safetensors"
    with open(path, "wb") as file:
        file.write(content)
    with safe_open(path, "pt") as opened:
        metadata = opened.metadata()
        assert {"b.x/core.weight", "b.y/core.weight", "out/linear.bias"} <= set(opened.keys())
    # What later versions have to read.
    assert metadata.keys() == {"codeepneat", "architecture", "markings", "line_steps"}
    assert (metadata["codeepneat"], metadata["line_steps"]) == ("1", "620")
    assert metadata["markings"] == '{"A":["x","y"],"blueprint":["b"]}'


@pytest.mark.parametrize("release", sorted(path.name for path in ASSETS.glob("*.*.*")))
def test_weights_of_an_earlier_release_are_read(release: str) -> None:
    read = Checkpoint.from_bytes((ASSETS / release / CHECKPOINT).read_bytes())
    expected = make_assets.checkpoint()
    assert read.architecture == expected.architecture
    assert read.architecture.innovation_ids == expected.architecture.innovation_ids
    assert read.line_steps == expected.line_steps
    assert read.weights.keys() == expected.weights.keys()
    assert all(torch.equal(read.weights[name], expected.weights[name]) for name in read.weights)
    heir = build_network(read.architecture)
    aligned = plan(read.architecture, heir.architecture)
    assert inherit(heir, read.weights, aligned).share == 1.0
    inputs = torch.randn(3, *SPACE.input_shape)
    assert torch.equal(heir.eval()(inputs), read.build().eval()(inputs))


@given(st.binary(max_size=200))
def test_any_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableWeightsError):
        Checkpoint.from_bytes(content)


@given(place=st.integers(0, 10**6), value=st.integers(1, 255))
def test_damage_is_refused_or_harmless(place: int, value: int) -> None:
    """A hash tells damage; but no content whatever may raise anything else."""
    content = bytearray(checkpoint(SPACE, 1).to_bytes())
    content[place % len(content)] ^= value
    try:
        load(bytes(Checkpoint.from_bytes(bytes(content)).to_bytes()))
    except UnusableWeightsError:
        pass
