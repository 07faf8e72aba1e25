"""The weights that a search left of a network, for its final training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.exceptions import StoredStateError
from optuna_codeepneat.sampler import saved_weights
from optuna_codeepneat.storages import open_artifacts


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat.network import Network


def searched_network(study: optuna.Study, number: int, place: str | None) -> Network | None:
    """The network of a trial as the search trained it; None where it left no weights.

    A search removes weights that nobody will inherit, so that they may be gone.

    Args:
        study:
            The study.
        number:
            The number of the trial.
        place:
            Where the search keeps weights; None where it keeps none.
    """
    if place is None:
        return None
    from optuna_codeepneat.morphism import UnusableWeightsError
    from optuna_codeepneat.morphism import fetch_weights

    try:
        saved = saved_weights(study.get_trials(deepcopy=False)[number])
        return None if saved is None else fetch_weights(open_artifacts(place), saved).build()
    except (StorageError, StoredStateError, UnusableWeightsError):
        return None
