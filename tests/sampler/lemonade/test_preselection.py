"""A model chooses among many children which one is trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import optuna
import pytest

from optuna_codeepneat._ranking import front
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler import Surrogate
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler._genetics import Heritage
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._genetics import network_genome
from optuna_codeepneat.sampler._lemonade._operators import EXACT
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.search_space import Genes
from tests.sampler.breeders import GENES
from tests.sampler.breeders import results_of
from tests.sampler.breeders import settings
from tests.sampler.studies import SPACE
from tests.sampler.studies import assignments
from tests.sampler.studies import audit
from tests.sampler.studies import ledger
from tests.sampler.studies import lemonade
from tests.sampler.studies import lemonade_study
from tests.sampler.studies import network_objective
from tests.sampler.studies import params
from tests.sampler.studies import records
from tests.sampler.studies import stored


FEW = Surrogate(n_candidates=12)


def seen_of(n: int) -> Seen:
    """What is seen after so many networks, none of which counts yet."""
    own = settings(surrogate=None, n_initial=n)
    scores = [Score((float(i % 5), -float(i))) for i in range(n)]
    results = results_of(own, own.genesis(0, 0, GENES), scores)
    return Seen([r.key for r in results if r.key is not None], results=results)


def test_the_choice_is_a_function_of_seed_place_and_what_is_seen() -> None:
    own, seen = settings(surrogate=FEW, n_initial=5), seen_of(12)
    state = own.genesis(0, 1, GENES)
    children = [own.proposer(state, 0).assemble(place, seen) for place in range(4)]
    again = replace(own, settings=replace(own.settings))  # another worker's
    for place in (3, 1):
        assert again.proposer(state, 0).assemble(place, seen) == children[place]
    assert len({child.key for child in children}) == 4
    assert again.proposer(state, 1).assemble(3, seen) != children[3]
    fewer = replace(seen, results=seen.results[2:])
    assert [own.proposer(state, 0).assemble(p, fewer) for p in range(4)] != children


def test_parents_are_the_front_of_what_has_not_counted_either() -> None:
    own, seen = settings(surrogate=FEW, n_initial=5), seen_of(12)
    values = np.array([r.score.values for r in seen.results if r.score is not None])
    best = set(front(values).tolist())
    parents = {
        own.proposer(own.genesis(0, 1, GENES), 0).assemble(place, seen).origin.parent
        for place in range(12)
    }
    assert len(parents) > 1 and parents <= best


def test_the_first_networks_are_those_to_begin_with() -> None:
    own, seen = settings(surrogate=FEW, n_initial=8), seen_of(12)
    state = own.genesis(0, 1, GENES)  # of 5 networks a generation
    origins = [own.proposer(state, 0).assemble(place, seen).origin.how for place in range(5)]
    assert origins[:3] == ["initial"] * 3 and "initial" not in origins[3:]


def test_nothing_is_evaluated_twice_and_weights_come_from_who_is_named() -> None:
    """Three trials at a time, so that parents have not counted and others are running."""
    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=lemonade(surrogate=FEW)
    )
    running: list[optuna.Trial] = []
    for _ in range(45):
        running.append(study.ask())
        if len(running) == 3:
            trial = running.pop(1)
            study.tell(trial, network_objective(trial))
    found = assignments(study)
    assert len({a.signature + a.key for a in found}) == len(found)
    of_record = {number: record.evidence for number, record in ledger(study).records.items()}
    counted, n_exact, n_uncounted = set[int](), 0, 0
    for number in sorted(of_record):
        counted |= set(of_record[number])
        for child in (a for a in found if a.record == number and a.origin.parent is not None):
            assert child.origin.donor == child.origin.parent is not None
            parent = found[child.origin.parent]
            assert parent.number == child.origin.parent < child.number
            n_uncounted += parent.number not in counted
            if set(child.origin.how.split("+")) <= {*EXACT, "continuation"}:
                own, theirs = (a.network.architecture(SPACE) for a in (child, parent))
                assert plan(theirs, own).exact
                n_exact += 1
    assert n_exact >= 5 and n_uncounted >= 5
    audit(study, study.sampler)  # type: ignore[arg-type]


@pytest.mark.parametrize("reproducible", [False, True])
def test_a_study_that_began_without_goes_on_without(reproducible: bool) -> None:
    own = {"n_initial": None, "reproducible": reproducible}
    study = lemonade_study(14, surrogate=None, **own)
    root = records(study)[0].root
    assert root is not None and "surrogate" not in root["settings"]
    assert root["settings"]["n_initial"] == 10
    study.sampler = lemonade(**own, surrogate=Surrogate(n_initial=3))
    study.optimize(network_objective, n_trials=10)
    assert params(study) == params(lemonade_study(24, surrogate=None, **own))
    audit(study, lemonade(**own))


def test_a_surrogate_is_a_setting_of_the_study() -> None:
    study = lemonade_study(2, surrogate=FEW)
    root = records(study)[0].root
    assert root is not None and root["settings"]["surrogate"]["n_candidates"] == 12
    study.sampler = lemonade(surrogate=None)
    with pytest.raises(ValueError, match="begun with `surrogate`="):
        study.ask()


def test_what_networks_begin_with_is_seen() -> None:
    """As `Checkpoints` says it on trials, and of the donor that really was one."""

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        ancestry = ancestry_of(trial)
        assert ancestry is not None
        donor = None if trial.number == 9 else ancestry.donor  # whose weights were lost
        said = {"from": donor, "share": 0.0 if donor is None else 0.5}
        if trial.number != 3:  # which kept none
            trial.set_user_attr("inheritance", {**said, "steps": 10, "line_steps": 20})
        return network_objective(trial)

    study = optuna.create_study(
        directions=["maximize", "minimize"], sampler=lemonade(surrogate=FEW)
    )
    study.optimize(objective, n_trials=13)
    coordinator = study.sampler._coordinator_of(study)  # type: ignore[union-attr]
    coordinator.refresh()
    record = coordinator.ledger.lead(2)
    seen, order = coordinator._view.of(record, coordinator.states.state(record), 13)
    assert list(order) == list(range(13)) and seen.n_counted == 10
    trials, found = stored(study), assignments(study)

    def left_by(number: int) -> Heritage | None:
        depth, size = trials[number].values
        bequest = Heritage(Score((depth, -size)), int(size))
        return None if number == 3 else bequest

    for result in seen.results:
        donor = found[result.position].origin.donor
        lost = donor is None or result.position in (3, 9)
        assert result.heritage == (None if donor is None or lost else left_by(donor))
        assert result.bequest == left_by(result.position)
    assert sum(result.heritage is not None for result in seen.results) >= 5


def test_heirs_of_better_networks_are_expected_to_be_better() -> None:
    """Of one network, so that nothing but what it begins with makes a difference."""
    proposal = Proposal.of(network_genome(SPACE.smallest(), Genes({})), SPACE)
    own = proposal.network.blueprint

    def heritage(value: float) -> Heritage:
        return Heritage(Score((value,)), 100)

    results = [
        Result(
            Position(i),
            Score((i + 0.5,)),
            own,
            proposal.network.modules,
            own,
            None,
            heritage=heritage(float(i)),
        )
        for i in range(12)
    ]
    candidates = [replace(proposal, heritage=heritage(value)) for value in (2.0, 11.0, 7.0)]
    chooser = Chooser(SPACE, Surrogate())
    assert chooser.judge(Seen(results=results), {}).choose(candidates).order[0] == 1
    bare = [replace(result, heritage=None) for result in results]
    assert chooser.judge(Seen(results=bare), {}).choose(candidates).order == (0, 1, 2)
