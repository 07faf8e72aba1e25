"""Selection: what of a species survives, what breeds, and how many children it may have."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from optuna_codeepneat._ranking import Score
from optuna_codeepneat._ranking import ranking
from optuna_codeepneat._scalars import in_python_scalars


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Ranks a species and says how much of it survives and breeds (LEAF, algorithm 2).

    Args:
        elitism:
            Share of a species that passes into the next generation unchanged.
        truncation:
            F_l, the last share of a species that neither survives nor breeds. Ours: LEAF does
            not publish it.
        front_order:
            How a Pareto front is sorted: ``"primary"`` or ``"secondary"`` objective (LEAF,
            algorithm 3), or ``"spread"`` (ours).
        stagnation:
            A species without improvement for so many generations keeps but its least size. Ours.
        min_size:
            The least size of a species; slots never empty, since blueprints point to them. Ours.
    """

    elitism: float = 0.4
    truncation: float = 0.4
    front_order: str = "spread"
    stagnation: int = 15
    min_size: int = 2

    def __post_init__(self) -> None:
        in_python_scalars(self)
        for name in ("elitism", "truncation"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise ValueError(f"`{name}` must be from 0 to below 1, got {getattr(self, name)}.")
        if self.front_order not in ("primary", "secondary", "spread"):
            raise ValueError(
                '`front_order` must be "primary", "secondary" or "spread", '
                f"got {self.front_order!r}."
            )
        for name in ("stagnation", "min_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1, got {getattr(self, name)}.")

    def rank(self, scores: Sequence[Score | None]) -> list[int]:
        """Indices from best to worst."""
        return ranking(scores, front_order=self.front_order)

    def n_elites(self, size: int) -> int:
        """How many of a species of that size are kept, at least one."""
        return max(1, int(self.elitism * size))

    def n_parents(self, size: int) -> int:
        """How many of a species of that size may breed, at least one."""
        return max(1, size - int(self.truncation * size))

    def sizes(
        self, total: int, merits: Mapping[str, float], stagnant: Mapping[str, bool]
    ) -> dict[str, int]:
        """The sizes of the next species: in proportion to merit, and exactly `total` in sum.

        Args:
            total:
                Size of the whole population.
            merits:
                Mean shared fitness of each species, not negative.
            stagnant:
                Which species lose their offspring.
        """
        names = sorted(merits)
        least = min(self.min_size, total // len(names))
        sizes = dict.fromkeys(names, least)
        growing = [name for name in names if not stagnant.get(name)] or names
        weight = sum(merits[name] for name in growing)
        rest = total - least * len(names)
        shares = {
            name: rest * (merits[name] / weight if weight > 0 else 1 / len(growing))
            for name in growing
        }
        for name in growing:
            sizes[name] += int(shares[name])
        by_remainder = sorted(growing, key=lambda n: (int(shares[n]) - shares[n], n))
        for i in range(total - sum(sizes.values())):
            sizes[by_remainder[i % len(by_remainder)]] += 1
        return sizes
