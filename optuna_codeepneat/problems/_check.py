"""One look at a problem's data before the first training: do they fit space, loss and metric?

Everything that would stop each network, or let it learn nothing, is told here in one sentence:
what is wrong, where, and what to do. Loss and metric are tried on a few examples.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from collections.abc import Iterator
from math import isfinite
from math import prod
from typing import TYPE_CHECKING
from typing import Any

import torch
from torch import Tensor
from torch import nn

from optuna_codeepneat._text import error_in_words
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems._splits import Splits
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import ImageExamples
from optuna_codeepneat.training import accuracy
from optuna_codeepneat.training import as_score
from optuna_codeepneat.training import cross_entropy
from optuna_codeepneat.training import name_of
from optuna_codeepneat.training import seeded
from optuna_codeepneat.training import smoothed


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Metric

_BROADCAST_WARNING = "Using a target size"
_TRIED = 64
"""Examples that loss and metric are tried on, where there are so many."""


def fitted(splits: Any, space: SearchSpace) -> Splits:
    """The data as the networks of a space read them.

    Numbers become float32; class numbers, and tokens where the space has a vocabulary, int64.

    Args:
        splits:
            What a problem loaded. The test examples may be None.
        space:
            Its search space.

    Raises:
        DataError: If they are no data for the space.
    """
    if not isinstance(splits, Splits):
        raise DataError(f"`load_splits` must return `Splits`, got {type(splits).__name__}.")
    parts: dict[str, Examples] = {}
    for name, examples in _parts(splits):
        if not isinstance(examples, Examples):
            raise DataError(
                f"the {name} examples must be `Examples`, got {type(examples).__name__}; make "
                "them by `Examples.from_arrays(inputs, targets)`."
            )
        targets = _fitted_targets(name, examples.targets)
        if isinstance(examples, ImageExamples):  # bytes, all of which are numbers
            _check_shape(name, examples.input_shape, space)
            parts[name] = examples.with_targets(targets)
        else:
            parts[name] = Examples(_fitted_inputs(name, examples.inputs, space), targets)
        if name != "training":
            _check_alike(name, parts[name], parts["training"])
    test = parts.get("test", splits.test)
    return Splits(train=parts["training"], validation=parts["validation"], test=test)


def check_targets(
    splits: Splits,
    space: SearchSpace,
    *,
    loss: Loss | None,
    metric: Metric | None,
    label_smoothing: float,
    device: torch.device | str,
) -> None:
    """Raises unless targets, outputs, loss and metric fit together.

    Args:
        splits:
            Data from `fitted`.
        space:
            The problem's search space.
        loss:
            Its loss, None for the cross-entropy.
        metric:
            Its metric, None for the accuracy.
        label_smoothing:
            The most that a recipe of the problem has.
        device:
            Where networks are trained.

    Raises:
        DataError: In one sentence.
    """
    loss, metric = loss or cross_entropy, metric or accuracy
    reader = _reads_classes(loss, metric)
    if reader is not None:
        for name, examples in _parts(splits):
            _check_classes(name, examples.targets, space.num_outputs, reader)
    try:
        without_smoothing = smoothed(loss, label_smoothing)
    except ValueError as error:
        raise DataError(str(error)) from None
    _try("loss", without_smoothing, loss, splits.train, space.num_outputs, device)
    _try("metric", metric, metric, splits.validation, space.num_outputs, device)


def _parts(splits: Splits) -> Iterator[tuple[str, Any]]:
    yield "training", splits.train
    yield "validation", splits.validation
    if splits.test is not None:
        yield "test", splits.test


# -- inputs ------------------------------------------------------------------------------------


def _fitted_inputs(name: str, inputs: Tensor, space: SearchSpace) -> Tensor:
    _check_shape(name, tuple(inputs.shape[1:]), space)
    if inputs.is_complex():
        raise DataError(f"the {name} inputs must be real numbers, got {inputs.dtype}.")
    _check_finite(name, "inputs", inputs)
    if space.vocab_size is None:
        return inputs.to(torch.get_default_dtype())
    return _fitted_tokens(name, inputs, int(space.vocab_size))


def _check_shape(name: str, given: tuple[int, ...], space: SearchSpace) -> None:
    tokens = space.vocab_size is not None
    expected = space.input_shape[1:] if tokens else space.input_shape
    if given != expected:
        raise DataError(
            f"an example of the {name} inputs has the shape {given}, and networks of the search "
            f"space read {expected}{_remedy(given, expected)}."
        )


def _remedy(given: tuple[int, ...], expected: tuple[int, ...]) -> str:
    if (1, *given) == expected:
        return "; give them a channel by `inputs[:, None]`"
    if len(given) > 1 and (given[-1], *given[:-1]) == expected:
        return "; bring the channels to the front by `inputs.movedim(-1, 1)`"
    if expected == (prod(given),):
        return "; make vectors of them by `inputs.flatten(1)`"
    return "; the space's `input_shape` is that of one example"


def _fitted_tokens(name: str, inputs: Tensor, vocab_size: int) -> Tensor:
    whole = inputs.to(torch.long)
    if inputs.is_floating_point():
        row = _first(whole != inputs)
        if row is not None:
            raise DataError(
                f"the {name} inputs must be tokens, whole numbers, as the search space has a "
                f"vocabulary; example {row} holds another number."
            )
    row = _first((whole < 0) | (whole >= vocab_size))
    if row is not None:
        example = whole[row]
        token = int(example[(example < 0) | (example >= vocab_size)][0])
        raise DataError(
            f"example {row} of the {name} inputs holds the token {token}, and with "
            f"`vocab_size={vocab_size}` tokens are 0 to {vocab_size - 1}."
        )
    return whole


def _fitted_targets(name: str, targets: Tensor) -> Tensor:
    if targets.is_complex():
        raise DataError(f"the {name} targets must be real numbers, got {targets.dtype}.")
    _check_finite(name, "targets", targets)
    floating = targets.is_floating_point()
    return targets.to(torch.get_default_dtype() if floating else torch.long)


def _check_alike(name: str, examples: Examples, training: Examples) -> None:
    """Raises if targets are not of the training targets' shape and kind."""
    given, expected = examples.targets, training.targets
    if given.shape[1:] != expected.shape[1:]:
        raise DataError(
            f"a target of the {name} examples has the shape {tuple(given.shape[1:])}, one of the "
            f"training examples {tuple(expected.shape[1:])}; make them alike."
        )
    if given.dtype != expected.dtype:
        raise DataError(
            f"the {name} targets are of {given.dtype}, those of the training examples of "
            f"{expected.dtype}; make them alike."
        )


