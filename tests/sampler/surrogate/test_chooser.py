"""Which of many candidates a model chooses."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat._ranking import Score
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._genetics import NetworkGenome
from optuna_codeepneat.sampler._genetics import Proposal
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.sampler._surrogate import _chooser
from optuna_codeepneat.sampler._surrogate._forecast import Forecast
from optuna_codeepneat.sampler._surrogate._gaussian_process import Tuner
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Graph
from tests.sampler.genomes import evaluate
from tests.sampler.lemonade.networks import random_network
from tests.sampler.studies import SPACE


Scoring = Callable[[Proposal], "Score | None"]

pytestmark = pytest.mark.filterwarnings("ignore:Choices for a categorical distribution")

BETAS = ((0.9, 0.99), (0.9, 0.999), (0.5, 0.9))


def ranges() -> dict[str, BaseDistribution]:
    return {
        "lr": FloatDistribution(1e-4, 1e-1, log=True),
        "betas": CategoricalDistribution(BETAS),
    }


def proposals(first: int, n: int) -> list[Proposal]:
    """Random networks."""
    return [Proposal.of(random_network(SPACE, seed), SPACE) for seed in range(first, first + n)]


def hyperparameters(first: int, n: int) -> list[Proposal]:
    """Random hyperparameters, without a network."""
    found = []
    for seed in range(first, first + n):
        rng = np.random.default_rng(seed)
        genes = {"lr": 10 ** rng.uniform(-4, -1), "betas": BETAS[rng.integers(3)]}
        found.append(Proposal.of(NetworkGenome(Graph((), None, Genes(genes)), {}), None))
    return found


def results(own: Sequence[Proposal], scoring: Scoring) -> list[Result]:
    return [evaluate(proposal, i, scoring(proposal)) for i, proposal in enumerate(own)]


def order(
    scoring: Scoring,
    *,
    known: Sequence[Proposal] | None = None,
    candidates: Sequence[Proposal] | None = None,
    pending: Sequence[Proposal] = (),
    cheap: Sequence[Cheap] = (),
    chooser: Chooser | None = None,
) -> tuple[list[int], Sequence[Proposal]]:
    """The order of candidates after what is known, and the candidates."""
    known = proposals(0, 30) if known is None else known
    candidates = proposals(100, 40) if candidates is None else candidates
    space = None if known[0].architecture is None else SPACE
    own = chooser or Chooser(space, Surrogate(), cheap)
    seen = Seen(results=results(known, scoring), pending=pending)
    assert own.is_ready(seen)
    judge = own.judge(seen, ranges() if space is None else {}, candidates)
    found = list(judge.choose(candidates).order)
    assert sorted(found) == list(range(len(candidates)))
    return found, candidates


def architecture(proposal: Proposal) -> Architecture:
    assert proposal.architecture is not None
    return proposal.architecture


def lottery(own: Architecture) -> float:
    """What no model foresees, though it is known beforehand."""
    return float(int(hashlib.sha256(own.signature.encode()).hexdigest()[:8], 16) + 1)


def test_a_lucky_network_is_believed_to_be_no_better_than_those_like_it() -> None:
    """What is known beforehand, and by how much constraints are violated, stays as it was."""
    known = proposals(0, 60)
    true = np.array([-np.log(architecture(proposal).macs + 1) for proposal in known])
    luck = np.random.default_rng(0).normal(size=len(known))

    def scoring(proposal: Proposal) -> Score:
        i = known.index(proposal)
        return Score((true[i] + luck[i], -float(architecture(proposal).num_params)), 0.5)

    found = results(known, scoring)
    believed = Chooser(SPACE, Surrogate()).judge(Seen(results=found), {}).believed
    values = np.array([result.score.values for result in believed if result.score])
    assert values[:, 1].tolist() == [-architecture(proposal).num_params for proposal in known]
    assert {result.score.violation for result in believed if result.score} == {0.5}
    assert [replace(b, score=None) for b in believed] == [replace(r, score=None) for r in found]
    errors = values[:, 0] - true
    assert np.abs(errors).mean() < 0.6 * np.abs(luck).mean()
    luckiest = np.argsort(luck)[-5:]
    assert errors[luckiest].mean() < 0.5 * luck[luckiest].mean()


@pytest.mark.parametrize(
    ("objective", "cheap"),
    [
        (lambda own: -own.num_params, ()),
        (lambda own: own.macs, ()),
        (lambda own: -lottery(own), (lottery,)),
        (lambda own: lottery(own), ("num_params", lottery)),
    ],
    ids=["fewest parameters", "most multiply-adds", "least", "largest"],
)
def test_objectives_that_are_known_beforehand_enter_exactly(
    objective: Callable[[Architecture], float], cheap: Sequence[Cheap]
) -> None:
    every = sorted(proposals(0, 80), key=lambda p: objective(architecture(p)))
    known, candidates = every[:40:3], every[40:]
    found, _ = order(
        lambda p: Score((objective(architecture(p)),)),
        known=known,
        candidates=candidates,
        cheap=cheap,
    )
    values = [objective(architecture(candidates[i])) for i in found]
    assert len(set(values)) > 20
    assert values == sorted(values, reverse=True)


def test_what_nobody_says_to_be_known_is_not() -> None:
    candidates = proposals(100, 200)
    found, _ = order(lambda p: Score((-lottery(architecture(p)),)), candidates=candidates)
    values = [lottery(architecture(candidates[i])) for i in found]
    assert values[0] > min(values)


def test_a_known_cost_may_be_nothing_where_all_that_finished_cost_something() -> None:
    """Its logarithm is then of no use."""
    every = sorted(proposals(0, 40), key=lambda p: architecture(p).num_params)
    least = architecture(every[0]).num_params

    def cost(own: Architecture) -> float:
        return float(own.num_params - least) ** 2

    def scoring(p: Proposal) -> Score:
        return Score((float(architecture(p).depth), -cost(architecture(p))))

    assert cost(architecture(every[10])) > 0.0
    with np.errstate(all="raise"):
        order(scoring, known=every[10:], candidates=every[:10], cheap=[cost])


def test_depth_is_known_to_be_deeper() -> None:
    found, candidates = order(lambda p: Score((float(architecture(p).depth),)))
    depths = [architecture(candidates[i]).depth for i in found]
    assert depths[0] == max(depths)


def test_what_is_obviously_best_is_chosen() -> None:
    """Of what only the model can know: how many layers are of one kind."""

    def separable(p: Proposal) -> float:
        return float(sum(op.kind == "separable_conv1d" for op in architecture(p).operations))

    every = sorted(proposals(0, 90), key=separable)
    found, candidates = order(
        lambda p: Score((separable(p),)), known=every[:60], candidates=every[60:]
    )
    numbers = [separable(candidates[i]) for i in found]
    assert numbers[0] > separable(every[59]) + 1
    assert np.corrcoef(numbers, np.arange(len(numbers)))[0, 1] < -0.5


def test_hyperparameters_alone_are_learnt_tuples_among_them() -> None:
    def scoring(p: Proposal) -> Score:
        first = p.genes["betas"][0]
        return Score((-abs(first - 0.5) - abs(np.log10(p.genes["lr"]) + 2.0),))

    found, candidates = order(
        scoring, known=hyperparameters(0, 40), candidates=hyperparameters(100, 60)
    )
    values = [scoring(candidate).values[0] for candidate in candidates]
    assert np.mean([values[i] for i in found[:5]]) > np.quantile(values, 0.9)
    assert np.corrcoef(values, np.argsort(found))[0, 1] < -0.7


def test_cheap_objectives_of_hyperparameters() -> None:
    def cost(genes: Any) -> float:
        return float(hash(round(genes["lr"], 9)) % 1000 + 1)

    candidates = hyperparameters(100, 60)
    found, _ = order(
        lambda p: Score((-cost(p.genes),)),
        known=hyperparameters(0, 12),
        candidates=candidates,
        cheap=(cost,),
    )
    assert cost(candidates[found[0]].genes) == min(cost(p.genes) for p in candidates)


@pytest.mark.parametrize("is_limit", [True, False], ids=["a limit of the size", "yes or no"])
def test_what_is_probably_feasible_comes_first(is_limit: bool) -> None:
    """Also where the best are infeasible, and by far the better."""
    sizes = sorted(architecture(p).num_params for p in proposals(0, 30))
    limit = sizes[12]

    def scoring(p: Proposal) -> Score:
        excess = architecture(p).num_params - limit
        violation = max(0.0, float(excess)) if is_limit else float(excess > 0)
        return Score((float(architecture(p).num_params) ** 2,), violation)

    found, candidates = order(scoring)
    fits = [architecture(candidates[i]).num_params <= limit for i in found]
    n = sum(fits)
    assert 5 < n < 30
    assert sum(fits[:n]) >= (n if is_limit else 0.7 * n)


def test_where_nothing_is_feasible_yet_something_is_chosen() -> None:
    found, candidates = order(
        lambda p: Score((1.0,), float(architecture(p).num_params - 1)),
    )
    sizes = [architecture(candidates[i]).num_params for i in found]
    assert sizes[0] == min(sizes)


def test_what_others_are_about_to_evaluate_is_no_gain() -> None:
    scoring: Scoring = lambda p: Score((-float(architecture(p).num_params),))  # noqa: E731
    found, candidates = order(scoring)
    best = candidates[found[0]]
    again, _ = order(scoring, pending=[best])
    # What is no better than the network that runs adds nothing.
    assert again[0] != found[0] or all(
        architecture(p).num_params >= architecture(best).num_params for p in candidates
    )
    two_objectives: Scoring = lambda p: Score(  # noqa: E731
        (float(architecture(p).depth), -float(architecture(p).num_params))
    )
    found, _ = order(two_objectives)
    again, _ = order(two_objectives, pending=[candidates[found[0]]])
    assert again[0] != found[0]


def two(p: Proposal) -> Score:
    """A depth with a tail, and a size."""
    own = architecture(p)
    return Score((own.depth - 1.0 / own.num_params, -float(own.num_params)))


def test_what_a_chooser_saw_before_makes_no_difference() -> None:
    used = Chooser(SPACE, Surrogate())
    for first in (0, 300):
        order(two, known=proposals(first, 25), candidates=proposals(400, 9), chooser=used)
    fresh, _ = order(two)
    assert order(two, chooser=used)[0] == fresh


def test_a_kernel_is_not_sought_anew_for_what_only_later_networks_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each category that is seen for the first time would cost a search."""
    sought = []
    search = Tuner._sought

    def noted(self: Tuner, points: np.ndarray, *args: Any) -> Any:
        sought.append(len(points))
        return search(self, points, *args)

    def of_its_kind(i: int) -> Proposal:
        network = random_network(SPACE, i)
        genes = network.blueprint.genes | {"kind": str(i)}
        blueprint = replace(network.blueprint, genes=genes)
        return Proposal.of(replace(network, blueprint=blueprint), SPACE)

    def scoring(proposal: Proposal) -> Score:
        return Score((float(np.log(architecture(proposal).macs + 1)),))

    monkeypatch.setattr(Tuner, "_sought", noted)
    own = {"kind": CategoricalDistribution([str(i) for i in range(30)])}
    known = [of_its_kind(i) for i in range(28)]
    chooser = Chooser(SPACE, Surrogate())
    for n in (26, 27, 28):
        judge = chooser.judge(Seen(results=results(known[:n], scoring)), own)
        assert len(judge.believed) == n
    assert len(sought) == 1


