"""Networks made by hand, trained by the recipes of a problem.

    python benchmarks/hand_made.py mnist1d "fashion_mnist?size=14&train=5000"
    python benchmarks/hand_made.py

The first trains those that a search shows beside its front, by the search recipe, and scores them
on the validation examples. The second trains plain residual networks for MNIST-1D by its final
recipe: a convolution, four residual blocks with dilations 1, 2, 4 and 8 (dense with kernel 3, or
depthwise separable with kernel 5), a global pool and a linear layer. Each is trained once on
training and validation examples, and tested.
"""

from __future__ import annotations

import os
import sys


os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch loads

import torch
from torch import nn

from optuna_codeepneat import training
from optuna_codeepneat.problems import get_problem


NETWORKS = (
    (6, "dense", "max"),
    (8, "separable", "max"),
    (8, "dense", "max"),
    (12, "separable", "max"),
    (12, "separable", "mean"),
    (16, "separable", "max"),
    (12, "dense", "max"),
)


class Block(nn.Module):
    def __init__(self, channels: int, dilation: int, kind: str) -> None:
        super().__init__()
        kernel, groups = (5, channels) if kind == "separable" else (3, 1)
        layers: list[nn.Module] = [
            nn.Conv1d(
                channels,
                channels,
                kernel,
                padding=dilation * (kernel - 1) // 2,
                dilation=dilation,
                groups=groups,
                bias=False,
            )
        ]
        if kind == "separable":
            layers.append(nn.Conv1d(channels, channels, 1, bias=False))
        self.layers = nn.Sequential(*layers, nn.BatchNorm1d(channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.layers(x))


class Network(nn.Module):
    def __init__(self, channels: int, kind: str, pool: str) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv1d(1, channels, 3, padding=1, bias=False), nn.BatchNorm1d(channels), nn.ReLU()
        )
        self.blocks = nn.Sequential(*[Block(channels, d, kind) for d in (1, 2, 4, 8)])
        self.pool = pool
        self.head = nn.Linear(channels, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.blocks(self.stem(x))
        pooled: torch.Tensor = self.head(x.mean(2) if self.pool == "mean" else x.amax(2))
        return pooled


def baselines_of(name: str) -> None:
    problem = get_problem(name)
    metric = problem.metric_names[0]
    for network, architecture in problem.baselines.items():
        score, *_ = problem.evaluate(architecture, device="cpu")
        print(f"{name}: {network}, {architecture.num_params:,} parameters, {metric} {score:.4f}")


def residual_networks() -> None:
    problem = get_problem("mnist1d")
    splits = problem.load()
    data = splits.train + splits.validation
    for channels, kind, pool in NETWORKS:
        with training.seeded(0):
            network = Network(channels, kind, pool)
        training.fit(network, data, problem.final_recipe, device="cpu")
        size = sum(weights.numel() for weights in network.parameters())
        score = problem.test(network)
        print(f"{channels} channels, {kind}, {pool} pool: {size:,} parameters, {score:.1%}")


def main() -> None:
    torch.set_num_threads(1)
    for name in sys.argv[1:]:
        baselines_of(name)
    if not sys.argv[1:]:
        residual_networks()


if __name__ == "__main__":
    main()
