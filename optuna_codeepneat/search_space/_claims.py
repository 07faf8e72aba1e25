"""Which search spaces were suggested in a trial: no two may share their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Protocol
from weakref import WeakKeyDictionary

from optuna.trial import FrozenTrial


if TYPE_CHECKING:
    from optuna.trial import BaseTrial


class _Space(Protocol):
    @property
    def fingerprint(self) -> str: ...


_CLAIMS: WeakKeyDictionary[BaseTrial, dict[str, _Space]] = WeakKeyDictionary()
"""The spaces of running trials, by what their names begin with."""


def claim(trial: BaseTrial, begin: str, space: _Space) -> None:
    """Notes that these names of a trial are a space's; ValueError if they are another's.

    A finished trial is only read, maybe by several versions of a space.
    """
    if isinstance(trial, FrozenTrial):
        return
    claims = _CLAIMS.setdefault(trial, {})
    other = claims.setdefault(begin, space)
    if other is not space and other.fingerprint != space.fingerprint:
        named = f"the prefix {begin[:-1]!r}" if begin else "no prefix"
        raise ValueError(
            f"another search space was suggested in this trial with {named}, and the two "
            'would share parameters; say `suggest(trial, prefix="encoder")` for one of them.'
        )
