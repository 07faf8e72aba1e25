"""The sampler of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

import optuna

from optuna_codeepneat._objectives import LATENCY
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._options import SamplerName
from optuna_codeepneat.cli._study._settings import EVOLUTIONARY


if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

    from optuna_codeepneat.cli._study._settings import SearchSettings
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.sampler import Cheap
    from optuna_codeepneat.sampler import EvolutionarySampler


def make_sampler(
    settings: SearchSettings, problem: Problem, *stream: int, device: str = "cpu"
) -> BaseSampler:
    """The sampler of a search.

    Args:
        settings:
            What the study remembers.
        problem:
            Its problem.
        *stream:
            What tells one process from all others: samplers that draw from a stream of their
            own would propose the same networks in each.
        device:
            Where networks are trained, and their latency is measured.

    Raises:
        CommandError: If the settings are impossible.
    """
    own_seed = int(rng_for(settings.seed, "worker", *stream).integers(2**31))
    try:
        if settings.sampler in EVOLUTIONARY:
            return make_evolution(settings, problem, device)
        if settings.sampler == "nsgaii":
            size = settings.population_size or 50  # Optuna's default
            return optuna.samplers.NSGAIISampler(seed=own_seed, population_size=size)
    except ValueError as error:
        raise CommandError(str(error)) from error
    if settings.sampler == "tpe":
        return optuna.samplers.TPESampler(seed=own_seed, multivariate=True)
    if settings.sampler == "random":
        return optuna.samplers.RandomSampler(seed=own_seed)
    raise CommandError(
        f"`--sampler` must be one of {', '.join(SamplerName)}, got {settings.sampler!r}.", 2
    )


def make_evolution(
    settings: SearchSettings, problem: Problem, device: str = "cpu"
) -> EvolutionarySampler:
    """The sampler of this package that a search uses, or used before others took their turns.

    LEMONADE's cheap objectives are those of the problem that are known without training.

    Args:
        settings:
            What the study remembers.
        problem:
            Its problem.
        device:
            Where networks are trained, and their latency is measured.

    Raises:
        ValueError: If the settings are impossible.
    """
    from optuna_codeepneat.problems import get_profile
    from optuna_codeepneat.sampler import CoDeepNEATSampler
    from optuna_codeepneat.sampler import LemonadeSampler

    cheap: list[Cheap] = [name for name in problem.metric_names if name in SIZES]
    if LATENCY in problem.metric_names and settings.evolution == "lemonade":
        from optuna_codeepneat.training import Latency

        cheap.append(Latency(device=device))
    if settings.profile is not None:
        return get_profile(settings.profile).make_sampler(
            problem.space, seed=settings.seed, cheap=cheap, reproducible=settings.reproducible
        )
    more: dict[str, Any] = {
        "seed": settings.seed,
        "inheritance": settings.inheritance,
        "reproducible": settings.reproducible,
        "surrogate": settings.surrogate,
    }
    if settings.evolution == "lemonade":
        if settings.population_size is not None:
            more["children_per_generation"] = settings.population_size
        return LemonadeSampler(problem.space, cheap=cheap or ["num_params"], **more)
    if settings.population_size is not None:
        more["assembled_population_size"] = settings.population_size
    return CoDeepNEATSampler(problem.space, **more)
