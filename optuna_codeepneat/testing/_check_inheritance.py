"""What networks of a layer inherit, against what its `InheritanceRule` claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat.alignment import Plan
from optuna_codeepneat.alignment import plan
from optuna_codeepneat.morphism import inherit
from optuna_codeepneat.morphism import weights_of
from optuna_codeepneat.network import Network
from optuna_codeepneat.network import build_network
from optuna_codeepneat.sampler import at_least
from optuna_codeepneat.sampler import draw
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Genes
from optuna_codeepneat.search_space import Node
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.search_space import Value
from optuna_codeepneat.search_space import contains
from optuna_codeepneat.search_space import get_layer
from optuna_codeepneat.testing._case import LayerCase


if TYPE_CHECKING:
    import numpy as np

_BATCH = 8
_TOLERANCE = 1e-5  # of outputs, in units of the largest
_SPREAD = 0.1  # of the weights, in place of training
_COMMON = ("dropout", "weight_decay")
_BARE: dict[str, Value] = {"norm": "none", "residual": False, "activation": "linear"}


@dataclass(frozen=True)
class _Edit:
    """An ancestor, a descendant, and what lies between."""

    name: str
    parent: tuple[Node, ...]
    child: tuple[Node, ...]
    claim: str = "`extends`"


def check_inheritance(case: LayerCase, rng: np.random.Generator, *, seed: int) -> None:
    """Checks that a descendant computes what its ancestor did wherever it is said to."""
    __tracebackhide__ = True
    rule = case.layer.inheritance
    if rule is None:
        return
    if rule.keeps_channels:
        channels = case.layer.output_shape(case.shape, case.genes)[0]
        case.require(
            channels == case.shape[0],
            f"`inheritance` says that it `keeps_channels`, but of {case.shape[0]} it makes "
            f"{channels}.",
        )
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(seed)
        if rule.transparent:
            _check_transparent(case)
            return
        for edit in _edits(case, rng):
            _check_edit(case, edit)


def _check_transparent(case: LayerCase) -> None:
    __tracebackhide__ = True
    architecture = _architecture(case, (Node("a", case.layer.name, genes=case.genes),))
    network = build_network(architecture).eval()
    if "0_0" not in network.parts:
        return
    x = torch.randn(_BATCH, *case.shape)
    core: Any = network.parts["0_0"].core
    case.require(
        torch.equal(core(x), x),
        "`inheritance` says that the layer is `transparent`, but its output is not its input.",
    )


def _edits(case: LayerCase, rng: np.random.Generator) -> Iterator[_Edit]:
    """Two of the layer in a row, and what a search may make of them."""
    layer, rule = case.layer, case.layer.inheritance
    assert rule is not None
    name, ranges, genes = layer.name, layer.genes, case.genes
    if "dropout" in genes:  # noise
        genes = genes | {"dropout": 0.0}
    first, second = Node("a", name, genes=genes), Node("b", name, ("a",), genes)
    both = (first, second)

    def changed(gene: str, value: Any) -> tuple[Node, ...]:
        return (Node("a", name, genes=genes | {gene: value}), second)

    yield _Edit("the same network", both, both, "`transfer`")
    if "width" in genes:
        width = int(genes["width"])
        wider = at_least(ranges["width"], 1.5 * width + 1)
        if wider is not None and wider > width:
            yield _Edit(f"a `width` of {wider}", both, changed("width", wider), "`transfer`")
    joined = Node("b", name, ("in", "a"), genes, "concat")
    yield _Edit("further inputs", both, (first, joined), "`transfer`")
    for gene in sorted(genes):
        if gene in ("width", *_BARE, *_COMMON) or ranges[gene].single():
            continue
        value = draw(ranges[gene], rng)
        if value != genes[gene]:
            yield _Edit(
                f"the gene `{gene}` {value!r} after {genes[gene]!r}", both, changed(gene, value)
            )
    own = {gene: value for gene, value in _BARE.items() if gene in genes}
    if rule.identity is not None and all(contains(ranges[g], v) for g, v in own.items()):
        bare = genes | own
        if "width" in bare:
            channels = layer.shape(case.shape, genes)[0]
            bare = bare | {"width": at_least(ranges["width"], channels) or bare["width"]}
        between = Node("n", name, ("a",), bare)
        deeper = (first, between, Node("b", name, ("n",), genes))
        yield _Edit("an identity between two layers", both, deeper, "`identity`")
    for kind in rule.accepts:
        other = get_layer(kind)
        known = {
            g: v for g, v in genes.items() if g in other.genes and contains(other.genes[g], v)
        }
        parent = (Node("a", kind, genes=Genes(known)), second)
        yield _Edit(f"the weights of a layer {kind!r}", parent, both)


def _check_edit(case: LayerCase, edit: _Edit) -> None:
    __tracebackhide__ = True
    parent, child = (
        case.attempt(
            f"a network with {edit.name}", lambda n=nodes: build_network(_architecture(case, n))
        )
        for nodes in (edit.parent, edit.child)
    )
    _stir(parent)
    aligned: Plan = case.attempt(
        f"aligning {edit.name}", plan, parent.architecture, child.architecture
    )
    case.attempt(f"inheriting with {edit.name}", inherit, child, weights_of(parent), aligned)
    x = torch.randn(_BATCH, *case.shape)
    for train in (False, True):
        one, other = (_output(network, x, train) for network in (parent, child))
        case.require(
            bool(other.isfinite().all()),
            f"with {edit.name} and inherited weights the output holds NaN or infinite values.",
        )
        if not aligned.exact or (train and not torch.equal(one, _output(parent, x, train))):
            continue
        scale = max(1.0, float(one.abs().max()))
        apart = float((one - other).abs().max()) / scale
        mode = "training" if train else "evaluation"
        case.require(
            apart <= _TOLERANCE,
            f"with {edit.name}, `inheritance` says, a network computes what its ancestor did, but "
            f"in {mode} outputs are {apart:.2g} apart; is its {edit.claim} wrong?",
        )


def _architecture(case: LayerCase, nodes: tuple[Node, ...]) -> Architecture:
    kinds = list(dict.fromkeys([case.layer.name, *(node.kind for node in nodes)]))
    space = SearchSpace(layers=kinds, input_shape=case.shape, num_outputs=2, merges=["concat"])
    return space.architecture([Node("x", "A")], {"A": list(nodes)})


def _stir(network: nn.Module) -> None:
    """Changes weights, scales and statistics, as training would."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(_SPREAD * torch.randn_like(parameter))
        for buffer in network.buffers():
            if buffer.is_floating_point():  # a variance among them
                buffer.add_(_SPREAD * torch.rand_like(buffer))


def _output(network: Network, x: Tensor, train: bool) -> Tensor:
    """What the network computes; statistics stay as they were."""
    kept = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with torch.no_grad():
        out: Tensor = network.train(train)(x)
    network.load_state_dict(kept)
    return out
