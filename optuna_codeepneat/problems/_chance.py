"""The score of guessing: what a network has to beat in order to be worth anything."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from collections.abc import Iterable
from math import inf
from math import isfinite
from math import nextafter
from math import sqrt

import torch
from torch import Tensor

from optuna_codeepneat.training import Examples


_MOST_SHARE = 0.05
"""The most of the way from a guess to a perfect score that may be luck."""
_DEVIATIONS = 4.0
"""Of the score of a guess: of ten thousand networks that guess not one is expected beyond it."""
_MOST_CLASSES = 20
_SURE = 10.0
"""A logit."""


def score_to_beat(
    metric: Callable[[Tensor, Tensor], float],
    examples: Examples,
    *,
    num_outputs: int,
    maximize: bool,
) -> float | None:
    """The least score of a network that does better than one that looks at no inputs.

    It lies a little beyond the best constant answer. For class numbers that is one class for all
    (by the accuracy the most frequent one) or how frequent each of them is, for other targets
    their mean, their median, or, where they are 0 and 1, their log-odds or the more frequent one.
    "A little" is what luck may bring, four standard deviations, and never more than a twentieth of
    the way to a perfect score.

    Args:
        metric:
            ``metric(outputs, targets)``.
        examples:
            The validation examples.
        num_outputs:
            Outputs of a network.
        maximize:
            Whether larger scores are better.

    Returns:
        The score; None if that is not known, as the metric can't be computed for a constant, or
        has nothing to say of it.
    """
    targets = examples.targets
    if _are_classes(targets, num_outputs):
        classes, counts = targets.unique(return_counts=True)  # type: ignore[no-untyped-call]
        frequent = classes[counts.argsort(descending=True, stable=True)[:_MOST_CLASSES]]
        guesses = [_sure_of(one.expand(len(targets)), num_outputs) for one in frequent]
        shares = torch.bincount(targets, minlength=num_outputs) / len(targets)
        guesses.append(shares.clamp(min=0.001).log().expand(len(targets), -1))
        perfect = [_sure_of(targets, num_outputs)]
        luck = _luck_with_classes(int(counts.max()), len(targets))
    else:
        guesses = [guess.expand(len(targets), -1) for guess in _constants(targets, num_outputs)]
        perfect = _copies(targets, num_outputs)
        # What a correlation of so many deviations, each 1 / sqrt(n), explains of the variance.
        luck = _DEVIATIONS**2 / len(targets)
    guessed = _best(metric, guesses, targets, maximize)
    best = _best(metric, perfect, targets, maximize)
    if guessed is None or guessed == best:
        return None
    if best is None or (best > guessed) != maximize:
        return nextafter(guessed, inf if maximize else -inf)
    return guessed + min(luck, _MOST_SHARE) * (best - guessed)


def _luck_with_classes(n_most_frequent: int, n: int) -> float:
    """So many deviations of the accuracy of a guess, as a share of the way to 1."""
    p = n_most_frequent / n
    return inf if p == 1.0 else _DEVIATIONS * sqrt(p / ((1.0 - p) * n))


def _are_classes(targets: Tensor, num_outputs: int) -> bool:
    if targets.dim() != 1 or targets.is_floating_point() or num_outputs == 1:
        return False
    return 0 <= int(targets.min()) and int(targets.max()) < num_outputs


def _sure_of(classes: Tensor, num_outputs: int) -> Tensor:
    """Outputs of a network that is sure of these classes."""
    return _SURE * torch.nn.functional.one_hot(classes, num_outputs).float()


def _constants(targets: Tensor, num_outputs: int) -> list[Tensor]:
    """Outputs ``(num_outputs,)`` that suit all examples as well as they can."""
    numbers = _as_outputs(targets, num_outputs)
    if numbers is None:
        return []
    mean = numbers.mean(0)
    constants = [mean, numbers.median(0).values]
    if _are_bits(numbers):
        constants += [mean.clamp(0.001, 0.999).logit(), _SURE * (mean - 0.5).sign()]
    return constants


def _copies(targets: Tensor, num_outputs: int) -> list[Tensor]:
    """Outputs ``(examples, num_outputs)`` that say what the targets say."""
    numbers = _as_outputs(targets, num_outputs)
    if numbers is None:
        return []
    return [numbers, _SURE * (2.0 * numbers - 1.0)] if _are_bits(numbers) else [numbers]


def _as_outputs(targets: Tensor, num_outputs: int) -> Tensor | None:
    numbers = targets.reshape(len(targets), -1).to(torch.get_default_dtype())
    return numbers if numbers.shape[1] == num_outputs else None


def _are_bits(numbers: Tensor) -> bool:
    return bool(((numbers == 0) | (numbers == 1)).all())


def _best(
    metric: Callable[[Tensor, Tensor], float],
    outputs: Iterable[Tensor],
    targets: Tensor,
    maximize: bool,
) -> float | None:
    """The best of the scores that are numbers."""
    scores = []
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a correlation with a constant
        for some in outputs:
            try:
                scores.append(float(metric(some, targets)))
            except Exception:  # the user's metric was tried on other outputs: it has no answer
                continue
    finite = [score for score in scores if isfinite(score)]
    return (max if maximize else min)(finite, default=None)
