"""`SearchSpace`: which networks there are, as ordinary Optuna parameters."""

from __future__ import annotations

import string
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal

import optuna
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import distribution_to_json
from optuna.distributions import json_to_distribution

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._scalars import scalar
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.search_space._architecture import BLUEPRINT
from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._caps import Caps
from optuna_codeepneat.search_space._claims import claim
from optuna_codeepneat.search_space._consistency import check_inputs
from optuna_codeepneat.search_space._consistency import check_pooling
from optuna_codeepneat.search_space._consistency import check_tokens
from optuna_codeepneat.search_space._filling import filled_blueprint
from optuna_codeepneat.search_space._filling import filled_module
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._graph_ranges import GraphRanges
from optuna_codeepneat.search_space._layer import extremes
from optuna_codeepneat.search_space._parameters import Choose
from optuna_codeepneat.search_space._parameters import beginning
from optuna_codeepneat.search_space._parameters import suggest
from optuna_codeepneat.search_space._parameters import values_of
from optuna_codeepneat.search_space._presets import Presets
from optuna_codeepneat.search_space._ranges import GeneRanges
from optuna_codeepneat.search_space._ranges import among
from optuna_codeepneat.search_space._ranges import checked
from optuna_codeepneat.search_space._ranges import hyperparameter_ranges
from optuna_codeepneat.search_space._ranges import layer_ranges
from optuna_codeepneat.search_space._ranges import read
from optuna_codeepneat.search_space._shapes import DEFAULT_GLOBAL_POOLS
from optuna_codeepneat.search_space._shapes import DEFAULT_MERGES
from optuna_codeepneat.search_space._shapes import GLOBAL_POOLS
from optuna_codeepneat.search_space._shapes import MERGES
from optuna_codeepneat.search_space._shapes import checked_shape
from optuna_codeepneat.search_space._shapes import rank
from optuna_codeepneat.search_space._smallest import smallest


if TYPE_CHECKING:
    from optuna.trial import BaseTrial


