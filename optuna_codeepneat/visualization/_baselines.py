"""Hand-made networks beside those of a search: their values, and how these stand, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._ranking import gains
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._trials import finite


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat._attributes import Baseline
    from optuna_codeepneat.visualization._trials import Objective


def baselines_of(study: optuna.Study, objectives: Sequence[Objective]) -> list[Baseline]:
    """The hand-made networks of a study with finite values of all of these, the smallest first."""
    found = [
        baseline
        for baseline in stored_baselines(study.user_attrs).values()
        if _has_values(baseline, len(study.directions))
    ]
    return [b for b in found if all(baseline_value(b, each) is not None for each in objectives)]


def baseline_value(baseline: Baseline, objective: Objective) -> float | None:
    """What a hand-made network has of an objective, None where that is not known or not finite."""
    if objective.position is not None:
        values = baseline.values or ()
        return finite(values[objective.position]) if objective.position < len(values) else None
    return float(getattr(baseline, objective.name)) if objective.name in SIZES else None


def beside_baselines(
    members: Sequence[tuple[Sequence[float], float | None]],
    baselines: Sequence[Baseline],
    names: Sequence[str],
    maximize: Sequence[bool],
) -> str:
    """Whether the search paid off, as far as hand-made networks tell; "" where there are none.

    Args:
        members:
            The values and the parameters of the front's networks; of the best for one objective.
        baselines:
            The hand-made networks.
        names:
            Names of the objectives.
        maximize:
            Whether larger values are better, for each objective.
    """
    known = [baseline for baseline in baselines if _has_values(baseline, len(names))]
    if not known or not members:
        return ""
    found = gains([values for values, _ in members], maximize)
    by_hand = gains([baseline.values or () for baseline in known], maximize)
    dominated = [_is_dominated(own, found) for own in by_hand]
    network = "network" if len(known) == 1 else "networks"
    verb = "dominates" if len(names) > 1 else "is better than"
    front = "The front" if len(names) > 1 else "The best network"
    text = f"{front} {verb} {sum(dominated)} of {len(known)} hand-made {network}"
    if any(dominated) and not all(dominated):
        others = [
            repr(each.name) for each, is_so in zip(known, dominated, strict=True) if not is_so
        ]
        text += f", but not {' and '.join(others)}"
    best = max(range(len(known)), key=lambda i: (by_hand[i][0], -known[i].num_params))
    return f"{text}; {_at_its_size(members, found, known[best], by_hand[best][0], names[0])}."


def _at_its_size(
    members: Sequence[tuple[Sequence[float], float | None]],
    found: np.ndarray,
    best: Baseline,
    gain: float,
    name: str,
) -> str:
    """The best network that is no larger than the best of the hand-made ones."""
    assert best.values is not None
    own = format_metric(name, best.values[0])
    where = f"where {best.name!r} has {own} with {best.num_params:,} parameters, "
    sizes = [size for _, size in members]
    small = [i for i, size in enumerate(sizes) if size is not None and size <= best.num_params]
    if not small:
        return where + "it has nothing as small"
    chosen = max(small, key=lambda i: found[i][0])
    values, size = members[chosen]
    only = "only " * bool(found[chosen][0] < gain)
    return where + f"it has {only}{format_metric(name, values[0])} with {int(size or 0):,}"


def _is_dominated(own: np.ndarray, others: np.ndarray) -> bool:
    no_worse, better = (others >= own).all(axis=1), (others > own).any(axis=1)
    return bool((no_worse & better).any())


def _has_values(baseline: Baseline, n: int) -> bool:
    return baseline.values is not None and len(baseline.values) == n
