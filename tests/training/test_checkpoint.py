"""A training that was ended goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from optuna.artifacts import FileSystemArtifactStore
from torch import nn

from optuna_codeepneat.training import Augmentation
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import Recipe
from optuna_codeepneat.training import TrainingCheckpoint
from optuna_codeepneat.training import fit


STEPS = 60


def made(seed: int = 0) -> nn.Module:
    """A network with all that a state has to hold: running statistics, dropout, moments."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2)
        )


def data(n: int = 50) -> Examples:
    inputs = torch.randn(n, 6, generator=torch.Generator().manual_seed(1))
    return Examples(inputs, (inputs.sum(1) > 0).long())


def recipe(**changes: object) -> Recipe:
    noise = Augmentation(noise=0.1)
    return Recipe(steps=STEPS, batch_size=12, augmentation=noise).replace(**changes)


class Killed(Exception):
    """As a power cut."""


def killed_at(step: int, checkpoint: TrainingCheckpoint, how: Recipe, **more: object) -> None:
    """A training that ends in the middle."""

    def kill(done: int, total: int, loss: float) -> None:
        if done == step:
            raise Killed

    more |= {"on_progress": kill, "report_at": (step,), "checkpoint": checkpoint}
    with pytest.raises(Killed):
        fit(made(), data(), how, seed=3, **more)  # type: ignore[arg-type]  # each is what it is


def kept_in(folder: Path) -> TrainingCheckpoint:
    return TrainingCheckpoint(FileSystemArtifactStore(folder), "training", every=0.0)


@pytest.mark.parametrize("chunk_bytes", [1, 1 << 26])
@pytest.mark.parametrize("step", [1, 17, 59])
@pytest.mark.parametrize(
    "changes",
    [{}, {"optimizer": "sgd"}, {"optimizer": "sgd", "momentum": 0.0}, {"schedule": "plateau"}],
)
def test_it_ends_as_if_it_had_never_been_ended(
    changes: dict[str, object],
    step: int,
    chunk_bytes: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optuna_codeepneat.training._batches._CHUNK_BYTES", chunk_bytes)
    how, held_out = recipe(**changes), data(20)
    whole = made()
    result = fit(whole, data(), how, seed=3, held_out=held_out)
    killed_at(step, kept_in(tmp_path), how, held_out=held_out)
    again, steps = made(), []
    resumed = fit(
        again,
        data(),
        how,
        seed=3,
        held_out=held_out,
        checkpoint=kept_in(tmp_path),
        on_progress=lambda done, total, loss: steps.append(done),
    )
    assert (resumed.steps, resumed.loss) == (result.steps, result.loss)
    for name, expected in whole.state_dict().items():
        assert torch.equal(again.state_dict()[name], expected), name
    assert steps[-1] == STEPS


def test_it_does_not_begin_anew(tmp_path: Path) -> None:
    killed_at(55, kept_in(tmp_path), recipe())
    seen: list[int] = []
    fit(
        made(),
        data(),
        recipe(),
        seed=3,
        report_at=range(STEPS),
        on_progress=lambda done, total, loss: seen.append(done),
        checkpoint=kept_in(tmp_path),
    )
    assert seen[0] > 48


@pytest.mark.parametrize("what", ["recipe", "seed", "weights", "data", "damage", "cut", "nothing"])
def test_the_state_of_another_training_or_a_damaged_one_is_none(what: str, tmp_path: Path) -> None:
    killed_at(40, kept_in(tmp_path), recipe())
    how, seed, network, examples = recipe(), 3, made(), data()
    file = tmp_path / "training"
    if what == "recipe":
        how = recipe(learning_rate=0.02)
    elif what == "seed":
        seed = 4
    elif what == "weights":
        network = made(1)
    elif what == "data":
        examples = Examples(examples.inputs + 1, examples.targets)
    elif what == "damage":
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)
    elif what == "cut":
        file.write_bytes(file.read_bytes()[:-5])
    else:
        kept_in(tmp_path).remove()
        assert not file.exists()
        kept_in(tmp_path).remove()  # nothing to do
    seen: list[int] = []
    fit(
        network,
        examples,
        how,
        seed=seed,
        report_at=(1,),
        on_progress=lambda done, total, loss: seen.append(done),
        checkpoint=kept_in(tmp_path),
    )
    assert seen[0] == 1


def test_a_store_that_fails_ends_no_training(tmp_path: Path) -> None:
    class Full(FileSystemArtifactStore):
        def write(self, *arguments: object) -> None:
            raise OSError(28, "No space left on device")

    checkpoint = TrainingCheckpoint(Full(tmp_path), "training", every=0.0)
    with pytest.warns(UserWarning, match="can't be resumed if it is ended: .* No space left") as w:
        assert fit(made(), data(), recipe(), checkpoint=checkpoint).steps == STEPS
    assert len(w) == 1


def test_states_are_kept_now_and_then(tmp_path: Path) -> None:
    store = FileSystemArtifactStore(tmp_path)
    fit(made(), data(), recipe(), checkpoint=TrainingCheckpoint(store, "training", every=60.0))
    assert not (tmp_path / "training").exists()
    with pytest.raises(ValueError, match="`every` must be at least 0, got -1"):
        TrainingCheckpoint(store, "training", every=-1)
