"""`CoDeepNEATSampler`: the settings of a coevolution, checked."""

from __future__ import annotations

from collections.abc import Sequence

from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._cheap import checked_cheap
from optuna_codeepneat.sampler._codeepneat._algorithm import CoDeepNEAT
from optuna_codeepneat.sampler._codeepneat._credit import CREDITS
from optuna_codeepneat.sampler._codeepneat._credit import Credit
from optuna_codeepneat.sampler._codeepneat._selection import Selection
from optuna_codeepneat.sampler._codeepneat._settings import CoDeepNEATSettings
from optuna_codeepneat.sampler._codeepneat._speciation import Speciation
from optuna_codeepneat.sampler._genetics import Crossover
from optuna_codeepneat.sampler._genetics import Mutation
from optuna_codeepneat.sampler._genetics import Operator
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.sampler._surrogate import checked_surrogate
from optuna_codeepneat.search_space import SearchSpace


class CoDeepNEATSampler(EvolutionarySampler):
    """Evolves networks, and hyperparameters with them, by CoDeepNEAT (Liang et al. 2019, LEAF).

    Two populations coevolve: *modules*, small graphs of layers in as many species as the space
    has slots, and *blueprints*, graphs whose nodes point to these slots. A trial is assembled
    from one blueprint and one module for each slot it points to; its values are attributed to
    all of them. Parameters that the objective suggests beside the architecture are global genes
    of the blueprint and evolve with it. Without a search space they are all that evolves
    (hyperparameter-only mode, LEAF, section 3.3).

    The study's storage is the only shared state: any number of processes that open the study
    with the same search space and settings continue the same evolution. A generation is a window
    of `assembled_population_size` trial numbers; no worker waits for another's network.

    Sizes and rates default to what suits 100 to 500 networks on one machine; `leaf` has those of
    the paper.

    Args:
        space:
            The search space, None for hyperparameter-only mode.
        seed:
            The seed; drawn, and kept in the study, if None. Results are reproducible for the
            same order of results, so with one worker; with `reproducible` for any number.
        assembled_population_size:
            Networks per generation.
        module_population_size:
            Modules over all slots; a multiple of the slots spreads them evenly. Six for each
            slot if None.
        blueprint_population_size:
            Blueprints; a third of the networks if None, as many as the networks without a space.
        n_blueprint_species:
            Species of blueprints. Those of modules are the slots of the space.
        initial_nodes:
            The most nodes of a module or a blueprint in the first generation: 1 for minimal
            chromosomes as in the paper, None for any size.
        founders:
            Blueprints, and modules of each slot, in the first generation where these are more
            than the populations hold afterwards (ours): as many as networks if None, so that the
            first networks are as different as random ones, and the populations begin with the
            best of them.
        elite_assembly_rate:
            Share of networks that start from an archived one, one component of which is mutated
            or crossed with another archived network's (ours); 0 gives the paper.
        archive_size:
            The most networks in the archive of the best: for several objectives of the Pareto
            front of all time.
        credit:
            What a component is worth: ``"mean"`` of its networks (the paper), the ``"best"`` of
            them, or a function from their scores to one.
        module_mutation:
            Mutates modules; any ``(genome, rng, space) -> genome``.
        blueprint_mutation:
            Mutates blueprints, likewise.
        crossover:
            Lines up and crosses two genomes.
        speciation:
            Distance and species.
        selection:
            Ranking, elitism, truncation, sizes of species.
        inheritance:
            How a network inherits the weights of the finished one that it shares most with (ours):
            ``"exact"``, ``"noisy"`` or ``"fresh"``, as `LemonadeSampler` has it; None, as in the
            paper, if every network is trained from scratch. Needs a search space.
        surrogate:
            How a model of all finished trials chooses which of many bred networks is evaluated
            (ours), True for a `Surrogate` with its defaults; False or None, as in the paper, if
            every network that is bred is evaluated.
        cheap:
            Objectives of the study that are known before training, for that model:
            ``"num_params"``, ``"macs"``, ``"depth"``, or a function of the `Architecture`; without
            a search space, of the parameters as a mapping. The three names need not be said.
        allow_duplicates:
            Whether a network may be evaluated again, with the same hyperparameters.
        reproducible:
            Whether the populations are to be the same for any number of workers, given the seed
            and the same values for the same networks. A generation then waits for all results of
            the one before, and a place whose worker was lost, or that failed, is evaluated again,
            up to three times. At most `assembled_population_size` trials may run at once.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat import CoDeepNEATSampler, SearchSpace
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> def objective(trial):
        ...     architecture = space.suggest(trial)
        ...     return architecture.depth, architecture.num_params
        >>> study = optuna.create_study(
        ...     directions=["maximize", "minimize"], sampler=CoDeepNEATSampler(space, seed=1)
        ... )
        >>> study.optimize(objective, n_trials=10)
    """

    def __init__(
        self,
        space: SearchSpace | None = None,
        *,
        seed: int | None = None,
        assembled_population_size: int = 24,
        module_population_size: int | None = None,
        blueprint_population_size: int | None = None,
        n_blueprint_species: int = 1,
        initial_nodes: int | None = None,
        founders: int | None = None,
        elite_assembly_rate: float = 0.75,
        archive_size: int = 50,
        credit: str | Credit = "best",
        module_mutation: Operator | None = None,
        blueprint_mutation: Operator | None = None,
        crossover: Crossover | None = None,
        speciation: Speciation | None = None,
        selection: Selection | None = None,
        inheritance: str | None = None,
        surrogate: Surrogate | bool | None = True,
        cheap: Sequence[Cheap] = (),
        allow_duplicates: bool = False,
        reproducible: bool = False,
    ) -> None:
        if space is not None and not isinstance(space, SearchSpace):
            raise ValueError(f"`space` must be a SearchSpace or None, got {space!r}.")
        if isinstance(credit, str) and credit not in CREDITS:
            raise ValueError(f"`credit` must be one of {', '.join(CREDITS)}, got {credit!r}.")
        if inheritance is not None and space is None:
            raise ValueError(f"`inheritance`={inheritance!r} needs a `space`.")
        if module_population_size is None:
            module_population_size = 0 if space is None else 6 * len(space.slots)
        if space is not None and module_population_size < len(space.slots):
            raise ValueError(
                f"`module_population_size` must be at least the {len(space.slots)} slots of the "
                f"space, got {module_population_size}."
            )
        if blueprint_population_size is None:
            size = assembled_population_size
            blueprint_population_size = size if space is None else max(1, size // 3)
        settings = CoDeepNEATSettings(
            assembled_population_size=assembled_population_size,
            module_population_size=module_population_size,
            blueprint_population_size=blueprint_population_size,
            n_blueprint_species=n_blueprint_species,
            initial_nodes=initial_nodes,
            founders=assembled_population_size if founders is None else founders,
            elite_assembly_rate=elite_assembly_rate,
            archive_size=archive_size,
            credit=CREDITS[credit] if isinstance(credit, str) else credit,
            module_mutation=module_mutation or Mutation(),
            blueprint_mutation=blueprint_mutation or Mutation(),
            crossover=crossover or Crossover(),
            speciation=speciation or Speciation(),
            selection=selection or Selection(),
            allow_duplicates=allow_duplicates,
            reproducible=reproducible,
            inheritance=inheritance,
            surrogate=checked_surrogate(surrogate),
            cheap=checked_cheap(cheap, space, reproducible),
        )
        super().__init__(CoDeepNEAT(space, settings), seed)

    @classmethod
    def leaf(
        cls,
        domain: str,
        space: SearchSpace | None = None,
        *,
        seed: int | None = None,
        reproducible: bool = False,
    ) -> CoDeepNEATSampler:
        """The sampler with the sizes and rates of LEAF (Liang et al. 2019, table 2).

        What the paper does not publish (perturbation of genes, elitism) keeps our defaults; what
        it does not have (archive, removal of nodes and connections, numbers between those of
        the parents) is off.

        Args:
            domain:
                ``"wikidetox"`` or ``"chest_xray"``.
            space:
                The search space, of 4 module slots as in the paper.
            seed:
                The seed.
            reproducible:
                As the constructor has it.
        """
        rates = {
            "wikidetox": {"module": (0.05, 0.05), "blueprint": (0.05, 0.05)},
            "chest_xray": {"module": (0.08, 0.08), "blueprint": (0.16, 0.12)},
        }
        if domain not in rates:
            raise ValueError(f"`domain` must be one of {', '.join(rates)}, got {domain!r}.")
        return cls._published(
            space,
            modules=56,
            blueprints=22,
            module_rates=rates[domain]["module"],
            blueprint_rates=rates[domain]["blueprint"],
            seed=seed,
            reproducible=reproducible,
        )

    @classmethod
    def cifar10(
        cls,
        space: SearchSpace | None = None,
        *,
        seed: int | None = None,
        reproducible: bool = False,
    ) -> CoDeepNEATSampler:
        """The sampler with the sizes of CoDeepNEAT on CIFAR-10 (Miikkulainen et al. 2017).

        Its rates are not published: nodes and connections are added as LEAF adds them on Wikidetox
        (ours). All else is as in `leaf`.

        Args:
            space:
                The search space, see `SearchSpace.cifar10`.
            seed:
                The seed.
            reproducible:
                As the constructor has it.
        """
        return cls._published(
            space,
            modules=45,
            blueprints=25,
            module_rates=(0.05, 0.05),
            blueprint_rates=(0.05, 0.05),
            seed=seed,
            reproducible=reproducible,
        )

    @classmethod
    def _published(
        cls,
        space: SearchSpace | None,
        *,
        modules: int,
        blueprints: int,
        module_rates: tuple[float, float],
        blueprint_rates: tuple[float, float],
        seed: int | None,
        reproducible: bool,
    ) -> CoDeepNEATSampler:
        """Without what is ours; rates are those of added nodes and of added connections."""

        def mutation(rates: tuple[float, float]) -> Mutation:
            return Mutation(
                add_node_prob=rates[0],
                add_connection_prob=rates[1],
                remove_node_prob=0.0,
                remove_connection_prob=0.0,
                change_kind_prob=0.05,
                duplicate_prob=0.0,
                redraw_prob=0.0,
            )

        return cls(
            space,
            seed=seed,
            assembled_population_size=100,
            module_population_size=modules if space is not None else None,
            blueprint_population_size=blueprints if space is not None else None,
            initial_nodes=1,
            founders=0,
            elite_assembly_rate=0.0,
            credit="mean",
            module_mutation=mutation(module_rates),
            blueprint_mutation=mutation(blueprint_rates),
            crossover=Crossover(blend=None),
            surrogate=None,
            selection=Selection(front_order="primary"),
            reproducible=reproducible,
        )
