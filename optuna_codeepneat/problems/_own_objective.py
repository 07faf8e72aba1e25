"""Objectives that users bring: what they are given, and what is wrong with them."""

from __future__ import annotations

import inspect
from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from inspect import Parameter
from types import MethodType
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat import training


if TYPE_CHECKING:
    import torch
    from optuna.trial import BaseTrial

    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.pruning import FrontPruner


OwnObjective = Callable[..., Any]
"""``objective(trial, **some)``; `GIVEN` are the names of what it may ask for."""

GIVEN = ("device", "seed", "deadline", "on_progress", "checkpoints", "pruner")

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class WithObjective(ABC):
    """A task with its own way to train and score networks, unless the user has another.

    That may be an argument of the constructor or a method `objective` of a subclass.
    """

    # NOTE: in a base class, so that the constructor of a dataclass can have an argument of the
    # same name: it finds the method for its default.
    def objective(
        self,
        trial: BaseTrial,
        *,
        device: torch.device | str = "auto",
        seed: int = 0,
        deadline: float | None = None,
        on_progress: Callable[[int, int, float], None] | None = None,
        checkpoints: Checkpoints | None = None,
        pruner: FrontPruner | None = None,
    ) -> tuple[float, ...]:
        """Trains the network of a trial and scores it; never looks at the test examples.

        Args:
            trial:
                Suggests the architecture and the hyperparameters.
            device:
                Where to train; ``"auto"`` for a GPU if torch finds one.
            seed:
                Of the initial weights and the order of the examples.
            deadline:
                `time.monotonic` at which the training ends at the latest.
            on_progress:
                See `optuna_codeepneat.training.fit`.
            checkpoints:
                Where networks find the weights that their sampler lets them inherit, and leave
                their own; None: all start afresh.
            pruner:
                What stops trainings early that lead nowhere, with the problem's `objectives` as
                its metrics; None: all are trained to their end. A network that it stops leaves no
                weights.

        Returns:
            The values of `objectives`.

        Raises:
            optuna.TrialPruned: If the network diverged, its time was up, or it was stopped early.
            DataError: If data, search space, loss and metric do not fit together, see `check`.
        """
        if self._given is None:
            values = self._train_and_score(
                trial, device, seed, deadline, on_progress, checkpoints, pruner
            )
        else:
            arguments = {
                "device": device,
                "seed": seed,
                "deadline": deadline,
                "on_progress": on_progress,
                "checkpoints": checkpoints,
                "pruner": pruner,
            }
            asked = _asked_for(self._given, arguments)
            if asked.get("device") == "auto":
                asked["device"] = str(training.device_of("auto"))
            values = self._given(trial, **asked)
        self.constrain(trial, values)
        return values

    @property
    def own_objective(self) -> OwnObjective | None:
        """What trains and scores networks: the argument, or a subclass's; None for the recipes."""
        return self.objective if self._given is None and self._overrides else self._given

    @property
    def can_be_stopped(self) -> bool:
        """Whether a pruner has a say: an objective of the user's own has to take it."""
        if (own := self.own_objective) is None:
            return True
        return any(
            parameter.name == "pruner" or parameter.kind == Parameter.VAR_KEYWORD
            for parameter in _parameters(own).values()
        )

    @abstractmethod
    def _train_and_score(
        self,
        trial: BaseTrial,
        device: torch.device | str,
        seed: int,
        deadline: float | None,
        on_progress: Callable[[int, int, float], None] | None,
        checkpoints: Checkpoints | None,
        pruner: FrontPruner | None,
    ) -> tuple[float, ...]: ...

    @abstractmethod
    def constrain(self, trial: BaseTrial, values: float | Sequence[float]) -> None:
        """Says on a trial by how much its score misses the floor; at most once."""

    def _keep_objective(self, objective: OwnObjective | None) -> None:
        """Takes over what the constructor was given; `ValueError` if it can't be used.

        Where none was given there stands the method: as the default, or as `dataclasses.replace`
        takes it over from another object.
        """
        if isinstance(objective, MethodType) and isinstance(objective.__self__, WithObjective):
            objective = objective.__self__._given
        if objective is WithObjective.objective:
            objective = None
        if objective is not None:
            if self._overrides:
                name = type(self).__name__
                raise ValueError(f"`objective` must be left out, as the class {name} has its own.")
            _check_objective(objective)
        self.__dict__["_given_objective"] = objective

    @property
    def _given(self) -> OwnObjective | None:
        given: OwnObjective | None = self.__dict__.get("_given_objective")
        return given

    @property
    def _overrides(self) -> bool:
        """Whether the class is one of the user's with another `objective`."""
        return type(self).objective is not WithObjective.objective


def _check_objective(objective: OwnObjective) -> None:
    """Raises `ValueError` unless an objective can be called with a trial and some of `GIVEN`."""
    form = f"objective(trial, *, {', '.join(f'{name}=...' for name in GIVEN)})"
    if not callable(objective):
        raise ValueError(f"`objective` must be a function {form}, got {objective!r}.")
    trial, *others = _parameters(objective).values() or (None,)
    if trial is None or trial.kind not in (*_POSITIONAL, Parameter.VAR_POSITIONAL):
        raise ValueError(f"`objective` must take the trial as its first argument: {form}.")
    for parameter in others:
        needed = parameter.default is Parameter.empty
        by_name = parameter.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
        variable = parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        if needed and not variable and not (by_name and parameter.name in GIVEN):
            raise ValueError(
                f"`objective` needs the argument {parameter.name!r}, which it is not given; what "
                f"it may ask for is {form}."
            )


def _asked_for(objective: OwnObjective, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the arguments that an objective names; all of them where it takes any."""
    parameters = _parameters(objective)
    if any(parameter.kind == Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return dict(arguments)
    return {name: value for name, value in arguments.items() if name in list(parameters)[1:]}


def _parameters(objective: OwnObjective) -> Mapping[str, Parameter]:
    try:
        return inspect.signature(objective).parameters
    except (TypeError, ValueError):  # written in C
        return {"trial": Parameter("trial", Parameter.POSITIONAL_ONLY)}