def _check_finite(name: str, what: str, values: Tensor) -> None:
    row = _first(~values.isfinite()) if values.is_floating_point() else None
    if row is not None:
        kind = "NaN" if bool(values[row].isnan().any()) else "an infinite number"
        raise DataError(
            f"example {row} of the {name} {what} holds {kind}; fill such values or leave these "
            "examples out."
        )


def _first(wrong: Tensor) -> int | None:
    """The first example in which something is wrong."""
    rows = wrong.flatten(1).any(1) if wrong.dim() > 1 else wrong
    found = rows.nonzero()
    return int(found[0]) if len(found) else None


# -- classes -----------------------------------------------------------------------------------


def _reads_classes(loss: Any, metric: Any) -> str | None:
    """The metric or the loss, if it is one that reads targets as the number of a class."""
    if metric is accuracy:
        return "the metric 'accuracy'"
    torch_s = nn.functional.cross_entropy, nn.functional.nll_loss
    if loss is cross_entropy or loss in torch_s or isinstance(loss, nn.CrossEntropyLoss):
        return f"the loss {name_of(loss)!r}"
    return None


def _check_classes(name: str, targets: Tensor, num_outputs: int, reader: str) -> None:
    """Raises unless targets are class numbers from 0."""
    shape = tuple(targets.shape[1:])
    if targets.is_floating_point() and shape in ((), (1,)):
        raise DataError(
            f"the {name} targets are of {targets.dtype}, and {reader} needs class numbers; use "
            "`targets.long()`, or a loss and a metric for numbers."
        )
    if targets.is_floating_point() and reader.startswith("the loss"):
        return  # probabilities of classes, which a cross-entropy takes
    if shape:
        raise DataError(
            f"a target of the {name} examples has the shape {shape}, and {reader} needs one class "
            f"number; use `targets.{'squeeze' if shape == (1,) else 'argmax'}(1)`."
        )
    low, high = int(targets.min()), int(targets.max())
    if low >= 0 and high < num_outputs:
        return
    row = _first((targets < 0) | (targets >= num_outputs))
    raise DataError(
        f"example {row} of the {name} targets is of class {int(targets[row or 0])}, and with "
        f"`num_outputs={num_outputs}` classes are 0 to {num_outputs - 1}; "
        f"{_class_remedy(targets, low, high, num_outputs)}."
    )


def _class_remedy(targets: Tensor, low: int, high: int, num_outputs: int) -> str:
    if low == -1 and high == 1 and not bool((targets == 0).any()):
        return "of -1 and 1 make classes by `(targets > 0).long()`"
    if low == 1 and high == num_outputs:
        return "count them from 0 by `targets - 1`"
    if low >= 0:
        return f"the search space needs `num_outputs={high + 1}`"
    return "number the classes from 0"


# -- loss and metric, tried --------------------------------------------------------------------


