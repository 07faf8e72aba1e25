"""Whole studies with toy objectives, for the tests of the sampler's bookkeeping."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import optuna
from optuna.trial import FrozenTrial

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._generations import _places
from optuna_codeepneat.sampler._generations._ledger import Ledger
from optuna_codeepneat.sampler._generations._ledger import assignment_of
from optuna_codeepneat.sampler._generations._records import Assignment
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._states import StateStore
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import SearchSpace


SPACE = SearchSpace.conv1d(
    input_shape=(1, 12), num_outputs=2, n_module_slots=2, max_module_nodes=3, max_blueprint_nodes=3
)

FEW = Surrogate(n_candidates=4)
"""A model chooses as by default, but much faster."""


def network_objective(trial: optuna.Trial) -> tuple[float, float]:
    """Depth against size, with a learning rate that matters a little."""
    architecture = SPACE.suggest(trial)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    return architecture.depth - lr, architecture.num_params


def sphere(trial: optuna.Trial) -> float:
    """The classic: the sum of squares of three numbers."""
    return sum(trial.suggest_float(name, -5, 5) ** 2 for name in "xyz")


def sampler(space: SearchSpace | None = None, **changes: Any) -> CoDeepNEATSampler:
    """Small generations, and from the third on a model that chooses among a few candidates."""
    own = {"seed": 1, "assembled_population_size": 5, "surrogate": FEW}
    return CoDeepNEATSampler(space, **{**own, **changes})


def lemonade(space: SearchSpace = SPACE, **changes: Any) -> LemonadeSampler:
    sizes: dict[str, Any] = {"children_per_generation": 5, "surrogate": FEW}
    if "initial" not in changes:
        sizes["n_initial"] = 5
    return LemonadeSampler(space, **{"seed": 1, **sizes, **changes})


def lemonade_study(n_trials: int = 0, **changes: Any) -> optuna.Study:
    """A study of networks with two objectives, bred by morphisms."""
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=lemonade(**changes))
    study.optimize(network_objective, n_trials=n_trials)
    return study


def network_study(n_trials: int = 0, **changes: Any) -> optuna.Study:
    """A study of networks with two objectives, in memory unless `storage` says otherwise."""
    names = ("storage", "study_name", "load_if_exists")
    own = {name: changes.pop(name) for name in names if name in changes}
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=sampler(SPACE, **changes), **own
    )
    study.optimize(network_objective, n_trials=n_trials)
    return study


def sphere_study(n_trials: int = 0, **changes: Any) -> optuna.Study:
    """A study of hyperparameters alone."""
    study = optuna.create_study(sampler=sampler(**changes))
    study.optimize(sphere, n_trials=n_trials)
    return study


def colleague(study: optuna.Study, own: EvolutionarySampler) -> optuna.Study:
    """The study as another worker opens it, with a sampler of its own."""
    return optuna.load_study(study_name=study.study_name, storage=study._storage, sampler=own)


def begun_trial(study: optuna.Study) -> int:
    """A trial whose worker does nothing yet, or never will, as it was killed."""
    return study._storage.create_new_trial(study._study_id)


def finish(study: optuna.Study, trial: optuna.Trial) -> None:
    """Evaluates a trial of hyperparameters."""
    study.tell(trial, sphere(trial))


def stored(study: optuna.Study) -> list[FrozenTrial]:
    """The trials as the storage holds them, not copies."""
    return study._storage.get_all_trials(study._study_id, deepcopy=False)


def ledger(study: optuna.Study) -> Ledger:
    """What the trials of a study say."""
    read = Ledger(study)
    read.refresh()
    return read


def records(study: optuna.Study) -> list[Record]:
    """All records of a study, in the order of their trials; copies of retried trials are none."""
    found = ledger(study).records
    return [found[number] for number in sorted(found)]


def assignments(study: optuna.Study) -> list[Assignment]:
    """The assignments of all trials that have one."""
    return [a for trial in stored(study) if (a := assignment_of(trial)) is not None]


def state_of(study: optuna.Study, own: EvolutionarySampler, record: Record) -> State:
    """The state behind a record, as a new worker gets it."""
    return StateStore(study, own._algorithm, ledger(study)).state(record)


def audit(study: optuna.Study, own: EvolutionarySampler) -> list[Record]:
    """Replays every record as a stranger would, and returns all records.

    Raises if a digest comes out differently, if evidence counts twice in a lineage, or if a trial
    names a record of another generation.
    """
    verification = own.verify(study)
    assert verification.problems == ()
    found = records(study)
    assert verification.n_records == len(found)
    assert verification.n_generations == len({record.generation for record in found})
    assert verification.n_assigned == len(assignments(study))
    return found


def lineage(record: Record, found: list[Record]) -> list[Record]:
    """A record and all its ancestors, the first of the study last."""
    by_number = {other.number: other for other in found}
    chain = [record]
    while chain[-1].parent is not None:
        chain.append(by_number[chain[-1].parent])
    return chain


def counted(record: Record, found: list[Record]) -> list[int]:
    """The numbers of all trials that a record and its ancestors count as evidence, in order."""
    return sorted(number for other in lineage(record, found) for number in other.evidence)


def waits_for_leaders(seconds: float) -> AbstractContextManager[object]:
    """Sets how long this process waits for the leader of a generation, who may be dead."""
    return patch.object(_places, "TAKEOVER_SECONDS", seconds)


def params(study: optuna.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in stored(study)]
