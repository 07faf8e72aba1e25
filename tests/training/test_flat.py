from __future__ import annotations

from typing import Any

import pytest

from optuna_codeepneat.network import build_network  # noqa: E402
from optuna_codeepneat.search_space import Genes  # noqa: E402
from optuna_codeepneat.search_space import Node  # noqa: E402
from optuna_codeepneat.search_space import SearchSpace  # noqa: E402
from optuna_codeepneat.training import Recipe  # noqa: E402
from optuna_codeepneat.training._flat import FlatParameters  # noqa: E402
from optuna_codeepneat.training._optimizer import Optimizer  # noqa: E402


torch = pytest.importorskip("torch")


class Net(torch.nn.Module):
    """A few kinds of weights, one of which the loss does not depend on."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv1d(1, 3, 3, padding=1)
        self.norm = torch.nn.BatchNorm1d(3)
        self.scale = torch.nn.Parameter(torch.tensor(0.5))
        self.unused = torch.nn.Parameter(torch.ones(2, 2))
        self.head = torch.nn.Linear(3, 2)

    def forward(self, x: Any) -> Any:
        return self.head((x + self.scale * self.norm(self.conv(x)).relu()).mean(-1))


class Grouped(Net):
    def parameter_groups(self, weight_decay: float) -> list[dict[str, Any]]:
        matrices = [p for p in self.parameters() if p.dim() > 1]
        others = [p for p in self.parameters() if p.dim() <= 1]
        return [
            {"params": [self.conv.weight], "weight_decay": 0.7},
            {"params": [p for p in matrices if p is not self.conv.weight]},
            {"params": others, "weight_decay": 0.0},
        ]


def make(cls: type[Net]) -> Net:
    torch.manual_seed(0)
    return cls()


@pytest.mark.parametrize("cls", [Net, Grouped])
def test_training_is_that_of_the_separate_weights(cls: type[Net]) -> None:
    inputs = torch.rand(20, 1, 8)
    plain, flattened = make(cls), make(cls)
    groups = getattr(plain, "parameter_groups", lambda decay: [{"params": plain.parameters()}])
    # An unused weight has a gradient of zero here, none there; momentum is at rest in both.
    optimizer = torch.optim.SGD(groups(0.1), lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)
    flat = FlatParameters(flattened, 0.1)
    flat_optimizer = Optimizer(flat.long, Recipe(optimizer="sgd", momentum=0.9))
    for _ in range(5):
        plain.unused.grad = torch.zeros_like(plain.unused)
        plain(inputs).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
        flattened(inputs).square().mean().backward()
        flat.collect_gradients()
        flat_optimizer.step(0.1)

    for (name, a), b in zip(plain.named_parameters(), flattened.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6), name


def test_there_is_one_tensor_for_each_weight_decay() -> None:
    flat = FlatParameters(make(Grouped), 0.1)

    sizes = {decay: p.numel() for p, decay in flat.long}
    assert len(flat.long) == 3
    assert sizes == {0.7: 9, 0.1: 4 + 6, 0.0: 3 + 3 + 3 + 1 + 2}


def test_release_gives_each_weight_its_own_memory_and_keeps_values_and_objects() -> None:
    network = make(Grouped)
    before = {name: (p, p.detach().clone()) for name, p in network.named_parameters()}

    flat = FlatParameters(network, 0.1)
    assert len({p.untyped_storage().data_ptr() for p in network.parameters()}) == 3
    flat.release()

    assert len({p.untyped_storage().data_ptr() for p in network.parameters()}) == len(before)
    for name, parameter in network.named_parameters():
        assert parameter is before[name][0]
        assert torch.equal(parameter, before[name][1])
        assert parameter.untyped_storage().nbytes() == parameter.nbytes
        assert parameter.grad is None


def test_clipping_is_of_all_weights_together() -> None:
    network = make(Grouped)
    flat = FlatParameters(network, 0.1)
    (1e3 * network(torch.rand(20, 1, 8))).sum().backward()
    flat.collect_gradients()

    flat.clip_gradients(0.5)

    gradients = [p.grad for p, _ in flat.long]
    assert float(torch.cat(gradients).norm()) == pytest.approx(0.5, rel=1e-4)


def test_frozen_weights_are_left_alone() -> None:
    network = make(Net)
    network.conv.requires_grad_(False)

    flat = FlatParameters(network, 0.1)

    trained = sum(p.numel() for p, _ in flat.long)
    assert trained == sum(p.numel() for p in network.parameters()) - 12


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (lambda net: [{"params": [net.head.weight]}], "missing: scale, unused, conv.weight"),
        (lambda net: [{"params": [*net.parameters(), net.scale]}], r"shape \(\) twice"),
        (lambda net: [{"params": [torch.nn.Parameter(torch.zeros(3))]}], "from elsewhere"),
    ],
)
def test_groups_hold_each_weight_once(groups: Any, message: str) -> None:
    network = make(Net)
    network.parameter_groups = lambda weight_decay: groups(network)

    with pytest.raises(ValueError, match=message):
        FlatParameters(network, 0.1)


def test_a_network_without_weights() -> None:
    with pytest.raises(ValueError, match="no parameter to train: Flatten"):
        FlatParameters(torch.nn.Flatten(), 0.1)


def test_a_weight_in_two_places_of_a_network_is_one_weight() -> None:
    space = SearchSpace(layers=["dense"], input_shape=(4,), num_outputs=2, weight_sharing=True)
    nodes = [Node("0", "A"), Node("1", "A", ("0",))]
    genes = Genes(width=4, norm="none", activation="linear")
    network = build_network(
        space.architecture(nodes, {"A": [Node("0", "dense", genes=genes)]}, strict=False)
    )
    flat = FlatParameters(network, 0.0)
    size = sum(p.numel() for p, _ in flat.long)
    assert size == network.architecture.num_params == 4 * 4 + 4 + 5 * 2
    network(torch.rand(3, 4)).sum().backward()
    flat.collect_gradients()
    Optimizer(flat.long, Recipe(optimizer="sgd")).step(0.1)
    flat.release()
    first, second = (network.parts[name].core.weight for name in ("0_0", "1_0"))
    assert first is second
    weights = network.state_dict()
    assert torch.equal(weights["parts.0_0.core.weight"], weights["parts.1_0.core.weight"])
