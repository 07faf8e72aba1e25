from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import optuna
import pytest
from matplotlib import pyplot

from optuna_codeepneat import visualization
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import matplotlib as twins


@pytest.fixture(autouse=True)
def close_all() -> Iterator[None]:
    pyplot.switch_backend("agg")  # no windows
    yield
    pyplot.close("all")


def test_each_figure_has_its_twin() -> None:
    assert set(twins.__all__) == {n for n in visualization.__all__ if n.startswith("plot_")}


def test_the_front(evolved: optuna.Study, unlucky: optuna.Study, five: optuna.Study) -> None:
    axes = twins.plot_pareto_front(evolved)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("parameters", "accuracy")
    assert axes.get_xscale() == "log"
    drawn = sum(len(dots.get_offsets()) for dots in axes.collections)
    assert drawn == 60
    labels = {text.get_text() for text in twins.plot_pareto_front(unlucky).get_legend().texts}
    assert "violates a constraint" in labels
    with pytest.raises(NoFigureError, match="here `objectives` must be two"):
        twins.plot_pareto_front(five)
    assert twins.plot_pareto_front(five, objectives=[0, 4]).get_ylabel() == "accuracy"


def test_the_history(evolved: optuna.Study, single: optuna.Study) -> None:
    best, volume = twins.plot_history(evolved, references={"human": 0.96})
    assert volume.get_ylabel() == "hypervolume"
    assert best.lines[0].get_ydata()[-1] == max(t.values[0] for t in evolved.trials)
    assert len(best.lines) == 2
    assert len(twins.plot_history(single)) == 1


def test_the_comparison(evolved: optuna.Study, single: optuna.Study) -> None:
    axes = twins.plot_front_comparison({"two": evolved, "one": single}, at=[1, 3])
    assert [a.get_title() for a in axes] == ["generation 1", "generation 3"]
    assert {line.get_linestyle() for line in axes[0].lines} == {"-", "--"}


def test_species_lineage_inheritance_importances(
    evolved: optuna.Study, heirs: optuna.Study
) -> None:
    modules, blueprints = twins.plot_species(evolved)
    assert sum(bar.get_height() for bar in modules.patches) > 0
    assert blueprints.get_xlabel() == "generation"
    assert twins.plot_ancestors(heirs, 39).get_title() == "lineage of trial 39"
    share, steps = twins.plot_inheritance(heirs)
    assert len(share.collections[0].get_offsets()) == 40
    assert steps.get_ylabel() == "training steps"
    axes = twins.plot_component_importances(evolved, most=5)
    assert len(axes.patches) == 5


def test_all_can_be_drawn(evolved: optuna.Study) -> None:
    figure = np.ravel(twins.plot_history(evolved))[0].figure
    figure.canvas.draw()
    assert np.asarray(figure.canvas.buffer_rgba()).std() > 0
