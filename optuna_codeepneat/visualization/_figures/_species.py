"""`plot_species`: how large each species was, generation by generation."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any

import plotly.graph_objects as go

from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.sampler import census_of
from optuna_codeepneat.visualization._figures import _style
from optuna_codeepneat.visualization._palette import category
from optuna_codeepneat.visualization._trials import StudyTrials


if TYPE_CHECKING:
    import optuna


@dataclass(frozen=True)
class Species:
    """What a figure of species shows.

    For modules and blueprints the size of each species, by its name, in each generation.
    """

    generations: list[int]
    populations: dict[str, dict[str, list[int]]]

    @classmethod
    def of(cls, study: optuna.Study | StudyTrials) -> Species:
        """The species of a study, with the errors of `plot_species`."""
        chronicle = StudyTrials.of(study)
        censuses = census_of(chronicle.study)
        populations = {
            "modules": _sizes([census.modules for census in censuses]),
            "blueprints": _sizes([census.blueprints for census in censuses]),
        }
        shown = {name: sizes for name, sizes in populations.items() if sizes}
        if not shown:
            why = "it has no generations of CoDeepNEAT"
            if censuses:
                why = "LEMONADE evolves networks as a whole"
            raise NoFigureError(f"the study {chronicle.study_name!r} has no species: {why}.")
        if len(censuses) == 1:
            counts = " and ".join(f"{len(sizes):,} of {name}" for name, sizes in shown.items())
            raise NoFigureError(
                f"the study {chronicle.study_name!r} has one generation so far, whose species are "
                f"{counts}; a figure needs two."
            )
        return cls([census.generation for census in censuses], shown)


def plot_species(study: optuna.Study) -> go.Figure:
    """Plots how many modules and blueprints each species had, generation by generation.

    A species of modules is what blueprints point to. One that dwindles has brought no network
    into the archive for a while.

    Args:
        study:
            A study of `CoDeepNEATSampler`.

    Returns:
        The figure.

    Raises:
        NoFigureError: If the study has no species, or a single generation of them.
        StoredStateError: If what is stored of its generations can't be read.
    """
    return draw(Species.of(study))


def draw(shown: Species) -> go.Figure:
    """Draws species with Plotly."""
    from plotly.subplots import make_subplots

    rows = len(shown.populations)
    grid = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    figure = _style.styled(grid, "Species over generations", height=280 + 170 * rows)
    figure.update_layout(barmode="stack", bargap=_gap(len(shown.generations)))
    for row, (what, species) in enumerate(shown.populations.items()):
        for i, (name, sizes) in enumerate(species.items()):
            title = f"{what[:-1]} species {name}"
            figure.add_bar(
                x=shown.generations,
                y=sizes,
                name=title,
                marker={
                    "color": category(i + 4 * row),
                    # After eight colours, stripes.
                    "pattern": {"shape": "" if i < 8 else "/"},
                    "line": {"width": 0},
                },
                hovertemplate=f"generation %{{x}}<br>{title}: %{{y}}<extra></extra>",
                row=row + 1,
                col=1,
            )
        figure.update_yaxes({"title": {"text": what}}, row=row + 1, col=1)
    settings: dict[str, Any] = {"title": {"text": "generation"}, "tickformat": ",d"}
    if len(shown.generations) <= 20:
        settings["dtick"] = 1
    figure.update_xaxes(settings, row=rows, col=1)
    return figure


def _gap(n_generations: int) -> float:
    """The share of a generation that stays empty, so that few of them make no blocks."""
    return max(0.05, 1 - n_generations / 8)


def _sizes(counts: Sequence[Mapping[str, int]]) -> dict[str, list[int]]:
    names = sorted({name for count in counts for name in count})
    return {name: [count.get(name, 0) for count in counts] for name in names}
