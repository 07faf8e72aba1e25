"""Whole studies with toy objectives, for the tests of the sampler's bookkeeping."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import optuna
from optuna.trial import FrozenTrial

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.sampler import _history
from optuna_codeepneat.sampler._history import History
from optuna_codeepneat.sampler._records import ASSIGNMENT
from optuna_codeepneat.sampler._records import RECORD
from optuna_codeepneat.sampler._records import Assignment
from optuna_codeepneat.sampler._records import Record
from optuna_codeepneat.search_space import SearchSpace


SPACE = SearchSpace.conv1d(
    input_shape=(1, 12), num_outputs=2, n_module_slots=2, max_module_nodes=3, max_blueprint_nodes=3
)


def network_objective(trial: optuna.Trial) -> tuple[float, float]:
    """Depth against size, with a learning rate that matters a little."""
    architecture = SPACE.suggest(trial)
    lr = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
    return architecture.depth - lr, architecture.num_params


def sphere(trial: optuna.Trial) -> float:
    """The classic: the sum of squares of three numbers."""
    return sum(trial.suggest_float(name, -5, 5) ** 2 for name in "xyz")


def sampler(space: SearchSpace | None = None, **changes: Any) -> CoDeepNEATSampler:
    return CoDeepNEATSampler(space, **{"seed": 1, "assembled_population_size": 5, **changes})


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


def stored(study: optuna.Study) -> list[FrozenTrial]:
    """The trials as the storage holds them, not copies."""
    return study._storage.get_all_trials(study._study_id, deepcopy=False)


def records(study: optuna.Study) -> list[Record]:
    """All records of a study; copies of retried trials are none."""
    found = [
        Record.unpack(t.system_attrs[RECORD], t.number)
        for t in stored(study)
        if RECORD in t.system_attrs
    ]
    numbers = [t.number for t in stored(study) if RECORD in t.system_attrs]
    return [r for r, number in zip(found, numbers, strict=True) if r.number == number]


def assignments(study: optuna.Study) -> list[Assignment]:
    """The assignments of all trials that have one."""
    return [
        Assignment.unpack(t.system_attrs[ASSIGNMENT], t.number)
        for t in stored(study)
        if ASSIGNMENT in t.system_attrs
    ]


def audit(study: optuna.Study, own: CoDeepNEATSampler) -> list[Record]:
    """Replays every record as a stranger would, with and without the stored states.

    Raises if a digest comes out differently, if evidence counts twice in a lineage, if a finished
    trial was passed over, or if a trial names a record of another generation.
    """
    trials, size = stored(study), own._settings.assembled_population_size
    found = records(study)
    for snapshots in (True, False):
        # The seed is wrong on purpose: the study has its own.
        history = History(study, own._space, own._settings, seed=-1)
        with patch.object(_history, "_KEPT", 10_000):
            for record in found:
                if not snapshots:
                    history._has_snapshot = lambda record, trials: False
                    history._snapshot = lambda record, trials: None
                assert history._state(record, trials).digest == record.digest
    by_number = {record.number: record for record in found}
    for record in found:
        evidence = counted(record, found)
        assert len(evidence) == len(set(evidence)), "evidence was counted twice"
        assert record.generation == record.number // size
    for assignment in assignments(study):
        assert assignment.record in by_number
        assert by_number[assignment.record].generation == assignment.generation
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
    return patch.object(_history, "TAKEOVER_SECONDS", seconds)


def params(study: optuna.Study) -> list[dict[str, Any]]:
    return [trial.params for trial in stored(study)]
