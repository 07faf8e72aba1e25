"""What a model believes of the networks of a study, where values are noisy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_codeepneat._ranking import front
from optuna_codeepneat._ranking import gains
from optuna_codeepneat.sampler._cheap import Cheap
from optuna_codeepneat.sampler._generations import evaluated_key
from optuna_codeepneat.sampler._generations import global_genes_of
from optuna_codeepneat.sampler._generations import result_of
from optuna_codeepneat.sampler._genetics import Position
from optuna_codeepneat.sampler._genetics import Result
from optuna_codeepneat.sampler._genetics import Seen
from optuna_codeepneat.sampler._surrogate import Chooser
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.sampler._surrogate import scored


if TYPE_CHECKING:
    from optuna.study import Study

    from optuna_codeepneat.search_space import SearchSpace

_MOST = 1000
"""To how many trials a model is fitted, which takes a second: the front and the last ones."""


def believed_values(
    study: Study, space: SearchSpace | None = None, *, cheap: Sequence[Cheap] = ()
) -> dict[int, tuple[float, ...]]:
    """What a model of all finished trials believes their values to be, if they were not noisy.

    Among many networks those on the front are the lucky ones: their values are too good. A
    Gaussian process over the structure of the networks, that of `Surrogate`, says how much of
    that is luck. Objectives that equal a size of the network, or one of `cheap`, are as they are.

    Args:
        study:
            A study with any sampler.
        space:
            The search space its networks are from; None if it has hyperparameters alone.
        cheap:
            Objectives that are known before training, beside the sizes; as `CoDeepNEATSampler`
            has them.

    Returns:
        The values by the number of the trial, of trials with finite values whose network the space
        has; of at most a thousand of them, the front and the last ones. As they are, where there
        are fewer than ten.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.sampler import believed_values
        >>> study = optuna.create_study()
        >>> study.optimize(lambda trial: trial.suggest_float("x", -1, 1) ** 2, n_trials=12)
        >>> len(believed_values(study))
        12
    """
    trials = study.get_trials(deepcopy=False)
    results = [
        result_of(
            trial, Position(trial.number), space, study.directions, evaluated_key(trial, space)
        )
        for trial in trials
        if trial.state.is_finished()
    ]
    chooser = Chooser(space, Surrogate(), cheap)
    known = _most_telling(scored(results))
    if chooser.is_ready(Seen(results=known)):
        own = {} if space is None else space.hyperparameters
        ranges = {**own, **global_genes_of(trials, space)}
        known = chooser.judge(Seen(results=known), ranges).believed
    maximize = [direction.name == "MAXIMIZE" for direction in study.directions]
    return {
        int(result.position): tuple(map(float, gains(result.score.values, maximize)))
        for result in known
        if result.score is not None and not result.score.stopped
    }


def _most_telling(results: Sequence[Result]) -> list[Result]:
    """The front and the last ones, in their order."""
    if len(results) <= _MOST:
        return list(results)
    values = np.array([result.score.values for result in results if result.score is not None])
    chosen = dict.fromkeys([*front(values).tolist(), *reversed(range(len(results)))])
    return [results[i] for i in sorted(list(chosen)[:_MOST])]
