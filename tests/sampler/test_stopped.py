"""Studies in which a pruner stops trainings: what counts is what is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.pruning import FrontPruner
from optuna_codeepneat.pruning import ParetoHalvingPruner
from optuna_codeepneat.pruning import SizeClassPruner
from optuna_codeepneat.sampler import believed_values
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._genetics._population import Individual
from optuna_codeepneat.sampler._surrogate._model import Model
from tests.sampler.genomes import random_genome
from tests.sampler.studies import SPACE
from tests.sampler.studies import audit
from tests.sampler.studies import lemonade
from tests.sampler.studies import network_objective
from tests.sampler.studies import sampler
from tests.sampler.studies import state_of


METRICS = {"depth": "maximize", "num_params": "minimize"}
HALVING = ParetoHalvingPruner(METRICS, max_resource=4, min_resource=1, reduction_factor=2)
SIZE_CLASS = SizeClassPruner(METRICS, costs=["num_params"], max_resource=4, n_better=1)


def reporting(pruner: FrontPruner) -> Callable[[optuna.Trial], tuple[float, float]]:
    """Depth against size, got bit by bit."""

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        depth, size = network_objective(trial)
        for step in (1, 2, 3):
            pruner.report(trial, {"depth": depth * step / 4, "num_params": size}, step)
            if pruner.should_prune(trial):
                raise optuna.TrialPruned
        return depth, size

    return objective


@pytest.mark.parametrize(
    ("own", "pruner"),
    [
        (sampler(SPACE), HALVING),
        (sampler(SPACE, inheritance="exact", credit="mean", surrogate=None), SIZE_CLASS),
        (sampler(SPACE, reproducible=True, surrogate=None), HALVING),
        (lemonade(), HALVING),
    ],
    ids=["codeepneat", "heirs", "reproducible", "lemonade"],
)
def test_a_study_with_stopped_trainings_replays(
    own: EvolutionarySampler, pruner: FrontPruner
) -> None:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=own)
    study.optimize(reporting(pruner), n_trials=30)
    states = Counter(trial.state for trial in study.get_trials())
    assert states[TrialState.PRUNED] >= 5 and states[TrialState.COMPLETE] >= 5
    found = audit(study, own)
    stopped = {t.number for t in study.get_trials() if t.state == TrialState.PRUNED}
    state = state_of(study, own, found[-1])
    counted = [number for record in found for number in record.evidence]
    assert stopped & set(counted)
    for result in (*state.archive, *state.recent):
        assert counted[result.position] not in stopped
    assert state.archive
    donors = own._coordinator_of(study).donors()
    if donors is not None:  # those that nobody has counted yet are kept whatever they are
        assert not donors & stopped & set(counted)
    modules = [i for r in found for i in state_of(study, own, r).modules.individuals]
    if modules and pruner is HALVING:  # some were in stopped networks alone
        assert any(module.score is not None and module.score.stopped for module in modules)


def test_a_study_of_nothing_but_stopped_trainings_goes_on() -> None:
    """None of them is bred on as if it had finished."""

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        depth, size = network_objective(trial)
        said = {"trial": trial.number, "step": 1, "of": 4, "values": [depth, size]}
        trial.set_user_attr("stopped_early", said)
        raise optuna.TrialPruned

    for own in (sampler(SPACE), lemonade()):
        study = optuna.create_study(directions=["maximize", "minimize"], sampler=own)
        study.optimize(objective, n_trials=16)
        found = audit(study, own)
        assert state_of(study, own, found[-1]).archive == ()


def test_a_stopped_individual_is_stored_as_such() -> None:
    genome = random_genome(SPACE, "module", 1)
    for score in (Score((1.0, 2.0)), Score((1.0, 2.0), 0.5, stopped=True)):
        individual = Individual(genome, "A", score)
        assert Individual.from_json(individual.to_json()) == individual
    # As earlier versions have it, whose states are found by their hash.
    assert Individual(genome, "A", Score((1.0,))).to_json()[2] == [[1.0], 0.0]


def test_a_model_learns_from_them_but_they_are_on_no_front() -> None:
    model = Model(
        known=[],
        beside=[],
        losses=np.zeros((3, 2)),
        violations=np.array([0.0, 0.0, 1.0]),
        stopped=np.array([False, True, False]),
        tuner=None,  # type: ignore[arg-type]  # it is not asked
        tables=(None, None),  # type: ignore[arg-type]  # nor are they
        weighs_features=True,
    )
    assert model.counts.tolist() == [True, False, False]
    assert model.is_feasible.tolist() == [True, True, False]


def test_values_are_believed_of_finished_networks_alone() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler(SPACE))
    study.optimize(reporting(HALVING), n_trials=20)
    complete = study.get_trials(states=[TrialState.COMPLETE])
    assert set(believed_values(study, SPACE)) == {trial.number for trial in complete}
