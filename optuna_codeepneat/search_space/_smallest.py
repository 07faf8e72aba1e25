"""The smallest network of a search space: what its caps must leave room for."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import TYPE_CHECKING
from typing import Literal

from optuna_codeepneat.search_space._architecture import Architecture
from optuna_codeepneat.search_space._genes import Genes
from optuna_codeepneat.search_space._genes import Value
from optuna_codeepneat.search_space._layer import extremes


if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def smallest(
    layers: Mapping[str, Mapping[str, BaseDistribution]],
    head: Mapping[str, BaseDistribution],
    build: Callable[[str, Genes, Genes], Architecture],
    size: Literal["num_params", "macs"],
) -> Architecture:
    """A network of one layer, each gene at the end of its range that makes it smaller.

    ``build(layer, its genes, those of the blueprint)`` makes the architecture; `head` has the
    ranges of the latter. The size that is not to be small breaks ties.
    """

    def sizes(architecture: Architecture) -> tuple[int, int]:
        both = (architecture.num_params, architecture.macs)
        return both if size == "num_params" else both[::-1]

    def with_layer(layer: str) -> Architecture:
        own: dict[str, Value] = {name: extremes(dist)[0] for name, dist in layers[layer].items()}
        common: dict[str, Value] = {}
        for values, ranges in ((own, layers[layer]), (common, head)):
            for name, distribution in ranges.items():
                built = []
                for value in extremes(distribution):
                    values[name] = value
                    built.append((sizes(build(layer, Genes(own), Genes(common))), value))
                values[name] = min(built, key=lambda pair: pair[0])[1]
        return build(layer, Genes(own), Genes(common))

    return min(map(with_layer, layers), key=sizes)
