"""LEMONADE's loop without a study, for the tests of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.distributions import FloatDistribution

from optuna_codeepneat.sampler import Score
from optuna_codeepneat.sampler._genetics._population import Result
from optuna_codeepneat.sampler._genetics._population import State
from optuna_codeepneat.sampler._lemonade._algorithm import Lemonade
from tests.sampler.studies import lemonade


GENES: dict[str, BaseDistribution] = {"lr": FloatDistribution(1e-4, 1e-1, log=True)}
"""What an objective suggests beside the architecture."""


def settings(**changes: Any) -> Lemonade:
    """The algorithm of a small sampler, with other settings where they are given."""
    algorithm = lemonade()._algorithm
    assert isinstance(algorithm, Lemonade)
    return changed(algorithm, **changes)


def changed(algorithm: Lemonade, **changes: Any) -> Lemonade:
    """The algorithm with another space, or with other settings."""
    space = changes.pop("space", algorithm.space)
    return Lemonade(space, replace(algorithm.settings, **changes))


def results_of(
    own: Lemonade, state: State, scores: Sequence[Score | None], first: int = 0
) -> list[Result]:
    """Results for the networks in the first places of a generation."""
    breeder, results = own.proposer(state, 0), []
    for place, score in enumerate(scores):
        proposal = breeder.assemble(place)
        network = proposal.network
        results.append(
            Result(
                first + place,
                score,
                network.blueprint,
                network.modules,
                network.blueprint,
                proposal.key,
            )
        )
    return results


def grown(own: Lemonade, n: int = 6) -> State:
    """The state after a first generation whose networks are all in the front."""
    state = own.genesis(0, 0, GENES)
    scores = [Score((float(i), -float(i))) for i in range(n)]
    return own.advance(state, results_of(own, state, scores), 0, 1, {})
