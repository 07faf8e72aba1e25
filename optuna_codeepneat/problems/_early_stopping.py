"""How a problem's trainings are watched by a pruner, and end where it says so."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING

import optuna


if TYPE_CHECKING:
    from optuna.trial import BaseTrial

    from optuna_codeepneat.pruning import FrontPruner

OnProgress = Callable[[int, int, float], None]


class StoppedError(optuna.TrialPruned):
    """A pruner has stopped a training.

    Args:
        steps:
            For how many steps the network was trained.
        total:
            For how many it would have been.
    """

    def __init__(self, steps: int, total: int) -> None:
        super().__init__(f"stopped early, after {steps} of {total} training steps.")
        self.steps = steps


class EarlyStopping:
    """Reports the score of a network at each rung, and stops its training where a pruner says so.

    A rung is a share of a training: a network that inherited weights and is trained for a shorter
    time is compared with others when it is as far in its own.

    Args:
        trial:
            The running trial.
        pruner:
            What judges it.
        metric:
            What the pruner calls the score.
        sizes:
            Its other objectives, by name, which do not change.
        score:
            The score of the network as it is, on the validation examples.
        total:
            Steps of its training.
        then:
            What else wants to hear of each report.
    """

    def __init__(
        self,
        trial: BaseTrial,
        pruner: FrontPruner,
        metric: str,
        sizes: Mapping[str, float],
        score: Callable[[], float],
        total: int,
        then: OnProgress | None,
    ) -> None:
        self._trial = trial
        self._pruner = pruner
        self._score = score
        self._metric = metric
        self._sizes = dict(sizes)
        self._then = then
        # Of several rungs at one step of a short training, the last.
        self._rungs = {_steps_at(rung, pruner.max_resource, total): rung for rung in pruner.rungs}

    @property
    def steps(self) -> frozenset[int]:
        """The steps after which it has to be called."""
        return frozenset(self._rungs)

    def __call__(self, done: int, total: int, loss: float) -> None:
        """Is called by `training.fit`; `StoppedError` if the training is to end."""
        if self._then is not None:
            self._then(done, total, loss)
        if done not in self._rungs or done >= total:
            return
        values = {self._metric: self._score(), **self._sizes}
        self._pruner.report(self._trial, values, self._rungs[done])
        if self._pruner.should_prune(self._trial):
            raise StoppedError(done, total)


def _steps_at(rung: int, max_resource: int, total: int) -> int:
    """How many steps of a training a rung is, rounded up."""
    return -(-rung * total // max_resource)
