"""Writes studies and weights as this version stores them: ``python -m tests.make_assets``.

Run it when a release changes what is stored, and commit the new folder beside the old ones: every
later version has to go on with all of them (`tests/sampler/generations/test_formats.py`,
`tests/morphism/test_artifact.py`). Files that are there already stay as they are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import _optuna
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._generations._records import set_text
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.version import __version__
from tests.sampler.studies import SPACE
from tests.sampler.studies import lemonade
from tests.sampler.studies import network_objective
from tests.sampler.studies import sphere


if TYPE_CHECKING:
    from optuna_codeepneat.morphism._artifact import Checkpoint

ASSETS = Path(__file__).parent / "assets"
NAMES = ("networks", "hyperparameters", "reproducible", "lamarckian", "lemonade")
HEIRS = ("lamarckian", "lemonade")
"""Studies whose networks inherit weights."""
CHECKPOINT = "checkpoint.safetensors"


def sampler(name: str) -> EvolutionarySampler:
    """The sampler of the study of a name."""
    if name == "lemonade":
        return lemonade(children_per_generation=4)
    return CoDeepNEATSampler(
        None if name == "hyperparameters" else SPACE,
        seed=1,
        assembled_population_size=4,
        reproducible=name == "reproducible",
        inheritance="exact" if name == "lamarckian" else None,
    )


def open_study(path: Path, name: str) -> optuna.Study:
    """The study of a name in a journal file, begun or gone on with."""
    return optuna.create_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(str(path))),
        directions=["minimize"] if name == "hyperparameters" else ["maximize", "minimize"],
        sampler=sampler(name),
        load_if_exists=True,
    )


def saved(number: int) -> SavedWeights:
    """What a trial says of its weights; there are none."""
    return SavedWeights(f"weights-{number}", f"{number:064x}", 1000 + number, 100 * number)


def heir_objective(trial: optuna.Trial) -> tuple[float, float]:
    """The trial says that its network left weights behind."""
    text = saved(trial.number).pack()
    set_text(trial.study, _optuna.frozen(trial), WEIGHTS, text)
    return network_objective(trial)


def optimize(study: optuna.Study, n_trials: int) -> None:
    """Evaluates some trials more."""
    objectives = {"hyperparameters": sphere, **dict.fromkeys(HEIRS, heir_objective)}
    study.optimize(objectives.get(study.study_name, network_objective), n_trials=n_trials)


def checkpoint() -> Checkpoint:
    """A network whose weights and statistics are no chance."""
    import torch

    from optuna_codeepneat import build_network
    from optuna_codeepneat.morphism import weights_of
    from optuna_codeepneat.morphism._artifact import Checkpoint
    from tests.morphism.lines import SPACE as SEQUENCES
    from tests.morphism.lines import genome

    architecture = genome("x", "y").architecture(SEQUENCES)
    weights = weights_of(build_network(architecture))
    for tensor in weights.values():
        values = torch.arange(1, tensor.numel() + 1) / tensor.numel()
        tensor.copy_((7 * values).reshape(tensor.shape))  # also of whole numbers
    return Checkpoint(architecture, weights, 620)


def main() -> None:
    """Writes one file for each kind of study, and one of weights."""
    release = __version__.partition(".dev")[0]
    folder = ASSETS / release
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        path = folder / f"{name}.log"
        if not path.exists():
            optimize(open_study(path, name), 9)
            print(path.relative_to(ASSETS.parent), f"{path.stat().st_size:,} bytes")
    path = folder / CHECKPOINT
    if not path.exists():
        path.write_bytes(checkpoint().to_bytes())
        print(path.relative_to(ASSETS.parent), f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
