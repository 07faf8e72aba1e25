"""Objectives that users bring: what they are given, and what is wrong with them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Mapping
from inspect import Parameter
from typing import Any


OwnObjective = Callable[..., Any]
"""``objective(trial, **some)``; `GIVEN` are the names of what it may ask for."""

GIVEN = ("device", "seed", "deadline", "on_progress", "checkpoints")

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


def check_objective(objective: OwnObjective) -> None:
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


def asked_for(objective: OwnObjective, arguments: Mapping[str, Any]) -> dict[str, Any]:
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
