"""Figures for papers, as files: what a reader, a printer and a version control see."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import optuna
import pytest
from matplotlib import rcParams
from matplotlib.figure import Figure

from optuna_codeepneat import visualization
from optuna_codeepneat.exceptions import NoFigureError
from optuna_codeepneat.visualization import matplotlib as paper
from tests.visualization.studies import enlarged


SVG = "{http://www.w3.org/2000/svg}"


def saved(figure: Figure, kind: str) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format=kind)
    return file.getvalue()


def texts(figure: Figure) -> list[str]:
    """What is written in a figure, as text that can be searched."""
    root = ElementTree.fromstring(saved(figure, "svg"))
    return ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]


def points(figure: Figure) -> int:
    """How many points are drawn, without those of the legend."""
    root = ElementTree.fromstring(saved(figure, "svg"))
    axes = [group for group in root.iter(f"{SVG}g") if group.get("id", "").startswith("axes_")]
    groups = [group for one in axes for group in one.iter(f"{SVG}g")]
    dots = [group for group in groups if group.get("id", "").startswith("PathCollection")]
    return sum(1 for group in dots for _ in group.iter(f"{SVG}use"))


def places(figure: Figure) -> tuple[float, float]:
    """The distances that the labels of the first axes have at least, in pixels."""
    figure.canvas.draw()
    axes = figure.axes[0]
    gaps = []
    for axis, low, high in ((axes.xaxis, "x0", "x1"), (axes.yaxis, "y0", "y1")):
        boxes = [t.get_window_extent() for t in axis.get_ticklabels() if t.get_text()]
        boxes = sorted(boxes, key=lambda box: getattr(box, low))
        pairs = zip(boxes, boxes[1:], strict=False)
        gaps.append(min(getattr(b, low) - getattr(a, high) for a, b in pairs))
    return gaps[0], gaps[1]


@pytest.mark.parametrize(
    "plot",
    [
        paper.plot_pareto_front,
        paper.plot_history,
        lambda study: paper.plot_front_comparison({"one": study, "other": study}),
    ],
)
def test_a_figure_is_a_page_of_vectors_and_always_the_same(
    evolved: optuna.Study, plot: Callable[[Any], Figure]
) -> None:
    before = dict(rcParams)
    pdf, svg = (saved(plot(evolved), kind) for kind in ("pdf", "svg"))
    assert pdf.startswith(b"%PDF-1.")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert b"/Subtype /Type3" not in pdf
    assert b"CreationDate" not in pdf
    box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", pdf)
    assert box is not None
    assert float(box[1]) == pytest.approx(72 * 3.3)
    assert b"<dc:date>" not in svg
    assert b"<image" not in svg
    assert [saved(plot(evolved), kind) for kind in ("pdf", "svg")] == [pdf, svg]
    assert dict(rcParams) == before


def test_other_formats_and_files_are_saved_too(single: optuna.Study, tmp_path: Path) -> None:
    figure = paper.plot_history(single, width=2)
    figure.savefig(tmp_path / "history.PDF")
    assert b"CreationDate" not in (tmp_path / "history.PDF").read_bytes()
    assert saved(figure, "png").startswith(b"\x89PNG")


def test_the_front(evolved: optuna.Study, unlucky: optuna.Study) -> None:
    figure = paper.plot_pareto_front(evolved)
    assert points(figure) == 60
    assert {"parameters", "accuracy (%)", "generation", "dominated", "front"} <= {*texts(figure)}
    assert "infeasible" in texts(paper.plot_pareto_front(unlucky))
    axes = figure.axes[0]
    assert (axes.get_xscale(), axes.get_yscale(), axes.get_title()) == ("log", "linear", "")
    assert {"500", "1k", "10k"} <= {*texts(figure)}


def test_labels_do_not_touch(evolved: optuna.Study, foreign: optuna.Study) -> None:
    for study in (evolved, foreign):
        assert min(places(paper.plot_pareto_front(study))) > 2
    assert min(places(paper.plot_front_comparison([evolved], at=[1, 2]))) > 2


def test_a_front_without_names_or_generations(foreign: optuna.Study) -> None:
    assert {"objective 0", "objective 1", "trial"} <= {*texts(paper.plot_pareto_front(foreign))}


def test_a_front_of_many_objectives_is_a_matrix(five: optuna.Study) -> None:
    figure = paper.plot_pareto_front(five)
    assert points(figure) == 10 * 40
    assert figure.get_figwidth() == pytest.approx(6.6)
    assert {"accuracy (%)", "latency (ms)", "multiply-adds", "depth"} <= {*texts(figure)}
    assert paper.plot_pareto_front(five, width=5).get_figwidth() == 5
    two = paper.plot_pareto_front(five, objectives=["accuracy", "latency"])
    assert (points(two), two.get_figwidth()) == (40, pytest.approx(3.3))


def test_accuracies_close_to_1_are_told_apart() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"])
    study.set_metric_names(["accuracy", "num_params"])
    for values in ([0.3, 10.0], [0.99, 100.0], [0.999, 1000.0], [1.0, 10000.0]):
        study.add_trial(optuna.trial.create_trial(values=values))
    for plot in (paper.plot_pareto_front, paper.plot_history):
        figure = plot(study)
        figure.canvas.draw()
        axes = figure.axes[0]
        heights = axes.transData.transform([[1, share] for share in (0.3, 0.99, 0.999, 1.0)])[:, 1]
        share = (heights - axes.bbox.y0) / axes.bbox.height
        assert 0 < share[0] < share[1] - 0.05 < share[2] - 0.1 < share[3] - 0.1 < 1
        assert {"99", "100"} <= {*texts(figure)}
    assert min(places(paper.plot_pareto_front(study))) > 0


def test_the_history(evolved: optuna.Study, single: optuna.Study, heirs: optuna.Study) -> None:
    figure = paper.plot_history(evolved)
    best, volume = figure.axes
    assert {"best accuracy (%)", "hypervolume", "networks finished"} <= {*texts(figure)}
    plotly = visualization.plot_history(evolved)
    for axes, trace in zip((best, volume), plotly.data, strict=True):
        assert list(axes.lines[0].get_ydata()) == list(trace.y)
    assert len(paper.plot_history(single).axes) == 1
    assert "training steps of all networks together" in texts(
        paper.plot_history(heirs, over="steps")
    )


def test_decimals_are_alike(single: optuna.Study) -> None:
    labels = [text for text in texts(paper.plot_history(single)) if re.fullmatch(r"9[\d.]+", text)]
    assert len({len(label) for label in labels}) == 1


def test_the_comparison(evolved: optuna.Study, single: optuna.Study) -> None:
    studies = {"a $1 search": evolved, "_accuracy alone": single}
    figure = paper.plot_front_comparison(studies, over="networks")
    assert {"a $1 search", "_accuracy alone", "after 40 networks"} <= {*texts(figure)}
    assert {line.get_linestyle() for line in figure.axes[0].lines} == {"-", "--"}
    plotly = visualization.plot_front_comparison(studies, at=[40], over="networks")
    for line, trace in zip(figure.axes[0].lines, plotly.data, strict=True):
        assert list(line.get_xdata()) == list(trace.x)
    nothing_yet = paper.plot_front_comparison(studies, at=[0], over="networks")
    assert "after 0 networks" in texts(nothing_yet)
    figure = paper.plot_front_comparison(studies, at=[0, 1, 2])
    assert [axes.get_title() for axes in figure.axes] == [f"generation {i}" for i in range(3)]


def test_long_names_stay_in_the_figure(evolved: optuna.Study) -> None:
    figure = paper.plot_front_comparison({"long name " * 12: evolved, "x" * 200: evolved})
    figure.canvas.draw()
    box = figure.legends[0].get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1


@pytest.mark.parametrize("n_trials", [1, 3000])
def test_few_and_many_networks(evolved: optuna.Study, n_trials: int) -> None:
    study = enlarged(evolved, n_trials)
    assert points(paper.plot_pareto_front(study)) == n_trials
    assert "hypervolume" in texts(paper.plot_history(study))


def test_there_are_whole_generations_alone(evolved: optuna.Study) -> None:
    assert len(paper.plot_pareto_front(enlarged(evolved, 1)).axes) == 1  # no bar of one colour
    figure = paper.plot_history(enlarged(evolved, 20), over="generations")
    figure.canvas.draw()
    assert all(float(tick).is_integer() for tick in figure.axes[-1].get_xticks())


def test_what_is_wrong(empty: optuna.Study, evolved: optuna.Study, single: optuna.Study) -> None:
    for plot in (paper.plot_pareto_front, paper.plot_history):
        with pytest.raises(NoFigureError, match="has no trial yet"):
            plot(empty)
    with pytest.raises(NoFigureError, match="one objective and so no front"):
        paper.plot_pareto_front(single)
    for width in (0, True, "3", float("nan")):
        with pytest.raises(ValueError, match="`width` must be a number of inches"):
            paper.plot_history(evolved, width=width)  # type: ignore[arg-type]
