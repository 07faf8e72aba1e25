"""What a trial was told of its ancestors: all that the training of its network needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat.alignment import INHERITANCES
from optuna_codeepneat.alignment import Inheritance
from optuna_codeepneat.sampler import _storage
from optuna_codeepneat.sampler._ledger import network_assigned
from optuna_codeepneat.search_space._architecture import BLUEPRINT


if TYPE_CHECKING:
    from optuna.trial import Trial


@dataclass(frozen=True)
class Heritage:
    """Where the network of a trial comes from.

    Args:
        markings:
            The historical markings of its nodes, as `Architecture.markings` has them; None where
            no sampler of this package assigned the trial a network.
        donor:
            The trial whose weights it is to inherit, None for none.
        inheritance:
            How: ``"exact"``, ``"noisy"`` or ``"fresh"``; None where there is no donor.
    """

    markings: Mapping[str, tuple[str, ...]] | None = None
    donor: int | None = None
    inheritance: Inheritance | None = None


def heritage_of(trial: Trial) -> Heritage:
    """Where the network of a running trial comes from.

    Raises:
        StoredStateError: If a newer version of the package assigned it.
    """
    network = network_assigned(_storage.frozen(trial))
    if network is None:
        return Heritage()
    graphs = {BLUEPRINT: network.blueprint, **network.modules}
    markings = {name: tuple(node.id for node in graph.nodes) for name, graph in graphs.items()}
    known = [inheritance for inheritance in INHERITANCES if inheritance == network.inheritance]
    return Heritage(markings, network.donor, known[0]) if known else Heritage(markings)
