from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import pack
from optuna_codeepneat.sampler._generations._soundness import check_state
from tests.sampler.studies import SPACE
from tests.sampler.studies import lemonade
from tests.sampler.studies import lemonade_study
from tests.sampler.studies import network_objective
from tests.sampler.studies import network_study
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import sphere_study
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


def test_states_that_were_bred_are_sound() -> None:
    for study, own, space in (
        (network_study(n_trials=27), sampler(SPACE), SPACE),
        (lemonade_study(n_trials=27), lemonade(), SPACE),
        (sphere_study(n_trials=27), sampler(), None),
    ):
        for record in records(study):
            state = state_of(study, own, record)
            check_state(state, record.generation, space, len(study.directions))


def at(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(state: Any) -> None:
        for key in path[:-1]:
            state = state[key]
        state[path[-1]] = value

    return change


GENOME = ("modules", "individuals", 0, 0)
NODE = (*GENOME, "nodes", 0)
CHANGES = {
    "generation": at("generation", value=7),
    "species": at("modules", "individuals", 0, 1, value="Z"),
    "empty species": at("modules", "individuals", value=[]),
    "kind": at(*NODE, 1, value="conv9d"),
    "input": at(*NODE, 2, value=["later"]),
    "merge": at(*NODE, 3, value="sum"),
    "gene": at(*NODE, 4, "width", value=10**9),
    "type of a gene": at(*NODE, 4, "width", value=[8]),
    "other gene": at(*NODE, 4, "speed", value=8),
    "type of a node": at(*NODE, 0, value=5),
    "score": at("blueprints", "individuals", 0, 2, value=[[1.0], 0.0]),
    "number": at("blueprints", "threshold", value="0.5"),
    "generations": at("modules", "idle", "A", value=-1),
    "archive": at("archive", 0, value=10**6),
    "range": at("global_genes", value={"lr": "nonsense"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_state_that_cannot_be_bred_from_is_bred_again(change: Callable[[Any], None]) -> None:
    """Also where its hash fits; then it comes out differently, and a sentence says what to do."""
    study = network_study(n_trials=12)
    attrs = stored(study)[10].system_attrs
    record = Record.unpack(attrs[RECORD], 10, 12)
    state = copy.deepcopy(record.state)
    change(state)
    forged = replace(record, digest=content_hash(state), packed=pack(state))
    attrs[RECORD] = forged.pack()
    study.sampler = sampler(SPACE)
    with pytest.raises(StoredStateError, match="comes out differently.*`.*verify --repair`"):
        study.ask()


def test_states_are_bred_again_through_all_generations() -> None:
    study = network_study(n_trials=27)
    for record in records(study):
        lost = replace(record, packed="damaged")
        stored(study)[record.number].system_attrs[RECORD] = lost.pack()
    study.sampler = sampler(SPACE)
    study.optimize(network_objective, n_trials=1)
    whole = network_study(n_trials=28)
    assert stored(study)[27].params == stored(whole)[27].params
