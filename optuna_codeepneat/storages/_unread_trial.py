"""A trial that is read in parts, each when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from typing import Any

from optuna.trial import FrozenTrial

from optuna_codeepneat.storages._reading import Head


class UnreadTrial(FrozenTrial):
    """A trial of which no more is known than its head; the rest is read when it is asked for.

    It is an ordinary `FrozenTrial` as soon as all of it was read, as whoever copies, compares,
    prints or pickles it does. Checked against Optuna 5.0.

    Args:
        head:
            What is known of it.
        read:
            Reads a part of it, and of others beside it, and adds it.
    """

    def __init__(self, head: Head, read: Callable[[str], None]) -> None:
        self._trial_id, self._number, self.state = head.key, head.number, head.state
        self._datetime_start, self.datetime_complete = head.start, head.end
        self._values = head.values
        self._read = read

    def __getattr__(self, name: str) -> Any:
        """Reads the part that holds an attribute, which is not there yet."""
        part = _HOLDS.get(name)
        if part is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        self._read(part)
        return self.__dict__[name]

    @property
    def is_unread(self) -> bool:
        """Whether nobody has asked for any part of it."""
        return not any(name in self.__dict__ for name in _HOLDS)

    def _become_whole(self) -> None:
        """Reads what is missing, and forgets that it ever was."""
        whole = FrozenTrial(
            number=self._number,
            state=self.state,
            value=None,
            values=self._values,
            datetime_start=self._datetime_start,
            datetime_complete=self.datetime_complete,
            params=self._params,
            distributions=self._distributions,
            user_attrs=self._user_attrs,
            system_attrs=self._system_attrs,
            intermediate_values=self.intermediate_values,
            trial_id=self._trial_id,
        )
        # In this order: another thread finds all it may look for at any time.
        self.__dict__ = whole.__dict__
        self.__class__ = FrozenTrial  # type: ignore[assignment]  # which it is from now on

    def __eq__(self, other: Any) -> bool:
        self._become_whole()
        return bool(self == other)

    def __hash__(self) -> int:
        self._become_whole()
        return hash(self)

    def __repr__(self) -> str:
        self._become_whole()
        return repr(self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        self._become_whole()
        return self.__reduce_ex__(protocol)


_HOLDS = {
    "_params": "params",
    "_distributions": "params",
    "_user_attrs": "user_attrs",
    "_system_attrs": "system_attrs",
    "intermediate_values": "intermediate_values",
}
"""The attributes of a `FrozenTrial` that hold its parts."""


# Functions: another thread may make a trial whole at any time, and so an ordinary one.


def lacks(trial: FrozenTrial, parts: Collection[str]) -> bool:
    """Whether one of these parts of a trial is still to be read."""
    return any(name not in vars(trial) for name, part in _HOLDS.items() if part in parts)


def add_part(trial: FrozenTrial, part: str, value: Any) -> None:
    """Adds a part as `read_part` gives it, unless it is there."""
    own = vars(trial)
    if part != "params":
        own.setdefault("_" + part if part.endswith("attrs") else part, value)
    elif "_params" not in own:
        own["_distributions"] = {name: range for name, (_, range) in value.items()}
        own["_params"] = {
            name: range.to_external_repr(number) for name, (number, range) in value.items()
        }
