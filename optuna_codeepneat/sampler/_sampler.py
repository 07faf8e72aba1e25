"""`CoDeepNEATSampler`: Optuna's hooks around the evolution."""

from __future__ import annotations

import operator
import secrets
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

from optuna.samplers import BaseSampler

from optuna_codeepneat._rng import rng_for
from optuna_codeepneat.sampler import _storage
from optuna_codeepneat.sampler._assembly import Proposal
from optuna_codeepneat.sampler._credit import CREDITS
from optuna_codeepneat.sampler._credit import Credit
from optuna_codeepneat.sampler._crossover import Crossover
from optuna_codeepneat.sampler._evidence import network_of
from optuna_codeepneat.sampler._evidence import params_hash
from optuna_codeepneat.sampler._genes import draw
from optuna_codeepneat.sampler._genome import genome_id
from optuna_codeepneat.sampler._history import History
from optuna_codeepneat.sampler._history import Task
from optuna_codeepneat.sampler._ledger import assignment_of
from optuna_codeepneat.sampler._ledger import network_assigned
from optuna_codeepneat.sampler._mutation import Mutation
from optuna_codeepneat.sampler._mutation import Operator
from optuna_codeepneat.sampler._records import ASSIGNMENT
from optuna_codeepneat.sampler._records import Assignment
from optuna_codeepneat.sampler._records import pack
from optuna_codeepneat.sampler._selection import Selection
from optuna_codeepneat.sampler._settings import Settings
from optuna_codeepneat.sampler._speciation import Speciation
from optuna_codeepneat.sampler._verify import Verification
from optuna_codeepneat.sampler._verify import verify
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space._ranges import contains


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial
    from optuna.trial import TrialState


