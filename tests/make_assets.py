"""Writes studies as this version stores them: ``python -m tests.make_assets``.

Run it when a release changes what is stored, and commit the new folder beside the old ones:
every later version has to go on with all of them (`tests/sampler/test_formats.py`).
"""

from __future__ import annotations

from pathlib import Path

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.version import __version__
from tests.sampler.studies import SPACE
from tests.sampler.studies import network_objective
from tests.sampler.studies import sphere


ASSETS = Path(__file__).parent / "assets"
NAMES = ("networks", "hyperparameters", "reproducible")


def open_study(path: Path, name: str) -> optuna.Study:
    """The study of a name in a journal file, begun or gone on with."""
    return optuna.create_study(
        study_name=name,
        storage=JournalStorage(JournalFileBackend(str(path))),
        directions=["minimize"] if name == "hyperparameters" else ["maximize", "minimize"],
        sampler=CoDeepNEATSampler(
            None if name == "hyperparameters" else SPACE,
            seed=1,
            assembled_population_size=4,
            reproducible=name == "reproducible",
        ),
        load_if_exists=True,
    )


def optimize(study: optuna.Study, n_trials: int) -> None:
    """Evaluates some trials more."""
    objective = sphere if study.study_name == "hyperparameters" else network_objective
    study.optimize(objective, n_trials=n_trials)


def main() -> None:
    """Writes one file for each kind of study."""
    release = __version__.partition(".dev")[0]
    folder = ASSETS / release
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        path = folder / f"{name}.log"
        path.unlink(missing_ok=True)
        optimize(open_study(path, name), 9)
        print(path.relative_to(ASSETS.parent), f"{path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
