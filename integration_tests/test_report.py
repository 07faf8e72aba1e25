"""The report of a search in a real browser, without a network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import optuna
import pytest
from optuna.distributions import FloatDistribution

from integration_tests.browser import Tab
from integration_tests.browser import needs_browser
from integration_tests.browser import open_tab
from integration_tests.command import Command
from integration_tests.searches import BOUNDED
from optuna_codeepneat.visualization import write_report
from tests.visualization.studies import OBJECTIVES
from tests.visualization.studies import SPACE
from tests.visualization.studies import enlarged
from tests.visualization.studies import searched


if TYPE_CHECKING:
    from playwright.sync_api import Locator
    from playwright.sync_api import Page

pytestmark = needs_browser

MOST_BYTES = 10_000_000
MOST_SECONDS = 30


@pytest.fixture(
    scope="session",
    params=[
        "short_search",
        pytest.param("mnist1d_search", marks=[pytest.mark.long, pytest.mark.soak]),
    ],
)
def report(request: pytest.FixtureRequest) -> Path:
    """What a search left behind."""
    [path] = request.getfixturevalue(request.param).glob("*-report.html")
    assert isinstance(path, Path)
    return path


def name_of(report: Path) -> str:
    """The name of its study."""
    return report.name.removesuffix("-report.html")


@pytest.fixture(params=["light", "dark"])
def tab(request: pytest.FixtureRequest) -> Iterator[Tab]:
    with open_tab(offline=True, dark=request.param == "dark") as tab:
        yield tab
        assert tab.complaints == []


def column(page: Page, title: str) -> list[float]:
    """What stands in a column, from top to bottom."""
    titles = page.locator("#networks thead button").all_inner_texts()
    cells = page.locator(f"#networks tbody tr[id] > :nth-child({titles.index(title) + 1})")
    texts = [text.strip().rstrip(" %").replace(",", "") for text in cells.all_inner_texts()]
    return [float(text) for text in texts if text != "–"]


def draw_all(page: Page) -> Locator:
    """Scrolls through all figures, as a reader does, and returns them once they are drawn."""
    plots = page.locator(".plot")
    for plot in plots.all():
        plot.scroll_into_view_if_needed()
        plot.locator(".main-svg").first.wait_for()
    return plots


def test_reading_a_report(report: Path, tab: Tab) -> None:
    page = tab.open(report)
    assert page.title() == f"{name_of(report)}: report"
    assert "12 finished" in page.locator(".facts").inner_text()

    # The table sorts by numbers, again by a click and by a key.
    header = page.locator("#networks thead th", has_text="parameters")
    numbers = column(page, "parameters")
    assert len(numbers) > 1
    header.locator("button").click()
    assert header.get_attribute("aria-sort") == "ascending"
    assert column(page, "parameters") == sorted(numbers)
    page.keyboard.press("Enter")
    assert header.get_attribute("aria-sort") == "descending"
    assert column(page, "parameters") == sorted(numbers, reverse=True)
    assert page.locator("#networks [aria-sort]:not([aria-sort=none])").count() == 1
    assert len(column(page, "test accuracy")) == 1

    # A network opens, and closes.
    button = page.locator("#networks .open").first
    button.click()
    diagram = page.locator(".diagram svg")
    diagram.wait_for(state="visible")
    box = diagram.bounding_box()
    assert box is not None and box["width"] > 100 and box["height"] > 100
    assert "build_network" in page.locator("pre").inner_text()
    # Where the objective is the user's own, nobody knows how it trains.
    said = "In the search a network is trained for" in page.locator(".code").inner_text()
    assert said == (name_of(report) == "mnist1d")
    page.locator(".copy").click()
    page.get_by_text("Copied").or_(page.get_by_text("Selected")).wait_for()
    selected = page.evaluate("getSelection().toString()")
    assert "Architecture.from_json" in selected
    button.click()
    diagram.wait_for(state="hidden")

    # Figures are drawn when they are seen, and not before.
    assert page.locator(".main-svg").count() < 3 * page.locator(".plot").count()
    plots = draw_all(page)
    assert plots.count() >= 4
    assert page.locator("#pareto-front .point").count() >= 12
    for figure in page.locator("figure:not(:has(.plot)) p").all():
        assert figure.inner_text().endswith(".")


def test_colours_are_those_of_the_page(report: Path, tab: Tab) -> None:
    page = tab.open(report)
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    draw_all(page)

    def lightness(script: str) -> float:
        """From 0, black, to 1, white, of a colour as CSS computes it."""
        colour: str = page.evaluate(script)
        red, green, blue = [float(x) for x in colour[colour.index("(") + 1 : -1].split(",")[:3]]
        return (red + green + blue) / (3 * 255)

    backgrounds = [
        lightness("getComputedStyle(document.body).backgroundColor"),
        lightness("getComputedStyle(document.querySelector('.plot .main-svg')).backgroundColor"),
    ]
    inks = [
        lightness("getComputedStyle(document.body).color"),
        lightness("getComputedStyle(document.querySelector('.plot .xtick text')).fill"),
    ]
    for background, ink in zip(backgrounds, inks, strict=True):
        assert (background < 0.2) == is_dark
        assert (ink > 0.7) == is_dark
        assert abs(background - ink) > 0.5


def test_a_point_of_the_front_opens_its_network(report: Path) -> None:
    with open_tab(offline=True) as tab:
        page = tab.open(report)
        draw_all(page)
        number = page.evaluate(
            """() => {
                const plot = document.querySelector('.plot[data-name="pareto-front"]');
                const trace = plot.data.find((trace) => trace.name === 'front');
                const number = trace.customdata[0];
                plot.emit('plotly_click', { points: [{ customdata: number }] });
                return number;
            }"""
        )
        row = page.locator(f"#trial-{number}")
        page.locator(f"#trial-{number} + .detail .diagram svg").wait_for(state="visible")
        assert row.locator(".open").get_attribute("aria-expanded") == "true"
        assert tab.complaints == []


def test_narrow_pages_and_paper(report: Path) -> None:
    with open_tab(offline=True) as tab:
        page = tab.open(report)
        page.set_viewport_size({"width": 480, "height": 900})
        page.locator("#networks .open").first.click()
        page.locator(".diagram svg").wait_for(state="visible")
        draw_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 480
        for plot in page.locator(".plot .main-svg").all():
            box = plot.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 480

        page = tab.open(report)
        page.wait_for_timeout(500)  # it unpacks figures for those who print
        page.pdf()
        assert page.locator(".plot:not([data-drawn])").count() == 0
        assert tab.complaints == []


REFERENCES = {"32 separable (test)": 0.99, "16 separable (test)": 0.983, "8 channels (test)": 0.97}
REFERENCES |= {
    "recurrent (bidirectional GRU) (test)": 0.91,
    "human (test)": 0.96,
    "fitted (test)": 0.32,
}

OVERLAPS = """() => {
    const found = [];
    for (const plot of document.querySelectorAll(".plot")) {
        for (const kind of [".annotation-text", ".xtick text", ".ytick text", ".legendtext"]) {
            const texts = [...plot.querySelectorAll(kind)];
            const boxes = texts.map((text) => text.getBoundingClientRect());
            for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
                const [a, b] = [boxes[i], boxes[j]];
                const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
                const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
                const said = [plot.dataset.name, texts[i].textContent, texts[j].textContent];
                if (across > 1 && along > 1) found.push(said.join(", "));
            }
        }
    }
    return found;
}"""
"""Which texts of the same kind stand on each other, in all figures."""

CUT_OFF = """() => {
    const texts = [...document.querySelectorAll(".plot svg text")];
    return texts.filter((text) => {
        const [box, plot] = [text, text.closest(".plot")].map((it) => it.getBoundingClientRect());
        return box.width && (box.left < plot.left - 1 || box.right > plot.right + 1);
    }).map((text) => `${text.closest(".plot").dataset.name}: ${text.textContent}`);
}"""
"""Which texts of figures are not all in them."""

FAINT = """(chosen) => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = (colour) => {
        const [r, g, b] = numbers(colour).slice(0, 3).map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
        const colour = getComputedStyle(node).backgroundColor;
        return numbers(colour)[3] === 0 ? behind(node.parentNode) : colour;
    };
    return [...document.querySelectorAll(chosen)].map((node) => {
        const pair = [light(getComputedStyle(node).color), light(behind(node))];
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    });
}"""
"""The contrasts of texts with what is behind them (WCAG 2, 1.4.3)."""


def with_weight_decay(study: optuna.Study) -> optuna.Study:
    """The same with a hyperparameter more."""
    trials = study.get_trials()
    for trial in trials:
        trial.params["weight_decay"] = 10 ** -(1 + trial.number % 4)
        trial.distributions["weight_decay"] = FloatDistribution(1e-4, 0.1, log=True)
    more = optuna.create_study(study_name="compared", directions=study.directions)
    more.set_metric_names(study.metric_names or [])
    more.add_trials(trials)
    return more


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with test scores, references, failures and all columns."""
    study = with_weight_decay(searched(60, unlucky=True))
    scores = {trial.number: trial.values[0] - 0.01 for trial in study.best_trials[:3]}
    path = tmp_path_factory.mktemp("compared") / "report.html"
    return write_report(study, path, space=SPACE, references=REFERENCES, test_scores=scores)