class CoDeepNEATSampler(BaseSampler):
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
        allow_duplicates: bool = False,
        reproducible: bool = False,
    ) -> None:
        if space is not None and not isinstance(space, SearchSpace):
            raise ValueError(f"`space` must be a SearchSpace or None, got {space!r}.")
        if isinstance(credit, str) and credit not in CREDITS:
            raise ValueError(f"`credit` must be one of {', '.join(CREDITS)}, got {credit!r}.")
        if seed is not None:
            try:
                seed = operator.index(seed)
            except TypeError:
                raise ValueError(f"`seed` must be a whole number or None, got {seed!r}.") from None
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
        self._settings = Settings(
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
        )
        self._space = space
        self._seed = secrets.randbits(32) if seed is None else seed
        self._history: History | None = None
        # Replaced by a command that wants to be interrupted while it waits.
        self._sleep: Callable[[float], None] = time.sleep
        self._pending: dict[int, _Pending] = {}

    @classmethod
    def leaf(
        cls, domain: str, space: SearchSpace | None = None, *, seed: int | None = None
    ) -> CoDeepNEATSampler:
        """The sampler with the sizes and rates of LEAF (Liang et al. 2019, table 2).

        What the paper does not publish (perturbation of genes, elitism) keeps our defaults; what
        it does not have (archive, removal, removal of connections) is off.

        Args:
            domain:
                ``"wikidetox"`` or ``"chest_xray"``.
            space:
                The search space, of 4 module slots as in the paper.
            seed:
                The seed.
        """
        rates = {
            "wikidetox": {"module": (0.05, 0.05), "blueprint": (0.05, 0.05)},
            "chest_xray": {"module": (0.08, 0.08), "blueprint": (0.16, 0.12)},
        }
        if domain not in rates:
            raise ValueError(f"`domain` must be one of {', '.join(rates)}, got {domain!r}.")

        def mutation(what: str) -> Mutation:
            add_node, add_connection = rates[domain][what]
            return Mutation(
                add_node_prob=add_node,
                add_connection_prob=add_connection,
                remove_node_prob=0.0,
                remove_connection_prob=0.0,
                change_kind_prob=0.05,
                duplicate_prob=0.0,
            )

        return cls(
            space,
            seed=seed,
            assembled_population_size=100,
            module_population_size=56 if space is not None else None,
            blueprint_population_size=22 if space is not None else None,
            initial_nodes=1,
            founders=0,
            elite_assembly_rate=0.0,
            credit="mean",
            module_mutation=mutation("module"),
            blueprint_mutation=mutation("blueprint"),
            selection=Selection(front_order="primary"),
        )

    def verify(
        self, study: Study, on_progress: Callable[[int, int], None] | None = None
    ) -> Verification:
        """Replays the evolution of a study from its storage and checks every generation.

        Args:
            study:
                A study of this sampler, finished or not; nothing is written to it.
            on_progress:
                Called as ``on_progress(checked, in all)``.

        Returns:
            What was checked, and what is wrong with it.

        Raises:
            StoredStateError: If a record is damaged, or of a newer version of the package.
            ValueError: If the study was begun with another search space or other settings.
        """
        history = History(study, self._space, self._settings, self._seed)
        history.refresh()
        return verify(history.ledger, history.lineage, self._space, self._settings, on_progress)

    # -- Optuna's hooks ----------------------------------------------------------------------

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Assigns the trial its network; all of the evolution happens here."""
        try:
            self._assign(study, trial)
        except BaseException:  # Ctrl-C as well
            _storage.fail(study, trial)  # else it would run for ever
            raise

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Nothing: each parameter is answered as it is asked, whatever its range is then."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The assigned values of these parameters."""
        return {
            name: self.sample_independent(study, trial, name, search_space[name])
            for name in search_space
        }

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """The assigned value of a parameter, or a new draw where the genome has none."""
        pending = self._pending.get(_storage.trial_id(trial))
        if pending is None:  # asked for before this sampler took over
            return draw(param_distribution, rng_for(self._seed, "draw", trial.number, param_name))
        value = pending.params.get(param_name)
        if param_name in pending.params and contains(param_distribution, value):
            return value
        rng = rng_for(pending.seed, "draw", pending.generation, pending.place, param_name)
        return draw(param_distribution, rng)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Forgets what the trial was assigned."""
        self._pending.pop(_storage.trial_id(trial), None)

    def reseed_rng(self) -> None:
        """Nothing: randomness is keyed by the study's seed and the trial's number."""

    # -- details -----------------------------------------------------------------------------

    def _assign(self, study: Study, trial: FrozenTrial) -> None:
        if self._history is None or self._history.identity != _storage.identity(study):
            self._history = History(study, self._space, self._settings, self._seed, self._sleep)
        history = self._history
        assignment, network = assignment_of(trial), network_assigned(trial)
        if assignment is not None and network is not None:
            # Retried by Optuna after its worker died, or opened again by another process.
            params = self._params(Proposal.of(network, self._space))
            history.rejoin(trial)
        else:
            task = history.assign(trial)
            proposal = task.proposal
            params = self._params(proposal)
            fixed = _storage.fixed_params(trial)
            if fixed:
                params |= fixed
                enqueued = network_of(params, self._space)
                proposal = Proposal.of(enqueued, self._space) if enqueued else proposal
            assignment = Assignment(
                trial.number,
                task.record.generation,
                task.place,
                task.record.number,
                proposal.signature,
                proposal.key.digest,
                params_hash(params, self._space),
                pack(proposal.network.to_json()),
            )
            _storage.set_text(study, trial, ASSIGNMENT, assignment.pack())
            shown = _shown(task, proposal)
            for name, value in shown.items():
                _storage.set_user_attr(study, trial, name, value)
        self._pending[_storage.trial_id(trial)] = _Pending(
            params, history.seed, assignment.generation, assignment.place
        )

    def _params(self, proposal: Proposal) -> dict[str, Any]:
        """The parameters that a network stands for, as far as its genes are known."""
        params = dict(proposal.genes)
        if self._space is not None and proposal.architecture is not None:
            params |= self._space.encode(proposal.architecture)
        return params

    def __getstate__(self) -> dict[str, Any]:
        # A copy in another process computes the history anew from the storage.
        return {**self.__dict__, "_history": None, "_pending": {}}


@dataclass(frozen=True)
class _Pending:
    """What a running trial of this process was assigned, and what new draws are keyed by."""

    params: Mapping[str, Any]
    seed: int
    generation: int
    place: int


def _shown(task: Task, proposal: Proposal) -> dict[str, Any]:
    """What Optuna Dashboard shows of a trial: what it is made of, and how large it is.

    Few attributes, since each costs a commit.
    """
    network, species = proposal.network, "new"
    blueprint = genome_id(network.blueprint)
    for individual in task.state.blueprints.individuals:
        if individual.id == blueprint:
            species = individual.species
    origin = network.origin if network.parent is None else f"from trial {network.parent}"
    parts = [f"{origin}: blueprint {blueprint[:4]} (species {species})"]
    parts += [f"{slot} {genome_id(genome)[:4]}" for slot, genome in network.modules.items()]
    shown: dict[str, Any] = {
        "generation": task.record.generation,
        "components": ", ".join(parts),
    }
    if proposal.architecture is not None:
        shown["num_params"] = proposal.architecture.num_params
    return shown
