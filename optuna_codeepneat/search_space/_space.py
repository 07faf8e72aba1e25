"""`SearchSpace`: which networks there are, as ordinary Optuna parameters."""

from __future__ import annotations

import string
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from functools import partial
from math import ceil
from math import log2
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from weakref import WeakKeyDictionary

import optuna
from optuna.distributions import BaseDistribution
from optuna.distributions import CategoricalDistribution
from optuna.distributions import IntDistribution
from optuna.distributions import distribution_to_json
from optuna.distributions import json_to_distribution
from optuna.trial import FrozenTrial

from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._scalars import scalar
from optuna_codeepneat._scalars import whole
from optuna_codeepneat._scalars import whole_or_none
from optuna_codeepneat.search_space._architecture import BLUEPRINT
from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._graph import Graph
from optuna_codeepneat.search_space._graph import Node
from optuna_codeepneat.search_space._layer import extremes
from optuna_codeepneat.search_space._parameters import Choose
from optuna_codeepneat.search_space._parameters import GraphNames
from optuna_codeepneat.search_space._parameters import ask
from optuna_codeepneat.search_space._parameters import beginning
from optuna_codeepneat.search_space._parameters import inputs_of
from optuna_codeepneat.search_space._parameters import most_inputs
from optuna_codeepneat.search_space._parameters import suggest
from optuna_codeepneat.search_space._parameters import values_of
from optuna_codeepneat.search_space._presets import Presets
from optuna_codeepneat.search_space._ranges import GeneRanges
from optuna_codeepneat.search_space._ranges import among
from optuna_codeepneat.search_space._ranges import checked
from optuna_codeepneat.search_space._ranges import hyperparameter_ranges
from optuna_codeepneat.search_space._ranges import layer_ranges
from optuna_codeepneat.search_space._ranges import read
from optuna_codeepneat.search_space._ranges import with_defaults
from optuna_codeepneat.search_space._registry import get_layer
from optuna_codeepneat.search_space._shapes import DEFAULT_GLOBAL_POOLS
from optuna_codeepneat.search_space._shapes import DEFAULT_MERGES
from optuna_codeepneat.search_space._shapes import GLOBAL_POOLS
from optuna_codeepneat.search_space._shapes import MERGES
from optuna_codeepneat.search_space._shapes import checked_shape
from optuna_codeepneat.search_space._shapes import rank
from optuna_codeepneat.search_space._smallest import smallest


if TYPE_CHECKING:
    from optuna.trial import BaseTrial


_CAPS: dict[Literal["num_params", "macs"], tuple[str, str]] = {
    "num_params": ("max_params", "parameters"),
    "macs": ("max_macs", "multiply-adds"),
}


