from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from optuna_codeepneat.training import Recipe  # noqa: E402
from optuna_codeepneat.training._optimizer import Optimizer  # noqa: E402


torch = pytest.importorskip("torch")


FIT = """
import sys, torch
from optuna_codeepneat.training import Examples, Recipe, fit
data = Examples(torch.rand(20, 3), torch.zeros(20, dtype=torch.long))
print(fit(torch.nn.Linear(3, 2), data, Recipe(steps=2, optimizer=sys.argv[1])).steps)
print("torch._dynamo" in sys.modules)
"""


def parameters(device: str) -> list[Any]:
    generator = torch.Generator().manual_seed(0)
    tensors = [torch.randn(shape, generator=generator) for shape in [(3, 4), (5,)]]
    return [torch.nn.Parameter(tensor.to(device)) for tensor in tensors]


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("name", ["sgd", "adamw"])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_it_does_what_the_class_of_torch_does(device: str, name: Any, momentum: float) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a GPU")  # whose fused kernels are others than the processor's
    ours, theirs, decays = parameters(device), parameters(device), [0.01, 0.0]
    groups = [{"params": [p], "weight_decay": d} for p, d in zip(theirs, decays, strict=True)]
    expected: Any = (
        torch.optim.AdamW(groups, betas=(momentum, 0.999), fused=True)
        if name == "adamw"
        else torch.optim.SGD(groups, momentum=momentum, nesterov=momentum > 0.0, fused=True)
    )
    recipe = Recipe(optimizer=name, momentum=momentum)
    optimizer = Optimizer(list(zip(ours, decays, strict=True)), recipe)
    generator = torch.Generator().manual_seed(1)
    for step in range(12):
        for i, (p, q) in enumerate(zip(ours, theirs, strict=True)):
            # On one of them the loss does not depend at first.
            gradient = torch.randn(p.shape, generator=generator).to(device)
            p.grad, q.grad = (None, None) if i == 1 and step < 3 else (gradient, gradient.clone())
        rate = 0.01 * (step + 1)
        for group in expected.param_groups:
            group["lr"] = rate
        expected.step()
        optimizer.step(rate)
        assert all(torch.equal(p, q) for p, q in zip(ours, theirs, strict=True))
    assert not torch.equal(ours[1], parameters(device)[1])


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_training_does_not_load_the_compiler_of_torch(name: str) -> None:
    """It would take every worker about as long as torch itself."""
    command = [sys.executable, "-c", FIT, name]
    assert subprocess.check_output(command, text=True).split() == ["2", "False"]
