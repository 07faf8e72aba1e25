"""The data of a problem when networks are trained: checked, and where they are needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat.problems._augmenting import check_suits
from optuna_codeepneat.problems._check import check_targets
from optuna_codeepneat.problems._check import fitted
from optuna_codeepneat.search_space import extremes


if TYPE_CHECKING:
    import torch
    from optuna.distributions import BaseDistribution

    from optuna_codeepneat.search_space import SearchSpace
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Loss
    from optuna_codeepneat.training import Metric
    from optuna_codeepneat.training import Recipe


class CheckedData:
    """The data as networks read them, checked and moved once for each device.

    Args:
        loaded:
            What the problem loaded.
        space:
            Its search space.
        loss:
            Its loss, None for the cross-entropy.
        metric:
            Its metric, None for the accuracy.
        recipes:
            How networks are trained.
        label_smoothing:
            What a search varies of that; None for nothing.

    Raises:
        DataError: If they are no data for the space.
    """

    def __init__(
        self,
        loaded: Any,
        space: SearchSpace,
        *,
        loss: Loss | None,
        metric: Metric | None,
        recipes: Iterable[Recipe],
        label_smoothing: BaseDistribution | None,
    ) -> None:
        self.splits = fitted(loaded, space)
        self._space, self._loss, self._metric = space, loss, metric
        self._augmentations = [recipe.augmentation for recipe in recipes if recipe.augmentation]
        varied = () if label_smoothing is None else extremes(label_smoothing)
        self._label_smoothing = max(*(recipe.label_smoothing for recipe in recipes), *varied)
        self._seen_in_search: dict[str, tuple[Examples, Examples]] = {}

    def on(self, device: torch.device | str) -> tuple[Examples, Examples]:
        """The training and the validation examples, on a device.

        Raises:
            DataError: If targets, outputs, loss, metric and augmentations do not fit together.
        """
        key = str(device)
        if key not in self._seen_in_search:
            self._check(device)
            train, validation = self.splits.train, self.splits.validation
            self._seen_in_search[key] = (train.to(device), validation.to(device))
        return self._seen_in_search[key]

    @property
    def validation(self) -> Examples:
        """The validation examples, where a search sees them if it has begun."""
        seen = list(self._seen_in_search.values())
        return seen[0][1] if seen else self.splits.validation

    def _check(self, device: torch.device | str) -> None:
        for augmentation in self._augmentations:
            check_suits(augmentation, self.splits.train)
        check_targets(
            self.splits,
            self._space,
            loss=self._loss,
            metric=self._metric,
            label_smoothing=self._label_smoothing,
            device=device,
        )
