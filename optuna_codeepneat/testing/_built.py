"""What torch makes of a layer, against what the layer declares."""

from __future__ import annotations

import warnings
from pkgutil import resolve_name
from typing import Any

import torch
from torch import Tensor
from torch import nn
from torch.nn.attention import SDPBackend
from torch.nn.attention import sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from optuna_codeepneat.network import Conv
from optuna_codeepneat.network import SeparableConv
from optuna_codeepneat.network import as_image
from optuna_codeepneat.network import build_network
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.search_space import Shape
from optuna_codeepneat.testing._case import LayerCase


_BATCH = 2


def check_core(case: LayerCase, shape: Shape, num_params: int, macs: int, *, seed: int) -> None:
    """Checks what `build` returns against the declared shape and sizes."""
    __tracebackhide__ = True
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        core = _build_twice(case, seed)
        counted = sum(parameter.numel() for parameter in core.parameters())
        case.require(
            counted == num_params,
            f"`num_params` says {num_params:,}, but torch counts {counted:,} parameters.",
        )
        x = torch.randn(_BATCH, *case.shape)
        before = x.clone()
        out = case.attempt("the forward pass", _run, core, x)
        case.require(
            isinstance(out, Tensor),
            f"the forward pass must return one tensor, got {type(out).__name__}.",
        )
        case.require(
            out.shape == (_BATCH, *shape),
            f"`output_shape` says {shape}, but torch makes {tuple(out.shape)} of a batch of "
            f"{_BATCH}.",
        )
        case.require(_is_finite(out), "the output holds NaN or infinite values.")
        case.require(
            x.equal(before),
            "the forward pass changes its input, which other layers may read as well; is there "
            "an `inplace=True`?",
        )
        flops = case.attempt("evaluating one example", _flops, core.eval(), x[:1])
        case.require(
            flops == 2 * macs,
            f"`macs` says {macs:,}, but torch counts {flops / 2:,.16g} multiply-adds (half of "
            "what `FlopCounterMode` gives for one example); teach it an operation that it does "
            "not count by `torch.utils.flop_counter.register_flop_formula`.",
        )


def check_sharing(case: LayerCase, other: LayerCase, shape: Shape, *, seed: int) -> None:
    """Checks that the core of another input does for this one, with the weights of its own."""
    __tracebackhide__ = True
    with torch.random.fork_rng(devices=[]):
        own, theirs = (_build_twice(each, seed) for each in (case, other))
        sizes = [[tuple(p.shape) for p in core.parameters()] for core in (own, theirs)]
        complaint = f"`sharing_key` is the same as for {other.shape}, but "
        case.require(
            sizes[0] == sizes[1],
            f"{complaint}the weights are {sizes[0]} here and {sizes[1]} there.",
        )
        x = torch.randn(_BATCH, *case.shape)
        out = case.attempt(f"the forward pass of the core for {other.shape}", _run, theirs, x)
        case.require(
            out.shape == (_BATCH, *shape),
            f"{complaint}that core makes {tuple(out.shape)} of a batch of {_BATCH}, not {shape}.",
        )


def check_network(case: LayerCase, architecture: Architecture, *, seed: int) -> None:
    """Checks that a network of the layer learns and evaluates, in float32 and in bfloat16."""
    __tracebackhide__ = True
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        for dtype in (torch.float32, torch.bfloat16):
            torch.manual_seed(seed)
            network = case.attempt("`build_network`", build_network, architecture).to(dtype)
            _check_training(case, network, dtype)


def _check_training(case: LayerCase, network: nn.Module, dtype: torch.dtype) -> None:
    __tracebackhide__ = True
    precision = str(dtype).removeprefix("torch.")
    parameters = {name.rpartition("core.")[2]: p for name, p in network.named_parameters()}
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3)
    x = torch.randn(_BATCH, *case.shape, dtype=dtype, requires_grad=True)

    out = case.attempt(f"training a network in {precision}", network, x)
    loss = out.float().square().mean()
    case.require(_is_finite(loss), f"the loss of a network in {precision} is {loss.item()}.")
    case.attempt(f"the backward pass in {precision}", loss.backward)
    for name, parameter in parameters.items():
        case.require(
            parameter.grad is not None,
            f"no gradient reaches the parameter `{name}`; use it in every forward pass, or make "
            "it a buffer.",
        )
    case.require(
        x.grad is not None, "no gradient reaches its input, so layers in front could not learn."
    )
    optimizer.step()
    for name, parameter in parameters.items():
        case.require(
            _is_finite(parameter),
            f"`{name}` holds NaN or infinite values after one step of SGD in {precision}.",
        )
    network.eval()
    with torch.no_grad():
        out = case.attempt(f"evaluating one example in {precision}", network, x.detach()[:1])
    case.require(
        _is_finite(out),
        f"the output in {precision} holds NaN or infinite values after one step of SGD.",
    )


def _build_twice(case: LayerCase, seed: int) -> nn.Module:
    """What `build` returns, the same twice under one seed."""
    __tracebackhide__ = True
    build = case.layer.build
    if isinstance(build, str):
        build = case.attempt(f"importing {build!r}", resolve_name, build)
    built = []
    for _ in range(2):
        torch.manual_seed(seed)
        core = case.ask("build", build)
        case.require(
            isinstance(core, nn.Module), f"`build` must return a torch.nn.Module, got {core!r}."
        )
        built.append(core)
    case.require(
        built[0] is not built[1], "`build` returns one module twice; every call must make its own."
    )
    first, second = (core.state_dict() for core in built)
    differ = [n for n in sorted({*first, *second}) if not _same(first.get(n), second.get(n))]
    case.require(
        not differ,
        f"two calls of `build` under one seed of torch differ in {', '.join(differ)}; draw "
        "weights by torch's own generator.",
    )
    module: nn.Module = built[0]
    return module


def _same(a: Any, b: Any) -> bool:
    return a.equal(b) if isinstance(a, Tensor) and isinstance(b, Tensor) else a is b


def _is_finite(x: Tensor) -> bool:
    return bool(x.isfinite().all())


def _run(core: nn.Module, x: Tensor) -> Any:
    """The core's output; built-in convolutions see a sequence as an image of height 1."""
    if not isinstance(core, Conv | SeparableConv):
        return core(x)
    out = core(as_image(x))
    return out.squeeze(2) if x.ndim == 3 else out


def _flops(core: nn.Module, x: Tensor) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch 2.13 warns of Intel GPUs that there are not
        # Fused kernels of LSTMs and of attention on a CPU hide what they compute.
        plain = torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH)
        with plain[0], plain[1], FlopCounterMode(display=False) as counter:
            _run(core, x)
    return int(counter.get_total_flops())