_CLAIMS: WeakKeyDictionary[BaseTrial, dict[str, SearchSpace]] = WeakKeyDictionary()
"""Which spaces were suggested in running trials, by what their names begin with."""


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
        self._check_inputs()
        self.min_pooling = whole("min_pooling", min_pooling, 0)
        self.max_params = whole_or_none("max_params", max_params, 1)
        self.max_macs = whole_or_none("max_macs", max_macs, 1)
        if vocab_size is not None and rank(self.input_shape) != 1:
            raise ValueError(
                "`vocab_size` needs `input_shape` (embedding channels, length), "
                f"got {self.input_shape}."
            )
        self.padding_index = whole_or_none("padding_index", padding_index, 0)
        if self.padding_index is not None and self.padding_index >= (self.vocab_size or 0):
            raise ValueError(
                "`padding_index` must be a token, which is a number below "
                f"`vocab_size`={self.vocab_size}, got {padding_index}."
            )
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
        # What `walk` needs at every node.
        self._slot = CategoricalDistribution(self.slots)
        self._layer = CategoricalDistribution(tuple(self.layers))
        self._blueprint_genes = _fixed_and_free(self.blueprint_genes)
        self._layer_genes = {name: _fixed_and_free(genes) for name, genes in self.layers.items()}
        for name in self.hyperparameters:
            if name in self.architecture_parameters:
                raise ValueError(f"`hyperparameters` must not hold the reserved name {name!r}.")
        self._check_pooling()
        self._check_caps()

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
        self._claim(trial, begin)
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
        blueprint = self._walk_graph(BLUEPRINT, self.max_blueprint_nodes, choose)
        used = sorted({node.kind for node in blueprint.nodes})
        modules = {slot: self._walk_graph(slot, self.max_module_nodes, choose) for slot in used}
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
        nodes = tuple(
            Node(n.id, n.kind, n.inputs, with_defaults(self.blueprint_genes, {}, n.genes), n.merge)
            for n in blueprint.nodes
        )
        # Of the graph's genes only the architecture's own: a genome carries global ones too.
        own = {name: blueprint.genes[name] for name in self.graph_genes if name in blueprint.genes}
        genes = with_defaults(self.graph_genes, {}, own)
        graph = Graph(nodes, blueprint.merge, genes)
        architecture = self._assembled(graph, filled, hyperparameters or {})
        if strict:
            self._require(architecture, modules)
        return architecture

    def filled_module(self, module: Graph) -> Graph:
        """The module with every gene that a node leaves out."""
        nodes = []
        for node in module.nodes:
            if node.kind not in self.layers:
                raise ValueError(
                    f"layer {node.kind!r} is not in the search space, which has "
                    f"{', '.join(self.layers)}."
                )
            genes = with_defaults(
                self.layers[node.kind], get_layer(node.kind).defaults, node.genes
            )
            same = genes is node.genes
            nodes.append(
                node if same else Node(node.id, node.kind, node.inputs, genes, node.merge)
            )
        return Graph(tuple(nodes), module.merge, module.genes)

    def excess(self, architecture: Architecture) -> str | None:
        """One sentence if the network is over `max_params` or `max_macs`, else None."""
        return self._excess(architecture, "num_params") or self._excess(architecture, "macs")

    @cached_property
    def architecture_parameters(self) -> Mapping[str, BaseDistribution]:
        """The range of every parameter that a network of the space may have, by its name.

        What the space fixes has a range of one value; no trial is asked for it. The
        `hyperparameters` stand beside the architecture and are none of these.
        """
        ranges = dict(self.graph_genes)
        for graph in (BLUEPRINT, *self.slots):
            in_blueprint, names = graph == BLUEPRINT, GraphNames(graph)
            kinds = self._slot if in_blueprint else self._layer
            genes = {"": self.blueprint_genes} if in_blueprint else self.layers
            max_nodes = self.max_blueprint_nodes if in_blueprint else self.max_module_nodes
            ranges |= {names.n_nodes: IntDistribution(1, max_nodes), names.merge: self.merge}
            for i in range(max_nodes):
                own = (kinds, inputs_of(i, self.max_inputs), self.merge)
                ranges |= zip(names.node(i), own, strict=True)
                for kind, of_kind in genes.items():
                    begin = names.genes(i, kind)
                    ranges |= {begin + gene: of_kind[gene] for gene in of_kind}
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

    def _claim(self, trial: BaseTrial, begin: str) -> None:
        """Notes that these names of a trial are this space's; ValueError if they are another's.

        A finished trial is only read, maybe by several versions of a space.
        """
        if isinstance(trial, FrozenTrial):
            return
        claims = _CLAIMS.setdefault(trial, {})
        other = claims.setdefault(begin, self)
        if other is not self and other.fingerprint != self.fingerprint:
            named = f"the prefix {begin[:-1]!r}" if begin else "no prefix"
            raise ValueError(
                f"another search space was suggested in this trial with {named}, and the two "
                'would share parameters; say `suggest(trial, prefix="encoder")` for one of them.'
            )

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

    def _walk_graph(self, graph: str, max_nodes: int, choose: Choose) -> Graph:
        in_blueprint, names = graph == BLUEPRINT, GraphNames(graph)
        n_nodes = ask(choose, names.n_nodes, IntDistribution(1, max_nodes))
        nodes: list[Node] = []
        for i in range(n_nodes):
            own = names.node(i)
            kind = ask(choose, own[0], self._slot if in_blueprint else self._layer)
            inputs = tuple(ask(choose, own[1], inputs_of(i, self.max_inputs)).split("+"))
            merge = ask(choose, own[2], self.merge) if len(inputs) > 1 else None
            fixed, free = self._blueprint_genes if in_blueprint else self._layer_genes[kind]
            begin = names.genes(i, kind)
            genes = fixed | {gene: choose(begin + gene, dist) for gene, dist in free}
            nodes.append(Node(str(i), kind, inputs, Genes(genes), merge))
        several = len(Graph(tuple(nodes)).sinks) > 1
        merge = ask(choose, names.merge, self.merge) if several else None
        ranges = self.graph_genes if in_blueprint else {}
        genes = {gene: ask(choose, gene, distribution) for gene, distribution in ranges.items()}
        return Graph(tuple(nodes), merge, Genes(genes))

    def _check_inputs(self) -> None:
        for name in ("max_blueprint_nodes", "max_module_nodes"):
            max_nodes = getattr(self, name)
            most = most_inputs(max_nodes)
            if min(self.max_inputs, max_nodes) > most:
                raise ValueError(
                    f"`max_inputs` must be at most {most} with `{name}`={max_nodes}, got "
                    f"{self.max_inputs}: each trial stores every set of inputs that its last node "
                    "may have, and MySQL holds 65,535 bytes of them."
                )

    def _check_pooling(self) -> None:
        largest = max(self.input_shape[1:], default=1)
        possible = ceil(log2(largest))
        if self.min_pooling > possible:
            raise ValueError(
                f"`min_pooling`={self.min_pooling} contradicts `input_shape`={self.input_shape}: "
                f"its sizes can be halved {possible} times."
            )

    def _check_caps(self) -> None:
        for size, (name, _) in _CAPS.items():
            capped = getattr(self, name) is not None
            excess = self._excess(self.smallest(size), size) if capped else None
            if excess is not None:
                raise ValueError(f"no network meets the caps; even the smallest: {excess}")

    def _excess(
        self, architecture: Architecture, size: Literal["num_params", "macs"]
    ) -> str | None:
        name, noun = _CAPS[size]
        cap = getattr(self, name)
        if cap is None:
            return None
        value = getattr(architecture, size)
        if value <= cap:
            return None
        return f"the network has {value:,} {noun}, over `{name}`={cap:,}."


def _fixed_and_free(
    ranges: Mapping[str, BaseDistribution],
) -> tuple[dict[str, Value], list[tuple[str, BaseDistribution]]]:
    """The values of the genes that are no parameters, and the ranges of those that are."""
    fixed = {name: extremes(dist)[0] for name, dist in ranges.items() if dist.single()}
    return fixed, [(name, dist) for name, dist in ranges.items() if name not in fixed]