class SearchSpace(Presets):
    """The networks that a study may build, as ordinary Optuna parameters.

    A network is a *blueprint*, a graph whose nodes point to *module slots* ("A", "B", ...), and
    the *module* that each slot in use holds, a graph of layers (Liang et al. 2019, section 3.1).
    Every assignment of the parameters is a network that builds and trains: nodes are in
    topological order, sizes and channels are aligned by stated rules, and what no node reads is
    merged into the output. So the same objective runs under every sampler of Optuna.

    Args:
        layers:
            The layers that modules are made of: a mapping from a layer's name to the genes that
            differ from the layer's own ranges, each an Optuna distribution or a plain value that
            fixes the gene (it is then no parameter); or just the names.
        input_shape:
            Shape of one example: ``(features,)``, ``(channels, length)`` or
            ``(channels, height, width)``. With `vocab_size`: ``(embedding channels, length)``.
        num_outputs:
            Length of the output vector.
        vocab_size:
            For text: how many tokens there are. Networks then read integers ``(batch, length)``
            through a learned embedding.
        padding_index:
            For text: the token that fills what is behind the end of a text. Networks then leave it
            out: whatever layers and merges they have, a text has the same outputs however much
            padding follows it. None, the default, reads it like any other token.
        n_module_slots:
            How many kinds of module a blueprint can point to, 1 to 26.
        max_module_nodes:
            The most layers in a module.
        max_blueprint_nodes:
            The most modules in a network.
        max_inputs:
            The most inputs of a node. With n nodes, a trial stores all sets of so many among n; it
            may have 65,535 bytes of them, which MySQL can hold: any number of inputs for up to 11
            nodes, 2 for up to 119.
        merges:
            How several inputs may become one: ``"sum"``, which projects narrower inputs to the
            widest, ``"concat"``, ``"scaled_sum"``, a sum with a learned factor for each input,
            and ``"convex"``, the same with factors that add up to 1 (LEMONADE; Elsken et al.
            2019). Through the last two a connection can be added that changes nothing at first.
        global_pools:
            How the last feature map may become a vector: ``"mean"``, ``"max"``, ``"mean+max"``,
            or ``"flatten"``, which keeps every position and so has as many more weights.
        min_pooling:
            How often at least the sizes are halved on the way (LEAF, table 3); missing pools are
            spread evenly over the blueprint.
        weight_sharing:
            Whether blueprint nodes that point to the same slot use the same weights (LEAF, table
            3), not only the same module: every layer the core of the layer at its position in the
            first such module, if that reads as many channels. Normalisation and the residual sum
            stay each place's own.
        max_params:
            The most parameters of a network; `suggest` prunes a trial with more.
        max_macs:
            The most multiply-adds per example, likewise.
        hyperparameters:
            Parameters beside the architecture, such as a learning rate. An objective may as well
            suggest them itself.

    Raises:
        ValueError: If no network can meet the arguments, in one sentence that says why.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat import SearchSpace
        >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
        >>> study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
        >>> architecture = space.suggest(study.ask())
        >>> architecture.num_params > 0
        True
    """

    def __init__(
        self,
        *,
        layers: Mapping[str, GeneRanges] | Sequence[str],
        input_shape: Sequence[int],
        num_outputs: int,
        vocab_size: int | None = None,
        padding_index: int | None = None,
        n_module_slots: int = 3,
        max_module_nodes: int = 3,
        max_blueprint_nodes: int = 4,
        max_inputs: int = 2,
        merges: Sequence[str] = DEFAULT_MERGES,
        global_pools: Sequence[str] = DEFAULT_GLOBAL_POOLS,
        min_pooling: int = 0,
        weight_sharing: bool = False,
        max_params: int | None = None,
        max_macs: int | None = None,
        hyperparameters: Mapping[str, BaseDistribution] | None = None,
    ) -> None:
        self.input_shape = checked_shape(input_shape)
        self.num_outputs = whole("num_outputs", num_outputs, 1)
        self.vocab_size = whole_or_none("vocab_size", vocab_size, 1)
        n_slots = whole("n_module_slots", n_module_slots, 1, 26)
        self.slots = tuple(string.ascii_uppercase[:n_slots])
        self.max_module_nodes = whole("max_module_nodes", max_module_nodes, 1)
        self.max_blueprint_nodes = whole("max_blueprint_nodes", max_blueprint_nodes, 1)
        self.max_inputs = whole("max_inputs", max_inputs, 1)
        most_nodes = ("max_blueprint_nodes", "max_module_nodes")
        check_inputs(self.max_inputs, {name: getattr(self, name) for name in most_nodes})
        self.min_pooling = whole("min_pooling", min_pooling, 0)
        self.max_params = whole_or_none("max_params", max_params, 1)
        self.max_macs = whole_or_none("max_macs", max_macs, 1)
        self.padding_index = whole_or_none("padding_index", padding_index, 0)
        check_tokens(self.input_shape, self.vocab_size, self.padding_index)
        self.weight_sharing = scalar(weight_sharing)
        if not isinstance(self.weight_sharing, bool):
            raise ValueError(f"`weight_sharing` must be True or False, got {weight_sharing!r}.")
        self.merge = among("merges", merges, MERGES)
        self.layers = layer_ranges(layers, rank(self.input_shape))
        self.hyperparameters = hyperparameter_ranges(hyperparameters)
        spatial = rank(self.input_shape) > 0
        self.blueprint_genes: dict[str, BaseDistribution] = (
            {"pool": CategoricalDistribution((False, True))} if spatial else {}
        )
        self.graph_genes: dict[str, BaseDistribution] = (
            {"head.pool": among("global_pools", global_pools, GLOBAL_POOLS)} if spatial else {}
        )
        ranges = partial(GraphRanges, max_inputs=self.max_inputs, merge=self.merge)
        self._blueprint = ranges(
            BLUEPRINT,
            dict.fromkeys(self.slots, self.blueprint_genes),
            max_nodes=self.max_blueprint_nodes,
            genes=self.graph_genes,
        )
        self._modules = {
            slot: ranges(slot, self.layers, max_nodes=self.max_module_nodes, genes={})
            for slot in self.slots
        }
        for name in self.hyperparameters:
            if name in self.architecture_parameters:
                raise ValueError(f"`hyperparameters` must not hold the reserved name {name!r}.")
        check_pooling(self.input_shape, self.min_pooling)
        self._caps.check(self.smallest)

    # -- parameters <-> architecture ---------------------------------------------------------

    def suggest(self, trial: BaseTrial, *, prefix: str | None = None) -> Architecture:
        """The architecture of a trial, by nothing but ``trial.suggest_*``.

        Args:
            trial:
                A trial of any study, or a `optuna.trial.FixedTrial`.
            prefix:
                What the names of its parameters begin with, as in
                ``encoder.module.A.0.conv1d.width``, for an objective with several networks. The
                samplers of this package evolve as networks those without a prefix; with one they
                are hyperparameters to them.

        Returns:
            The architecture, the same each time for the same trial and prefix.

        Raises:
            optuna.TrialPruned: If the network is larger than `max_params` or `max_macs`
                (`CoDeepNEATSampler` proposes no such network).
            ValueError: If another space was suggested in the trial with the same prefix.
        """
        begin = beginning(prefix)
        claim(trial, begin, self)
        architecture = self.walk(lambda name, dist: suggest(trial, begin + name, dist))
        excess = self.excess(architecture)
        if excess is not None:
            raise optuna.TrialPruned(excess)
        return architecture

    def decode(self, params: Mapping[str, Any], *, prefix: str | None = None) -> Architecture:
        """The architecture that parameters describe; the inverse of `encode`.

        Args:
            params:
                For instance ``study.best_params``, or a row of ``study.trials_dataframe()`` or of
                a CSV file without ``params_`` in the names: 2.0 and "2" are taken for 2 where the
                space has it. Names that belong to nothing in use are ignored.
            prefix:
                The prefix that `suggest` had.

        Raises:
            ValueError: If a parameter is missing or outside of the space.
        """
        begin = beginning(prefix)

        def choose(name: str, distribution: BaseDistribution) -> Any:
            name = begin + name
            if name not in params:
                raise ValueError(f"parameter `{name}` is missing.")
            return read(name, params[name], distribution)

        return self.walk(choose)

    def encode(self, architecture: Architecture, *, prefix: str | None = None) -> dict[str, Any]:
        """The parameters that describe an architecture; the inverse of `decode`.

        With ``study.enqueue_trial(space.encode(architecture))`` a hand-written network takes
        part in a study.

        Args:
            architecture:
                A network of the space.
            prefix:
                What the names begin with; see `suggest`.

        Raises:
            ValueError: If the architecture is not in the space; the message names the parameter.
        """
        begin = beginning(prefix)
        for name in architecture.hyperparameters:
            if name not in self.hyperparameters:
                raise ValueError(f"`{name}` is no hyperparameter of the search space.")
        values = values_of(architecture)
        params: dict[str, Any] = {}

        def choose(name: str, distribution: BaseDistribution) -> Any:
            if name not in values:
                raise ValueError(f"the architecture has no value for `{name}`.")
            params[name] = checked(name, values[name], distribution)
            return params[name]

        decoded = self.walk(choose)
        if decoded != architecture:
            for name, value in values_of(decoded).items():
                if values.get(name) != value:
                    raise ValueError(
                        f"`{name}` is {values.get(name)!r} in the architecture, but fixed at "
                        f"{value!r} in the search space."
                    )
            raise ValueError(
                "the architecture was made for another search space: its input shape, outputs, "
                "pooling, weight sharing or padding differ."
            )
        excess = self.excess(architecture)
        if excess is not None:
            raise ValueError(excess)
        return {begin + name: value for name, value in params.items()} if begin else params

    def walk(self, choose: Choose) -> Architecture:
        """Builds an architecture, asking `choose` for each parameter that is in use.

        The one place that says which parameters there are and in which order, by the names of
        `GraphNames`; `suggest`, `decode` and `encode` differ in `choose` alone.
        """
        blueprint = self._blueprint.walk(choose)
        used = sorted({node.kind for node in blueprint.nodes})
        modules = {slot: self._modules[slot].walk(choose) for slot in used}
        hyperparameters = {
            name: choose(name, distribution) for name, distribution in self.hyperparameters.items()
        }
        return self._assembled(blueprint, modules, hyperparameters)

    def architecture(
        self,
        blueprint: Graph | Sequence[Node],
        modules: Mapping[str, Graph | Sequence[Node]],
        hyperparameters: Mapping[str, Value] | None = None,
        *,
        strict: bool = True,
    ) -> Architecture:
        """An architecture with this space's input, outputs and fixed genes.

        For networks written by hand: genes that a node leaves out take the layer's default (or
        the nearest value in the space), and a plain sequence of nodes is a graph.

        Args:
            blueprint:
                The graph of modules.
            modules:
                The module in each slot.
            hyperparameters:
                Values of the space's own; what is left out, the architecture does not have.
            strict:
                Whether the network must be one of the space. If not, it may have other slots,
                more nodes, and genes with values outside of their ranges.

        Raises:
            ValueError: If the network is not in the space; the message names the parameter, its
                value and its range.

        Example:
            >>> from optuna_codeepneat import SearchSpace
            >>> from optuna_codeepneat.search_space import Node
            >>> space = SearchSpace.conv1d(input_shape=(1, 40), num_outputs=10)
            >>> architecture = space.architecture(
            ...     blueprint=[Node("0", "A"), Node("1", "A", inputs=["0"])],
            ...     modules={"A": [Node("0", "conv1d", genes={"width": 12, "dilation": 2})]},
            ... )
            >>> space.decode(space.encode(architecture)) == architecture
            True
        """
        blueprint = blueprint if isinstance(blueprint, Graph) else Graph(tuple(blueprint))
        filled = {
            slot: self.filled_module(graph if isinstance(graph, Graph) else Graph(tuple(graph)))
            for slot, graph in modules.items()
        }
        graph = filled_blueprint(blueprint, self.blueprint_genes, self.graph_genes)
        architecture = self._assembled(graph, filled, hyperparameters or {})
        if strict:
            self._require(architecture, modules)
        return architecture

    def filled_module(self, module: Graph) -> Graph:
        """The module with every gene that a node leaves out."""
        return filled_module(module, self.layers)

    def excess(self, architecture: Architecture) -> str | None:
        """One sentence if the network is over `max_params` or `max_macs`, else None."""
        return self._caps.excess(architecture)

    @cached_property
    def architecture_parameters(self) -> Mapping[str, BaseDistribution]:
        """The range of every parameter that a network of the space may have, by its name.

        What the space fixes has a range of one value; no trial is asked for it. The
        `hyperparameters` stand beside the architecture and are none of these.
        """
        ranges = self._blueprint.parameters
        for module in self._modules.values():
            ranges |= module.parameters
        return ranges

    @cached_property
    def fingerprint(self) -> str:
        """Content hash of the whole space: equal spaces, equal hash, in every process."""
        return content_hash(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """A JSON-compatible description; `from_json` is its inverse."""

        def ranges(genes: Mapping[str, BaseDistribution]) -> dict[str, str]:
            return {name: distribution_to_json(genes[name]) for name in sorted(genes)}

        value = {
            "layers": [[name, ranges(genes)] for name, genes in self.layers.items()],
            "input_shape": list(self.input_shape),
            "num_outputs": self.num_outputs,
            "vocab_size": self.vocab_size,
            "n_module_slots": len(self.slots),
            "max_module_nodes": self.max_module_nodes,
            "max_blueprint_nodes": self.max_blueprint_nodes,
            "max_inputs": self.max_inputs,
            "merges": list(self.merge.choices),
            "graph_genes": ranges(self.graph_genes),
            "min_pooling": self.min_pooling,
            "max_params": self.max_params,
            "max_macs": self.max_macs,
            "hyperparameters": ranges(self.hyperparameters),
        }
        # Only where they are on: the fingerprints of older spaces stay what they were.
        if self.weight_sharing:
            value["weight_sharing"] = True
        if self.padding_index is not None:
            value["padding_index"] = self.padding_index
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SearchSpace:
        """The space that `to_json` described.

        Args:
            value:
                What `to_json` returned, here or elsewhere.

        Raises:
            ValueError: If a layer is not registered here, or has other genes than it had there,
                or the value is no description of a space.
        """

        def ranges(genes: Mapping[str, str]) -> dict[str, BaseDistribution]:
            return {name: json_to_distribution(text) for name, text in genes.items()}

        rest = dict(value)
        try:
            layers = {name: ranges(genes) for name, genes in rest.pop("layers")}
            hyperparameters = ranges(rest.pop("hyperparameters"))
            pools = ranges(rest.pop("graph_genes")).get("head.pool")
            if isinstance(pools, CategoricalDistribution):
                rest["global_pools"] = pools.choices
            space = cls(layers=layers, hyperparameters=hyperparameters, **rest)
        except (AttributeError, LookupError, TypeError) as error:
            raise ValueError(f"this describes no search space: {error}") from None
        if space.to_json() != value:
            raise ValueError("the layers of the search space have other genes here.")
        return space

    def smallest(self, size: Literal["num_params", "macs"] = "num_params") -> Architecture:
        """A network with as few parameters (or multiply-adds) as one layer allows."""
        ranges = (self.layers, self.graph_genes)
        found = [
            smallest(*ranges, partial(self._of_one_layer, pools), size)
            # Where every position is read, there are fewer of them behind a pooling.
            for pools in ((False, True) if self.blueprint_genes else (False,))
        ]
        return min(found, key=lambda network: getattr(network, size))

    def _of_one_layer(self, pools: bool, layer: str, genes: Genes, head: Genes) -> Architecture:
        """A network of one layer; hyperparameters are at the lower end of their ranges."""
        pool: dict[str, Value] = {"pool": pools} if self.blueprint_genes else {}
        slot = self.slots[0]
        return self.architecture(
            Graph((Node("0", slot, genes=Genes(pool)),), genes=head),
            {slot: Graph((Node("0", layer, genes=genes),))},
            {name: extremes(dist)[0] for name, dist in self.hyperparameters.items()},
            strict=False,
        )

    # -- details -----------------------------------------------------------------------------

    @property
    def _caps(self) -> Caps:
        return Caps(self.max_params, self.max_macs)

    def _require(self, architecture: Architecture, modules: Mapping[str, object]) -> None:
        """Raises ValueError unless the space has the architecture, hyperparameters aside."""
        others = [slot for slot in modules if slot not in self.slots]
        try:
            if others:
                raise ValueError(
                    f"slot {others[0]!r} is not in the search space, which has "
                    f"{', '.join(self.slots)}."
                )
            any_values = {name: extremes(dist)[0] for name, dist in self.hyperparameters.items()}
            filled = Genes({**any_values, **architecture.hyperparameters})
            self.encode(replace(architecture, hyperparameters=filled))
        except ValueError as error:
            raise ValueError(f"{error} Pass `strict=False` to have it all the same.") from None

    def _assembled(
        self, blueprint: Graph, modules: Mapping[str, Graph], hyperparameters: Mapping[str, Value]
    ) -> Architecture:
        return Architecture(
            blueprint=blueprint,
            modules=modules,
            input_shape=self.input_shape,
            num_outputs=self.num_outputs,
            vocab_size=self.vocab_size,
            min_pooling=self.min_pooling,
            hyperparameters=Genes(hyperparameters),
            weight_sharing=self.weight_sharing,
            padding_index=self.padding_index,
        )
