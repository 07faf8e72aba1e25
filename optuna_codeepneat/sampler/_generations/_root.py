"""What a study was begun with, by which workers agree."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from optuna.logging import get_logger

from optuna_codeepneat.sampler._algorithm import Algorithm
from optuna_codeepneat.sampler._algorithm import without_own_modules
from optuna_codeepneat.sampler._generations._records import Record


if TYPE_CHECKING:
    from optuna.study import Study

_logger = get_logger(f"optuna.{__name__}")

UNNAMED = "CoDeepNEATSampler"
"""The sampler of a root that names none: once there was no other."""


class Root:
    """What this process would begin a study with, against what it was begun with.

    The seed is for a study that begins; one that goes on keeps its own.
    """

    def __init__(self, study: Study, algorithm: Algorithm, seed: int) -> None:
        self._study = study
        self._algorithm = algorithm
        self.seed = seed
        """The seed of the study."""
        self._space = None if algorithm.space is None else algorithm.space.fingerprint
        self._agreed: set[int] = set()

    def to_json(self) -> dict[str, Any]:
        """What the first record of a study says."""
        settings, sampler = self._algorithm.settings.to_json(), self._algorithm.sampler
        root = {"seed": self.seed, "settings": settings, "space": self._space}
        return root if sampler == UNNAMED else {**root, "sampler": sampler}

    def check(self, record: Record) -> None:
        """Goes on with the seed of a study, whose first record this is.

        ValueError if it was begun with another sampler, search space or setting.
        """
        root = record.root
        if record.number in self._agreed or root is None:
            return
        sampler = root.get("sampler", UNNAMED)
        if sampler != self._algorithm.sampler:
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with {sampler}, this is "
                f"{self._algorithm.sampler}; open it with the same one, or begin a new study."
            )
        if root["space"] != self._space:
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with another search space; "
                "open it with the same one, or begin a new study."
            )
        begun = without_own_modules(root["settings"])
        ours = self._algorithm.settings.to_json()
        different = sorted(name for name in {*begun, *ours} if begun.get(name) != ours.get(name))
        if different:
            name = different[0]
            raise ValueError(
                f"the study {self._study.study_name!r} was begun with "
                f"`{name}`={begun.get(name)!r}, this sampler has {ours.get(name)!r}; "
                "open it with the same settings, or begin a new study."
            )
        if root["seed"] != self.seed:
            _logger.info(f"The study goes on with the seed it was begun with: {root['seed']}.")
            self.seed = root["seed"]
        self._agreed.add(record.number)
