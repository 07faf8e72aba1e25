"""What a report says of hand-made networks beside those of the search."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat.visualization._baselines import baseline_value
from optuna_codeepneat.visualization._baselines import baselines_of
from optuna_codeepneat.visualization._baselines import beside_baselines
from optuna_codeepneat.visualization._format import format_metric


if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.visualization._trials import StudyTrials

_NOTHING = "\u2013"


@dataclass(frozen=True)
class BaselineTable:
    """A table of hand-made networks."""

    sentence: str  # how the search stands beside them
    columns: list[str]
    rows: list[list[str]]
    failed: list[tuple[str, str]]  # names, and why


def by_hand_of(
    chronicle: StudyTrials,
    members: Sequence[FrozenTrial],
    architectures: Mapping[int, Architecture],
) -> BaselineTable | None:
    """The hand-made networks of a study beside its front or best networks; None for none.

    Args:
        chronicle:
            The study.
        members:
            The networks of its front, or the best.
        architectures:
            Those that are known, by the numbers of their trials.
    """
    objectives = chronicle.objectives
    baselines = baselines_of(chronicle.study, objectives)
    known = stored_baselines(chronicle.study.user_attrs).values()
    failed = [(each.name, each.failure) for each in known if each.failure is not None]
    if not baselines and not failed:
        return None
    names = [objective.name for objective in objectives]
    sizes = {name: title for name, title in SIZES.items() if name not in names}
    tested = any(baseline.test_score is not None for baseline in baselines)
    titles = [objective.title for objective in objectives]
    titles[1:1] = [f"test {titles[0]}"] * tested  # beside what it is held against
    rows = []
    for baseline in baselines:
        values = [baseline_value(baseline, objective) for objective in objectives]
        cells = [_text(name, value) for name, value in zip(names, values, strict=True)]
        cells[1:1] = [_text(names[0], baseline.test_score)] * tested
        cells += [f"{getattr(baseline, size):,}" for size in sizes]
        rows.append([baseline.name, *cells])
    sentence = beside_baselines(
        [(trial.values, _num_params(trial, names, architectures)) for trial in members],
        baselines,
        names,
        [objective.maximize for objective in objectives],
    )
    columns = ["network", *titles, *sizes.values()]
    return BaselineTable(sentence, columns, rows, failed)


def _num_params(
    trial: FrozenTrial, names: Sequence[str], architectures: Mapping[int, Architecture]
) -> float | None:
    if NUM_PARAMS in names:
        return float(trial.values[names.index(NUM_PARAMS)])
    if trial.number in architectures:
        return architectures[trial.number].num_params
    return count_in(trial.user_attrs, NUM_PARAMS)


def _text(name: str, value: float | None) -> str:
    return _NOTHING if value is None else format_metric(name, value)
