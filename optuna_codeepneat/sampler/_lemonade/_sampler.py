"""`LemonadeSampler`: the settings of LEMONADE, checked."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence

from optuna_codeepneat._scalars import scalar
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._cheap import checked_cheap
from optuna_codeepneat.sampler._lemonade._algorithm import Lemonade
from optuna_codeepneat.sampler._lemonade._density import Density
from optuna_codeepneat.sampler._lemonade._morphisms import Morphism
from optuna_codeepneat.sampler._lemonade._operators import APPROXIMATE_RATES
from optuna_codeepneat.sampler._lemonade._operators import EXACT_RATES
from optuna_codeepneat.sampler._lemonade._settings import LemonadeSettings
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.sampler._surrogate import checked_surrogate
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import SearchSpace


Rates = Mapping[str | Morphism, float]


class LemonadeSampler(EvolutionarySampler):
    """Evolves networks by network morphisms (Elsken, Metzen and Hutter 2019, LEMONADE).

    The population is the non-dominated set of all networks evaluated so far. A child is a parent
    after one or several morphisms, after most of which it can compute the very function of its
    parent: where the training takes over the parent's weights (`Checkpoints`), it need not start
    from scratch. Sizes are known before training, so parents and children are drawn against the
    density of the population over these cheap objectives. Parameters that the objective suggests
    beside the architecture are inherited as well, and now and then perturbed.

    The study's storage is the only shared state, as with `CoDeepNEATSampler`: any number of
    processes continue the same evolution, and no worker waits for another's network.

    Args:
        space:
            The search space.
        seed:
            The seed; drawn, and kept in the study, if None.
        cheap:
            Objectives that are known before training: ``"num_params"``, ``"macs"``, ``"depth"``,
            or functions from an `Architecture` to a finite number, each tried on a few networks
            at once. They need not be objectives of the study.
        children_per_generation:
            After how many trials the population is brought up to date.
        n_proposals:
            Children that are proposed for each one that is accepted and trained, where no model
            chooses.
        max_morphisms:
            A child is made by 1 to so many morphisms: half of them by one, a quarter by two, and
            so on (ours).
        approximate_rate:
            Share of the approximate ones among the morphisms (ours).
        continuation_rate:
            Share of the children that are their parent itself, whose training goes on with other
            hyperparameters, where weights are inherited. Ours; population based training does
            nothing else (Jaderberg et al. 2017).
        exact_morphisms:
            Which exact ones there are, and how often each is tried: a mapping from a name
            (``"deepen"``, ``"widen"``, ``"connect"``, ``"add_module"``, ``"split_module"``), or
            from a function ``(network, rng, space) -> network``, to a weight. All of these
            equally often if None.
        approximate_morphisms:
            Likewise (``"remove_node"``, ``"disconnect"``, ``"narrow"``, ``"separate"``,
            ``"alter"``); if None, every second one is an ``"alter"``, which looks for better genes
            of the layers that are there (ours).
        initial:
            Networks to begin with. Small random ones if None.
        n_initial:
            How many networks to begin with; the rest are drawn. If None, as many as
            `initial`, or as two generations have, but no more than a model needs (ours).
        density:
            How crowded a place is; True for a `Density` with its defaults, False to draw parents
            and children uniformly.
        elite_size:
            The population of a study with one objective: so many of the best (ours).
        max_population:
            The most networks in the population, those that lie farthest apart (ours).
        gene_prob:
            Probability that a hyperparameter of a child is perturbed (ours).
        sigma:
            Standard deviation of that, as a share of its range (ours).
        inheritance:
            How a child inherits its parent's weights: ``"exact"``, ``"noisy"`` (with a little
            noise that breaks symmetries) or ``"fresh"`` (what is new is random); None if not.
        surrogate:
            How a model chooses among many children which one is trained (ours), instead of a draw
            against the density, True for a `Surrogate` with its defaults; False or None, as in
            the paper, if none does.
        allow_duplicates:
            Whether a network may be evaluated again, with the same hyperparameters.
        reproducible:
            Whether the evolution is to be the same for any number of workers, as with
            `CoDeepNEATSampler`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat import LemonadeSampler, SearchSpace
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> def objective(trial):
        ...     architecture = space.suggest(trial)
        ...     return architecture.depth, architecture.num_params
        >>> study = optuna.create_study(
        ...     directions=["maximize", "minimize"], sampler=LemonadeSampler(space, seed=1)
        ... )
        >>> study.optimize(objective, n_trials=10)
    """

    def __init__(
        self,
        space: SearchSpace,
        *,
        seed: int | None = None,
        cheap: Sequence[Cheap] = ("num_params",),
        children_per_generation: int = 8,
        n_proposals: int = 8,
        max_morphisms: int = 3,
        approximate_rate: float = 0.6,
        continuation_rate: float = 0.3,
        exact_morphisms: Rates | None = None,
        approximate_morphisms: Rates | None = None,
        initial: Sequence[Architecture] | None = None,
        n_initial: int | None = None,
        density: Density | bool = True,
        elite_size: int = 8,
        max_population: int = 100,
        gene_prob: float = 0.15,
        sigma: float = 0.1,
        inheritance: str | None = "exact",
        surrogate: Surrogate | bool | None = True,
        allow_duplicates: bool = False,
        reproducible: bool = False,
    ) -> None:
        if not isinstance(space, SearchSpace):
            raise ValueError(f"`space` must be a SearchSpace, got {space!r}.")
        density = scalar(density)
        if not isinstance(density, bool | Density):
            raise ValueError(f"`density` must be a Density, True or False, got {density!r}.")
        if not cheap:
            raise ValueError(f"`cheap` must hold an objective at least, got {cheap!r}.")
        exact = _checked_rates("exact_morphisms", exact_morphisms, EXACT_RATES)
        approximate = _checked_rates(
            "approximate_morphisms", approximate_morphisms, APPROXIMATE_RATES
        )
        settings = LemonadeSettings(
            cheap=checked_cheap(cheap, space, reproducible),
            children_per_generation=children_per_generation,
            n_proposals=n_proposals,
            max_morphisms=max_morphisms,
            approximate_rate=approximate_rate,
            continuation_rate=continuation_rate,
            exact_morphisms=exact,
            approximate_morphisms=approximate,
            initial=_checked_initial(initial, space),
            n_initial=n_initial,
            density=Density() if density is True else density or None,
            elite_size=elite_size,
            max_population=max_population,
            gene_prob=gene_prob,
            sigma=sigma,
            inheritance=inheritance,
            surrogate=checked_surrogate(surrogate),
            allow_duplicates=allow_duplicates,
            reproducible=reproducible,
        )
        super().__init__(Lemonade(space, settings), seed)

    @classmethod
    def paper(
        cls,
        space: SearchSpace,
        *,
        seed: int | None = None,
        cheap: Sequence[Cheap] = ("num_params",),
        reproducible: bool = False,
    ) -> LemonadeSampler:
        """The sampler without what is ours (Elsken, Metzen and Hutter 2019).

        Parents and children are drawn against the density of the population, no model chooses, no
        child is its parent itself, and the approximate morphisms are those of the paper: layers
        and skips are removed, filters are pruned, convolutions become separable. All morphisms
        are tried equally often (ours); how many children are proposed and accepted keeps our
        defaults.

        Args:
            space:
                The search space, see `SearchSpace.lemonade`.
            seed:
                The seed.
            cheap:
                Objectives that are known before training.
            reproducible:
                As the constructor has it.
        """
        approximate: dict[str | Morphism, float] = {
            name: 1.0 for name in APPROXIMATE_RATES if name != "alter"
        }
        return cls(
            space,
            seed=seed,
            cheap=cheap,
            approximate_rate=len(approximate) / (len(approximate) + len(EXACT_RATES)),
            continuation_rate=0.0,
            approximate_morphisms=approximate,
            surrogate=None,
            reproducible=reproducible,
        )


def _checked_rates(
    name: str, rates: Rates | None, known: Mapping[str, float]
) -> dict[str | Morphism, float]:
    if rates is None:
        return dict(known.items())
    if not isinstance(rates, Mapping):
        raise ValueError(f"`{name}` must be a mapping to weights, got {rates!r}.")
    for key, rate in rates.items():
        if key not in known and not callable(key):
            raise ValueError(f"`{name}` must hold {', '.join(known)} or functions, got {key!r}.")
        if not 0.0 <= rate < float("inf"):
            raise ValueError(f"`{name}[{key!r}]` must be a number from 0, got {rate}.")
    return {key: float(rate) for key, rate in rates.items()}


def _checked_initial(
    initial: Sequence[Architecture] | None, space: SearchSpace
) -> tuple[Architecture, ...]:
    for i, architecture in enumerate(initial or ()):
        try:
            space.encode(architecture)
        except (ValueError, AttributeError) as error:
            raise ValueError(f"`initial[{i}]` is not in the search space: {error}") from None
    return tuple(initial or ())
