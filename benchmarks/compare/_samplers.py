"""The samplers by name. One more is a function and a line here."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import fields
from typing import Any

import optuna
from optuna.samplers import BaseSampler

from benchmarks.compare._front_mutation import FrontMutationSampler
from benchmarks.compare._problems import Benchmark
from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler


Make = Callable[[Benchmark, int, dict[str, Any]], BaseSampler]


class DoesNotApply(Exception):  # noqa: N818 - no error, a combination to leave out
    """A sampler is nothing for a problem, with the reason."""


@dataclass(frozen=True)
class Entry:
    """A sampler under a name: who makes it, and with which keyword arguments.

    In them `{"cheap": "known"}` stands for what the problem says of its costs, and a mapping
    under `surrogate`, `crossover`, `speciation`, `selection`, `module_mutation` or
    `blueprint_mutation` for the arguments of that. `continuation`, for those of a `Continuation`,
    changes how the problem trains networks that inherit weights; `training`, for changes of its
    search recipe and a `pruner`, how it trains all of them. `workers` is how many trials run at
    once, by default 1.
    """

    make: Make
    options: Mapping[str, Any] = field(default_factory=dict)
    inherits: str | None = None
    """How weights are inherited if the options do not say it."""

    def problem(self, benchmark: Benchmark) -> Benchmark:
        """The problem as this sampler is to have it."""
        for name, attribute in (("training", "trained"), ("continuation", "continued")):
            if name in self.options:
                change = getattr(benchmark, attribute)
                if change is None:
                    raise DoesNotApply("nothing is trained")
                benchmark = change(self.options[name])
        return benchmark

    def sampler(self, benchmark: Benchmark, seed: int) -> BaseSampler:
        return self.make(benchmark, seed, _resolved(self.options, benchmark))

    @property
    def workers(self) -> int:
        return int(self.options.get("workers", 1))

    @property
    def inheritance(self) -> str | None:
        how: str | None = self.options.get("inheritance", self.inherits)
        return how


def _resolved(options: Mapping[str, Any], benchmark: Benchmark) -> dict[str, Any]:
    from optuna_codeepneat import sampler
    from optuna_codeepneat.sampler._surrogate import Surrogate

    kinds = {
        "surrogate": Surrogate,
        "crossover": sampler.Crossover,
        "speciation": sampler.Speciation,
        "selection": sampler.Selection,
        "module_mutation": sampler.Mutation,
        "blueprint_mutation": sampler.Mutation,
    }
    resolved = {
        name: kinds[name](**value) if name in kinds and isinstance(value, Mapping) else value
        for name, value in options.items()
        if name not in ("continuation", "training", "workers")
    }
    if resolved.get("cheap") == "known":
        if not benchmark.costs:
            raise DoesNotApply("no objective is known beforehand")
        resolved["cheap"] = benchmark.costs
    return resolved


def _codeepneat(benchmark: Benchmark, seed: int, options: dict[str, Any]) -> BaseSampler:
    if options.get("inheritance") is not None and benchmark.steps is None:
        raise DoesNotApply("nothing is trained")
    return CoDeepNEATSampler(benchmark.space, seed=seed, **options)


def _lemonade(benchmark: Benchmark, seed: int, options: dict[str, Any]) -> BaseSampler:
    if benchmark.space is None:
        raise DoesNotApply("it needs a search space")
    return LemonadeSampler(benchmark.space, seed=seed, **options)


def _random_morphisms(benchmark: Benchmark, seed: int, options: dict[str, Any]) -> BaseSampler:
    """The children of LEMONADE with parents among all networks, whatever they are worth."""
    from optuna_codeepneat.sampler._lemonade._algorithm import Lemonade

    @dataclass(frozen=True)
    class Everyone(Lemonade):
        def advance(self, state: Any, results: Any, *args: Any) -> Any:
            after = super().advance(state, results, *args)
            scored = tuple(r for r in results if r.score is not None and r.blueprint is not None)
            return type(after)(
                **{f.name: getattr(after, f.name) for f in fields(after)}
                | {"archive": (*state.archive, *scored)}
            )

    if benchmark.space is None:
        raise DoesNotApply("it needs a search space")
    sampler = LemonadeSampler(benchmark.space, seed=seed, density=False, **options)
    settings: Any = sampler._algorithm.settings
    sampler._algorithm = Everyone(benchmark.space, settings)
    return sampler


def _front_mutation(benchmark: Benchmark, seed: int, options: dict[str, Any]) -> BaseSampler:
    return FrontMutationSampler(benchmark.directions, benchmark.space, seed=seed)


def _gp(benchmark: Benchmark, seed: int, options: dict[str, Any]) -> BaseSampler:
    if benchmark.space is not None:
        raise DoesNotApply("it samples parameters that are not in every trial independently")
    return optuna.samplers.GPSampler(seed=seed, **options)


def _of_optuna(name: str) -> Make:
    return lambda benchmark, seed, options: getattr(optuna.samplers, name)(seed=seed, **options)


SAMPLERS: dict[str, Entry] = {
    "codeepneat": Entry(_codeepneat),
    "codeepneat-plain": Entry(_codeepneat, {"surrogate": None}),
    "codeepneat-known": Entry(_codeepneat, {"cheap": "known"}),
    "codeepneat-exact": Entry(_codeepneat, {"inheritance": "exact"}),
    "lemonade": Entry(_lemonade, inherits="exact"),
    "lemonade-plain": Entry(_lemonade, {"surrogate": None}, inherits="exact"),
    "lemonade-noisy": Entry(_lemonade, {"inheritance": "noisy"}),
    "lemonade-fresh": Entry(_lemonade, {"inheritance": "fresh"}),
    "lemonade-off": Entry(_lemonade, {"inheritance": None}),
    "lemonade-uniform": Entry(_lemonade, {"density": False}, inherits="exact"),
    "random-morphisms": Entry(_random_morphisms, inherits="exact"),
    "nsgaii": Entry(_of_optuna("NSGAIISampler"), {"population_size": 20}),
    "nsgaii-50": Entry(_of_optuna("NSGAIISampler")),  # Optuna's default
    "tpe": Entry(_of_optuna("TPESampler")),
    "tpe-multivariate": Entry(_of_optuna("TPESampler"), {"multivariate": True}),
    "gp": Entry(_gp),
    "random": Entry(_of_optuna("RandomSampler")),
    "front-mutation": Entry(_front_mutation),
}

ABLATIONS: dict[str, dict[str, Any]] = {
    "without-model": {"surrogate": None},
    "ridge": {"surrogate": {"model": "ridge"}},
    "pool-of-10": {"surrogate": {"n_candidates": 10}},
    "pool-of-200": {"surrogate": {"n_candidates": 200}},
    "start-of-24": {"surrogate": {"n_initial": 24}},
    "without-crossing": {"surrogate": {"crossed_rate": 0.0}},
    "without-weighing": {"surrogate": {"weighs_features": False}},
    "without-breeding-on": {"surrogate": {"n_rounds": 0}},
    "observed-parents": {"surrogate": {"believed_parents": False}},
    "half-from-populations": {"surrogate": {"edit_rate": 0.4}},
    "without-fresh": {"surrogate": {"fresh_rate": 0.0}},
    "species-by-descent": {"speciation": {"structure_weight": 0.0, "gene_weight": 0.0}},
    "credit-by-mean": {"credit": "mean"},
    "without-model-credit-by-mean": {"surrogate": None, "credit": "mean"},
    "without-model-species-by-descent": {
        "surrogate": None,
        "speciation": {"structure_weight": 0.0, "gene_weight": 0.0},
    },
    "without-model-and-archive": {"surrogate": None, "elite_assembly_rate": 0.0},
}
"""`CoDeepNEATSampler` with one thing changed."""

SAMPLERS |= {name: Entry(_codeepneat, options) for name, options in ABLATIONS.items()}

GROUPS_OF_SAMPLERS = {"ablations": ("codeepneat", *ABLATIONS)}

DEFAULTS = ("codeepneat", "front-mutation", "nsgaii", "tpe", "tpe-multivariate", "random")


def entry(name: str, variants: Mapping[str, Mapping[str, Any]]) -> Entry:
    """A sampler of the table above, or a variant of one, by default of `codeepneat`.

    Args:
        name:
            Of either.
        variants:
            Keyword arguments by name; `base` among them is the name of another sampler.
    """
    if name not in variants:
        return SAMPLERS[name]
    options = dict(variants[name])
    base = SAMPLERS[options.pop("base", "codeepneat")]
    return Entry(base.make, {**base.options, **options}, base.inherits)
