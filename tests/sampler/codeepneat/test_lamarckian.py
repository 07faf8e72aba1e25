"""Lamarckian CoDeepNEAT: which finished network an assembled one inherits from."""

from __future__ import annotations

from statistics import mean

import numpy as np
import optuna
import pytest

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler import NetworkGenome
from optuna_codeepneat.sampler import Surrogate
from optuna_codeepneat.sampler._codeepneat._assembly import Assembler
from tests.sampler.studies import FEW
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import ledger
from tests.sampler.studies import network_study
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import sampler
from tests.sampler.studies import state_of
from tests.sampler.studies import stored


def shares(study: optuna.Study, network: NetworkGenome, among: list[int]) -> dict[int, float]:
    """What a network would inherit from each of these trials."""
    every = {a.number: a.network for a in assignments(study)}
    child = network.architecture(SPACE)
    return {n: plan(every[n].architecture(SPACE), child).share for n in among}


@pytest.mark.parametrize(
    "inheritance",
    [
        "exact",
        *(pytest.param(i, marks=[pytest.mark.long, pytest.mark.soak]) for i in ("noisy", "fresh")),
    ],
)
@pytest.mark.parametrize("surrogate", [None, FEW], ids=["plain", "surrogate"])
def test_donor_is_among_the_best_or_the_last_and_overlaps_most(
    inheritance: str, surrogate: Surrogate | None
) -> None:
    study = network_study(n_trials=60, inheritance=inheritance, surrogate=surrogate)
    read, own = ledger(study), study.sampler
    got, best = [], []
    for assignment in assignments(study)[20:]:
        network, origin, record = (
            assignment.network,
            assignment.origin,
            read.records[assignment.record],
        )
        state = state_of(study, own, record)
        kept = {r.position for r in (*state.archive, *state.recent)}
        # One trial after the other: a trial has its number for its position.
        newer = range(max(record.evidence) + 1, assignment.number)
        among = kept if surrogate is None else kept | set(newer)
        assert {r.position for r in state.recent} == set(record.evidence)
        possible = shares(study, network, sorted(among))
        most = max(possible[n] for n in kept)
        if origin.donor is None:
            assert most < 0.5
            continue
        assert origin.inheritance == inheritance and origin.donor in among
        got.append(possible[origin.donor])
        best.append(most)
    assert len(got) > 35
    assert mean(got) > 0.9 * mean(best)


def test_same_networks_are_proposed_with_and_without_inheritance() -> None:
    study = network_study(n_trials=30, inheritance="exact", surrogate=None)
    without = network_study(n_trials=30, surrogate=None)
    assert params(study) == params(without)
    for own, other in zip(assignments(study), assignments(without), strict=True):
        assert other.origin.donor is None and "heir" not in other.origin.to_json()
        assert (own.signature, own.key) == (other.signature, other.key)
    audit(study, study.sampler)
    stored_state = records(without)[-1].state
    assert set(records(study)[-1].state) == {*stored_state, "recent"}
    root = records(without)[0].root
    assert root is not None and "inheritance" not in root["settings"] and "sampler" not in root


def test_a_network_that_goes_on_is_its_parent_with_other_hyperparameters() -> None:
    study = network_study(n_trials=12, inheritance="exact")
    own = study.sampler._algorithm  # type: ignore[union-attr]
    state = state_of(study, study.sampler, records(study)[-1])  # type: ignore[arg-type]
    assembler, parents = Assembler(state, SPACE, own.settings, 0), {}
    for result in state.archive:
        assert result.completed is not None
        parents[result.position] = NetworkGenome(result.completed, result.modules)
    rates = set()
    for seed in range(20):
        child, origin = assembler.continued(np.random.default_rng(seed))
        assert origin.parent is not None
        parent = parents[origin.parent]
        assert child.architecture(SPACE).signature == parent.architecture(SPACE).signature
        rates.add(child.global_genes(SPACE)["lr"] / parent.global_genes(SPACE)["lr"])
    assert 5 < len(rates) < 20


def test_inheritance_is_a_setting_of_the_study() -> None:
    study = network_study(n_trials=3, inheritance="exact")
    study.sampler = sampler(SPACE)
    with pytest.raises(ValueError, match="begun with `inheritance`='exact', this .* None"):
        study.ask()


@pytest.mark.parametrize("n_failed", [5, 10])
def test_failed_generation_leaves_the_donors_there_were(n_failed: int) -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = SPACE.suggest(trial)
        if 5 <= trial.number < 5 + n_failed:
            raise ZeroDivisionError
        return architecture.depth, architecture.num_params

    study = network_study(inheritance="exact")
    study.optimize(objective, n_trials=21, catch=(ZeroDivisionError,))
    audit(study, study.sampler)
    donors = {a.origin.donor for a in assignments(study)} - {None}
    failed = {t.number for t in stored(study) if t.state == optuna.trial.TrialState.FAIL}
    assert donors and not donors & failed


def test_wrong_arguments_are_named() -> None:
    with pytest.raises(ValueError, match="`inheritance` must be one of exact, noisy, fresh"):
        CoDeepNEATSampler(SPACE, inheritance="all")
    with pytest.raises(ValueError, match="`inheritance`='exact' needs a `space`"):
        CoDeepNEATSampler(inheritance="exact")