def test_another_process_chooses_the_same() -> None:
    program = (
        "from tests.sampler.surrogate.test_chooser import order, two\nprint(order(two)[0][:9])"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {str(order(two)[0][:9])}


def test_flipping_the_order_of_objectives_changes_nothing() -> None:
    flipped, _ = order(lambda p: Score(two(p).values[::-1]))
    assert flipped[:5] == order(two)[0][:5]


@pytest.mark.parametrize("huge", [1e300, -1e300, 1e298, -1e298])
@pytest.mark.filterwarnings("error")
def test_huge_values_are_no_obstacle(huge: float) -> None:
    """Optuna's infinite ones are 1e300 here."""

    def scoring(p: Proposal) -> Score:
        own = two(p)
        return Score((huge, own.values[1])) if architecture(p).depth == 3 else own

    found, candidates = order(scoring)
    assert len(found) == len(candidates)


@pytest.mark.parametrize("values", [(1.0,), (0.0, 0.0), (2.0, 1.0, 0.0)])
@pytest.mark.filterwarnings("error")
def test_constant_objectives_are_no_obstacle(values: tuple[float, ...]) -> None:
    order(lambda p: Score(values))


def test_three_objectives() -> None:
    found, candidates = order(
        lambda p: Score((*two(p).values, -float(architecture(p).macs))),
    )
    assert len(found) == len(candidates)


def test_a_few_results_are_not_enough() -> None:
    chooser = Chooser(SPACE, Surrogate(n_initial=12))
    known = results(proposals(0, 20), two)
    failed = [replace(result, score=None) for result in known]
    foreign = [replace(result, completed=None) for result in known]
    assert not chooser.is_ready(Seen())
    assert not chooser.is_ready(Seen(results=[*known[:11], *failed[11:], *foreign[11:]]))
    assert chooser.is_ready(Seen(results=known[:12]))


def test_no_candidates() -> None:
    assert order(two, candidates=[])[0] == []


def test_objectives_that_merely_come_near_nothing_are_no_matter_of_scale() -> None:
    """Else all that counts is who comes nearest, however much is lost in the other."""

    def scoring(p: Proposal) -> Score:
        angle = np.pi / 2 * (np.log10(p.genes["lr"]) + 4.0) / 3.0
        size = 1.0 + BETAS.index(p.genes["betas"])
        return Score((-size * np.cos(angle), -size * np.sin(angle)))

    # On the true front are networks of any rate, and of the first choice alone.
    for seed in (0, 200, 400):
        found, candidates = order(
            scoring, known=hyperparameters(seed, 25), candidates=hyperparameters(1000 + seed, 60)
        )
        assert BETAS[2] not in [candidates[i].genes["betas"] for i in found[:8]]


def test_a_network_is_not_lucky_in_all_objectives_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Forecast] = []

    def forecast(*given: Any, **more: Any) -> Forecast:
        made.append(Forecast(*given, **more))
        return made[-1]

    def scoring(p: Proposal) -> Score:
        rate = float(np.log10(p.genes["lr"]))
        return Score((np.sin(3.0 * rate), np.cos(2.0 * rate), np.cos(5.0 * rate)))

    monkeypatch.setattr(_chooser, "Forecast", forecast)
    order(scoring, known=hyperparameters(0, 12), candidates=hyperparameters(100, 20))
    _, samples = made[-1]._objectives
    assert samples.shape == (5, 20, 3)
    places = np.argsort(np.argsort(samples, axis=0), axis=0)
    wide = np.ptp(samples, axis=0).min(axis=1) > 1e-6
    assert wide.sum() > 10
    for i, j in ((0, 1), (0, 2), (1, 2)):
        both = [np.corrcoef(places[:, n, i], places[:, n, j])[0, 1] for n in np.flatnonzero(wide)]
        assert abs(np.median(both)) < 0.5