def _try(
    kind: str,
    function: Callable[..., Any],
    named: Callable[..., Any],
    examples: Examples,
    num_outputs: int,
    device: torch.device | str,
) -> None:
    """Raises if a loss or a metric fails, or does not look which output is for which target."""
    targets = examples.targets.cpu()
    targets = targets[_chosen(targets, num_outputs)]
    outputs = torch.randn(len(targets), num_outputs, generator=torch.Generator().manual_seed(0))
    shapes = f"outputs {tuple(outputs.shape)} and targets {tuple(targets.shape)}"
    what = f"the {kind} {name_of(named)!r}"
    compute = _compute_loss if kind == "loss" else _compute_metric
    # On the CPU, as a GPU is of no use any more once a label was out of its bounds; and on the
    # GPU where the user's function holds tensors that lie there.
    for place in dict.fromkeys(("cpu", str(device))):
        try:
            broadcasts = _broadcasts(
                lambda x, y: compute(function, named, x, y), outputs.to(place), targets.to(place)
            )
        except DataError:
            raise
        except Exception as error:  # whatever a function of the user's raises
            if place == "cpu" and str(device) != place and "device" in str(error):
                continue
            raise DataError(
                f"{what} fails on {shapes} of {targets.dtype}"
                f"{_target_remedy(targets, num_outputs)}: {error_in_words(error).rstrip('.')}."
            ) from error
        break
    if broadcasts:
        vector = targets.dim() == num_outputs == 1
        raise DataError(
            f"{what} broadcasts {shapes}, so that targets meet outputs that are not theirs; give "
            f"the targets the shape of the outputs{', by `targets[:, None]`' * vector}."
        )


def _compute_loss(
    loss: Callable[..., Any], named: Loss, outputs: Tensor, targets: Tensor
) -> float:
    outputs = outputs.clone().requires_grad_()
    value = loss(outputs, targets)
    if not isinstance(value, Tensor) or value.numel() != 1 or not value.requires_grad:
        raise DataError(
            f"the loss {name_of(named)!r} must return one number as a tensor that depends on the "
            "outputs."
        )
    value.backward()  # type: ignore[no-untyped-call]
    return float(value.detach())


def _compute_metric(
    metric: Callable[..., Any], named: Metric, outputs: Tensor, targets: Tensor
) -> float:
    returned = metric(outputs, targets)
    try:
        return as_score(named, returned)
    except ValueError as error:
        raise DataError(str(error)) from None


def _broadcasts(
    compute: Callable[[Tensor, Tensor], float], outputs: Tensor, targets: Tensor
) -> bool:
    """Whether a loss or a metric, which is computed in any case, broadcasts unnoticed.

    Torch's own losses warn. Others, whose outputs ``(n, 1)`` meet targets ``(n,)``, come to the
    same in whatever order the targets are.
    """
    with seeded(0, outputs.device), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        value = compute(outputs, targets)
        if any(_BROADCAST_WARNING in str(warning.message) for warning in warned):
            return True
        if not _can_broadcast(outputs, targets) or not isfinite(value):
            return False
        if bool((targets == targets[:1]).all()) or compute(outputs.flip(0) * 2, targets) == value:
            return False  # it tells nothing, or it looks at nothing
        orders = [torch.randperm(len(targets)).to(targets.device) for _ in range(8)]
        others = [compute(outputs, targets[order]) for order in orders]
    return all(abs(other - value) <= 1e-5 * max(abs(other), abs(value)) for other in others)


def _can_broadcast(outputs: Tensor, targets: Tensor) -> bool:
    """Whether outputs and targets of different shapes can be computed with."""
    try:
        torch.broadcast_tensors(outputs, targets)  # type: ignore[no-untyped-call]
    except RuntimeError:
        return False
    return outputs.shape != targets.shape


def _chosen(targets: Tensor, num_outputs: int) -> Tensor:
    """Indices of examples whose targets differ as much as they can."""
    n = min(_TRIED, len(targets))
    n -= n == num_outputs and n > 1  # as many as outputs, and class numbers would broadcast
    keys = targets.flatten(1)[:, 0] if targets.dim() > 1 else targets
    order = keys.to(torch.float64).argsort(stable=True)
    return torch.cat([order[: n // 2], order[len(order) - (n - n // 2) :]])


def _target_remedy(targets: Tensor, num_outputs: int) -> str:
    """What a user may have missed whose loss or metric fails."""
    if targets.dim() == 2 and targets.shape[1] != num_outputs:
        return f" (a target has {targets.shape[1]} numbers, and `num_outputs={num_outputs}`)"
    if targets.dim() == num_outputs == 1:
        return " (targets of the outputs' shape are `targets[:, None]`)"
    if targets.is_floating_point():
        return ""
    low, high = int(targets.min()), int(targets.max())
    if low < 0 or high >= num_outputs:
        return f" (they are from {low} to {high}, and `num_outputs={num_outputs}`)"
    return " (numbers that are no classes have to be `targets.float()`)"