@pytest.mark.parametrize("width", [390, 1280])
def test_no_text_covers_another(compared: Path, width: int) -> None:
    with open_tab(offline=True) as tab:
        tab.page.set_viewport_size({"width": width, "height": 900})
        page = tab.open(compared)
        draw_all(page)
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate(CUT_OFF) == []
        # No curve strikes through the names of references: they stand beside the plot.
        area = page.locator(".plot[data-name=history] .draglayer .xy rect.nsewdrag").bounding_box()
        names = page.locator(".plot[data-name=history] .annotation-text").all()
        assert len(names) >= 4 and area is not None
        for box in [name.bounding_box() for name in names]:
            assert box is not None and area["x"] + area["width"] <= box["x"]
            assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_buttons_can_be_read(compared: Path, tab: Tab) -> None:
    page = tab.open(compared)
    draw_all(page)
    page.locator("#networks .open").first.click()
    page.locator(".copy").wait_for()
    contrasts = page.evaluate(FAINT, ".choices button, .copy, #networks button, .pale, small")
    assert len(contrasts) > 10
    assert min(contrasts) >= 4.5

    # They change the axis, also after the colours have changed.
    history = page.locator(".plot[data-name=history]")
    generations = page.get_by_role("button", name="generations", exact=True)
    assert generations.get_attribute("aria-pressed") == "false"
    generations.click()
    assert generations.get_attribute("aria-pressed") == "true"
    history.get_by_text("generation", exact=True).wait_for()
    is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if is_dark else "dark")
    history.get_by_text("generation", exact=True).wait_for()


