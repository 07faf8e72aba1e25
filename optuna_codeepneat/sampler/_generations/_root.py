"""What a study was begun with, by which workers agree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Any

from optuna.logging import get_logger

from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._algorithm import is_same_part
from optuna_codeepneat.sampler._algorithm import without_own_modules
from optuna_codeepneat.sampler._generations._records import UNNAMED
from optuna_codeepneat.sampler._generations._records import Record
from optuna_codeepneat.sampler._generations._records import damaged
from optuna_codeepneat.search_space import difference


if TYPE_CHECKING:
    from optuna.study import Study

_logger = get_logger(f"optuna.{__name__}")

SPACE = "space_json"
"""The key of a root that holds what rebuilds the search space."""

_SPACE_FORMAT = 1


class Root:
    """What this process would begin a study with, against what it was begun with.

    The seed is for a study that begins; one that goes on keeps its own.
    """

    def __init__(self, study: Study, algorithm: Algorithm, seed: int) -> None:
        self._study = study
        self._algorithm = algorithm
        self.seed = seed
        """The seed of the study."""
        self._agreed: set[int] = set()

    def to_json(self) -> dict[str, Any]:
        """What the first record of a lineage says, but for the lineage's name."""
        settings, sampler = self._algorithm.settings.to_json(), self._algorithm.sampler
        space = self._algorithm.space
        root: dict[str, Any] = {"seed": self.seed, "settings": settings, "space": None}
        if space is not None:
            described = {"format": _SPACE_FORMAT, "space": space.to_json()}
            root |= {"space": space.fingerprint, SPACE: described}
        return root if sampler == UNNAMED else {**root, "sampler": sampler}

    def check(self, record: Record) -> None:
        """Goes on with the seed of a lineage, whose first record this is.

        ValueError if it was begun with another search space or setting, DamagedStateError if it
        does not say with which.
        """
        root = record.root
        if record.number in self._agreed or root is None:
            return
        settings, seed = root.get("settings"), root.get("seed")
        if not isinstance(settings, dict) or not isinstance(seed, int) or "space" not in root:
            raise damaged(f"the generation record on trial {record.number}")
        self._check_space(root)
        begun, ours = without_own_modules(settings), self._algorithm.settings.to_json()
        for name in sorted({*begun, *ours}):
            if not is_same_part(begun.get(name), ours.get(name)):
                raise ValueError(
                    f"the study {self._study.study_name!r} was begun with "
                    f"`{name}`={begun.get(name)!r}, this sampler has {ours.get(name)!r}; "
                    "open it with the same settings, or begin a new study."
                )
        if seed != self.seed:
            _logger.info(f"The study goes on with the seed it was begun with: {seed}.")
            self.seed = seed
        self._agreed.add(record.number)

    def _check_space(self, root: Mapping[str, Any]) -> None:
        space = self._algorithm.space
        if root["space"] == (None if space is None else space.fingerprint):
            return
        what = "another search space"
        if root["space"] is None or space is None:
            what = "no search space" if root["space"] is None else "a search space"
        elif (begun := described_space(root)) is not None:
            what += f" ({difference(begun, space.to_json())})"
        raise ValueError(
            f"the study {self._study.study_name!r} was begun with {what}; "
            "open it with the same one, or begin a new study."
        )


def described_space(root: Mapping[str, Any]) -> dict[str, Any] | None:
    """What `SearchSpace.from_json` makes the space of a root from; None if it doesn't say.

    Older roots don't. StoredStateError if a newer version of the package described it.
    """
    said = root.get(SPACE)
    if not isinstance(said, dict):
        return None
    if said.get("format") != _SPACE_FORMAT:
        raise StoredStateError(
            f"the search space of the study has format {said.get('format')!r}, and this version "
            f"of optuna-codeepneat reads format {_SPACE_FORMAT}; upgrade the package."
        )
    space = said.get("space")
    return space if isinstance(space, dict) else None
