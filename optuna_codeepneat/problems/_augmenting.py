"""Which examples an augmentation can change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import DataError


if TYPE_CHECKING:
    from optuna_codeepneat.training import Augmentation
    from optuna_codeepneat.training import Examples


def check_suits(augmentation: Augmentation, examples: Examples) -> None:
    """Raises `DataError` if examples can't be changed by an augmentation."""
    try:
        augmentation.check(examples.take([0]).inputs)  # of images all would be decoded
    except ValueError as error:
        raise DataError(str(error)) from None