def test_on_a_phone_nothing_is_cut_off_unsaid(compared: Path) -> None:
    with open_tab(offline=True) as tab:
        tab.page.set_viewport_size({"width": 390, "height": 900})
        page = tab.open(compared)
        header = page.locator("#networks th", has_text="test accuracy").bounding_box()
        assert header is not None and header["x"] + header["width"] <= 390
        hint = "region => getComputedStyle(region, '::before').content"
        cut = "region => region.scrollWidth > region.clientWidth + 1"
        page.wait_for_function(
            "() => [...document.querySelectorAll('.wide')].every(region => "
            "region.classList.contains('cut') === region.scrollWidth > region.clientWidth + 1)"
        )
        for region in page.locator(".wide").all():
            assert ("More columns" in region.evaluate(hint)) == region.evaluate(cut)
        assert page.locator(".wide.cut #networks").count() == 1
        assert page.locator(".wide:not(.cut) .genes").count() == 1
        # A diagram is as large as elsewhere, and scrolls in its frame.
        page.locator("#networks .open").first.click()
        diagram = page.locator(".diagram svg")
        diagram.wait_for()
        size = "svg => [svg.getBoundingClientRect().width, svg.viewBox.baseVal.width]"
        shown, natural = diagram.evaluate(size)
        assert shown == pytest.approx(natural)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        # Scrolled to the last column, a row still says which network it is.
        page.locator(".wide:has(#networks)").evaluate("region => region.scrollBy(1000, 0)")
        number = page.locator("#networks .open").first.bounding_box()
        assert number is not None and number["x"] >= 0
        page.set_viewport_size({"width": 1280, "height": 900})
        page.wait_for_function("!document.querySelector('.wide.cut')")


def test_the_command_writes_it_again_while_it_is_open(report: Path) -> None:
    command = Command(report.parent)
    study = {"mnist1d": ("mnist1d",), "bounded": BOUNDED}[name_of(report)]
    status, out, err = command.run("report", *study, "--price-per-hour", "2")
    assert (status, out, err) == (0, f"{report.name}\n", "")
    status, _, err = command.run("search", *study, "--trials", "12", "--final", "1", "--no-report")
    assert status == 0 and "Report" not in err


@pytest.mark.long
@pytest.mark.parametrize("n_objectives", [pytest.param(2, marks=pytest.mark.soak), 5])
def test_5000_trials(n_objectives: int, tmp_path: Path) -> None:
    objectives = list(OBJECTIVES)[:n_objectives]
    # The second one is the larger front, the first has generations, species and ancestors.
    sampler = optuna.samplers.RandomSampler(seed=1) if n_objectives == 5 else None
    study = enlarged(searched(600, objectives=objectives, sampler=sampler), 5_000)
    begin = time.process_time()
    path = write_report(study, tmp_path / "report.html", space=SPACE)
    assert time.process_time() - begin < MOST_SECONDS
    assert path.stat().st_size < MOST_BYTES
    with open_tab(offline=True) as tab:
        page = tab.open(path)
        n_rows = page.locator("#networks tbody tr[id]").count()
        assert n_rows == min(len(study.best_trials), 1_000)
        assert page.locator("#networks tbody tr[id]:visible").count() <= 50
        assert page.evaluate("document.querySelectorAll('*').length") < 25_000
        page.locator("#networks .open").first.click()  # the best one, which has a diagram
        page.locator(".diagram svg").wait_for(state="visible", timeout=10_000)
        took = page.evaluate(
            """() => {
                const begin = performance.now();
                document.querySelectorAll('#networks thead button')[2].click();
                document.body.offsetHeight;
                return performance.now() - begin;
            }"""
        )
        assert took < 3_000  # a tenth of a second where nothing else runs
        draw_all(page)
        if n_rows > 60:
            page.locator("#all").click()
            assert page.locator("#networks tbody tr[id]:visible").count() == n_rows
        assert tab.complaints == []
