"""`publish`: a study's figures and note for Optuna Dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping

import optuna
import plotly.graph_objects as go
from optuna_dashboard import get_note
from optuna_dashboard import save_note
from optuna_dashboard import save_plotly_graph_object

from optuna_codeepneat._optuna import identity
from optuna_codeepneat.visualization._dashboard._compact import compact
from optuna_codeepneat.visualization._dashboard._note import MARK
from optuna_codeepneat.visualization._dashboard._note import note_of
from optuna_codeepneat.visualization._figures import panels
from optuna_codeepneat.visualization._trials import StudyTrials


FIGURE = "codeepneat-"
"""How the ids of our figures begin."""

_MOST_CHARACTERS = 200_000
"""Of all figures: samplers such as NSGA-II read the attributes of a study for each trial."""


def publish(
    study: optuna.Study,
    *,
    references: Mapping[str, float] | None = None,
    price_per_hour: float | None = None,
) -> None:
    """Writes a study's figures and a note into it, where Optuna Dashboard shows them.

    Writing again replaces them. A note that somebody else has written stays as it is. All of it
    together is kept below 250 kB; hover texts and points of long studies are thinned for that.

    Args:
        study:
            The study, finished or not.
        references:
            Values of the first objective to compare with, by the names of what reached them.
        price_per_hour:
            What an hour of one worker costs; None leaves out the figure of the cost.

    Raises:
        ValueError: If an argument is wrong.

    Example:
        >>> import optuna
        >>> from optuna_codeepneat.visualization import publish
        >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
        >>> study = optuna.create_study(directions=["maximize", "minimize"])
        >>> study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), trial.number), 20)
        >>> publish(study)
    """
    write(study, study, references=references, price_per_hour=price_per_hour)


def write(
    source: optuna.Study,
    target: optuna.Study,
    *,
    references: Mapping[str, float] | None = None,
    price_per_hour: float | None = None,
) -> None:
    """Writes what is to be shown of one study into another, or into itself."""
    storage, study_id = identity(target)
    before = storage.get_study_system_attrs(study_id)
    drawn = panels(source, references=references, price_per_hour=price_per_hour)
    for name, figure in _compacted({p.name: p.figure for p in drawn if p.figure is not None}):
        if not _is_stored(figure.to_json(), before, name):
            save_plotly_graph_object(target, figure, graph_object_id=FIGURE + name)
    note = note_of(source, StudyTrials(source))
    if (stored := get_note(target)) != note and (not stored or MARK in stored):
        save_note(target, note)


def _compacted(figures: Mapping[str, go.Figure]) -> Iterator[tuple[str, go.Figure]]:
    """Figures that are short enough together; those that are short leave room to the others."""
    left = _MOST_CHARACTERS
    lengths = {name: len(figure.to_json()) for name, figure in figures.items()}
    for i, name in enumerate(sorted(figures, key=lambda name: lengths[name])):
        figure = compact(figures[name], most_characters=left // (len(figures) - i))
        if figure is not None:
            left -= len(figure.to_json())
            yield name, figure


def _is_stored(figure: str, attrs: Mapping[str, object], name: str) -> bool:
    """Whether a figure is what the study has already; checked against Optuna Dashboard 0.21."""
    key = f"dashboard:plot_data:{FIGURE}{name}:"
    pieces = [
        str(attrs.get(f"{key}{i}", "")) for i in range(sum(k.startswith(key) for k in attrs))
    ]
    return "".join(pieces) == figure
