"""The parts of a report: facts, columns, settings, spaces and figures in words."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from datetime import timedelta

import optuna
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution
from optuna.distributions import IntDistribution
from optuna.trial import TrialState
from optuna.trial import create_trial

from optuna_codeepneat import SearchSpace
from optuna_codeepneat._attributes import PROBLEM
from optuna_codeepneat._attributes import SETTINGS
from optuna_codeepneat._attributes import TARGET
from optuna_codeepneat.sampler._generations._records import RECORD
from optuna_codeepneat.visualization._figures._history import History
from optuna_codeepneat.visualization._figures._panels import Panel
from optuna_codeepneat.visualization._figures._panels import panels
from optuna_codeepneat.visualization._report._facts import facts_of
from optuna_codeepneat.visualization._report._figures import shown
from optuna_codeepneat.visualization._report._networks import architectures_of
from optuna_codeepneat.visualization._report._networks import story_of
from optuna_codeepneat.visualization._report._packing import packed
from optuna_codeepneat.visualization._report._packing import unpacked
from optuna_codeepneat.visualization._report._settings import Settings
from optuna_codeepneat.visualization._report._settings import _in_python
from optuna_codeepneat.visualization._report._settings import settings_of
from optuna_codeepneat.visualization._report._setup import failures_of
from optuna_codeepneat.visualization._report._setup import space_in_words
from optuna_codeepneat.visualization._report._setup import versions
from optuna_codeepneat.visualization._report._table import table_of
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import chosen_of
from tests.visualization.studies import SPACE


MONDAY = datetime(2026, 3, 2, 8, 0)


def facts(study: optuna.Study) -> dict[str, tuple[str, str]]:
    chronicle = StudyTrials(study)
    return {f.name: (f.text, f.note) for f in facts_of(chronicle, chosen_of(chronicle))}


def timed(begin: float, end: float, value: float = 1.0) -> optuna.trial.FrozenTrial:
    """A trial by its hours since Monday."""
    trial = create_trial(value=value)
    trial.datetime_start = MONDAY + timedelta(hours=begin)
    trial.datetime_complete = MONDAY + timedelta(hours=end)
    return trial


def test_hours_and_workers() -> None:
    study = optuna.create_study()
    for begin, end in ((0, 2), (1, 3), (3, 4), (10, 12)):
        study.add_trial(timed(begin, end))
    said = facts(study)
    assert said["time"] == ("6.0 h", "with up to 2 workers at once, together 7.0 h")
    assert said["when"] == ("2026-03-02", "08:00 to 20:00")
    study.add_trial(timed(20, 30))
    assert facts(study)["when"] == ("2026-03-02", "08:00 to 2026-03-03 14:00")


def test_counts_best_and_hypervolume(unlucky: optuna.Study, evolved: optuna.Study) -> None:
    said = facts(unlucky)
    assert said["networks"][0].endswith(" finished")
    for words in ("violating a constraint", "failed", "pruned"):
        assert words in said["networks"][1]
    volumes = History.of(evolved).hypervolume
    assert volumes is not None
    assert facts(evolved)["hypervolume"][0] == f"{volumes[-1]:.3f}"
    trial, why = facts(evolved)["knee"]
    assert int(trial.removeprefix("trial ")) in {member.number for member in evolved.best_trials}
    assert why.endswith("the farthest from the line between the ends of the front")
    best = max(evolved.best_trials, key=lambda t: t.values[0])
    assert facts(evolved)["best accuracy"][0] == f"{100 * best.values[0]:.1f} %"


def test_one_objective_has_the_ten_best(single: optuna.Study) -> None:
    chosen = chosen_of(StudyTrials(single))
    assert len(chosen) == 10
    assert chosen[0].value == single.best_value
    assert set(facts(single)) == {"networks", "best accuracy", "time", "when"}


def test_columns_that_say_nothing_are_left_out(
    evolved: optuna.Study, foreign: optuna.Study, heirs: optuna.Study
) -> None:
    def columns(study: optuna.Study, space: SearchSpace | None) -> list[str]:
        chronicle = StudyTrials(study)
        chosen = chosen_of(chronicle)
        table = table_of(chosen, chronicle.objectives, architectures_of(chosen, space), {}, {})
        assert all(len(row.cells) == len(table.columns) for row in table.rows)
        return [column.title for column in table.columns]

    assert columns(evolved, None) == ["trial", "accuracy", "parameters", "generation"]
    sizes = ["multiply-adds", "depth"]
    assert columns(evolved, SPACE) == ["trial", "accuracy", "parameters", *sizes, "generation"]
    names = ["objective 0", "objective 1", "parameters"]
    assert columns(foreign, SPACE) == ["trial", *names, *sizes]
    assert columns(heirs, None)[-1] == "steps with ancestors"


def test_a_test_score_stands_beside_what_it_is_held_against(evolved: optuna.Study) -> None:
    chronicle = StudyTrials(evolved)
    chosen = chosen_of(chronicle)
    table = table_of(chosen, chronicle.objectives, {}, {chosen[0].number: 0.9}, {})
    titles = [column.title for column in table.columns]
    assert titles[:4] == ["trial", "accuracy", "test accuracy", "parameters"]


def test_the_first_click_shows_the_best(evolved: optuna.Study) -> None:
    chronicle = StudyTrials(evolved)
    table = table_of(chosen_of(chronicle), chronicle.objectives, {}, {}, {})
    orders = {column.title: (column.first, column.sorted) for column in table.columns}
    assert orders["accuracy"] == ("descending", "descending")
    assert orders["parameters"] == ("ascending", "none")


def test_where_a_network_comes_from(evolved: optuna.Study, heirs: optuna.Study) -> None:
    stories = [story_of(trial, None) for trial in evolved.trials]
    assert stories[0].origin == "assembled from the populations, for generation 0"
    made = [story for story in stories if story.ancestors]
    assert made
    for story in made:
        assert story.origin.startswith("an earlier network with a component replaced")
        assert all(0 <= ancestor.number < story.number for ancestor in story.ancestors)
    inherited = [t for t in heirs.trials if t.user_attrs["inheritance"]["from"] is not None]
    donor = inherited[0].user_attrs["inheritance"]["from"]
    assert f"75% of its parameters inherited from trial {donor}, for 100 steps" in (
        story_of(inherited[0], None).training
    )


@pytest.mark.parametrize("said", [None, "much", {}, {"steps": "x", "line_steps": 1, "share": 1}])
def test_attributes_of_others_with_our_names(said: object) -> None:
    trial = create_trial(value=1.0, user_attrs={"inheritance": said})
    assert story_of(trial, None).training == ""


def test_settings_of_a_search_and_of_a_sampler(
    evolved: optuna.Study, foreign: optuna.Study
) -> None:
    settings = settings_of(evolved)
    assert settings.unsaid == ""
    assert settings.search == {"seed": "1"}
    assert settings.arguments["assembled_population_size"] == "10"
    assert settings.arguments["credit"] == "'best'"
    assert settings.arguments["selection"].startswith("Selection(elitism=")
    assert settings_of(foreign) == Settings(unsaid="The study doesn't say how it was set up.")


def test_settings_of_a_search_are_in_plain_words() -> None:
    study = optuna.create_study()
    for name, value in {PROBLEM: "mnist1d", TARGET: 150}.items():
        study.set_user_attr(name, value)
    settings = {"sampler": "codeepneat", "seed": 7, "reproducible": False, "population_size": None}
    settings |= {"space": "72d40a4c66e255e0", "evolution": "codeepneat", "inherit": "off"}
    study.set_user_attr(SETTINGS, settings)
    assert settings_of(study).search == {
        "problem": "mnist1d",
        "networks asked for": "150",
        "sampler": "CoDeepNEAT",
        "seed": "7",
        "the same for any number of workers": "no",
        "inherited weights": "no",
    }
    study.set_user_attr(SETTINGS, settings | {"sampler": "tpe", "population_size": 30})
    said = settings_of(study).search
    assert (said["sampler"], said["begun with"]) == ("TPE", "CoDeepNEAT")
    assert said["networks in a generation"] == "30"


def test_functions_are_named_without_where_they_once_were() -> None:
    assert _in_python("optuna_codeepneat.sampler._credit.best") == "'best'"
    assert _in_python("my_module.best") == "'my_module.best'"
    part = {"type": "optuna_codeepneat.sampler._mutation.Mutation", "sigma": 0.2}
    assert _in_python(part) == "Mutation(sigma=0.2)"
    assert _in_python({"deepen": 1}) == "{'deepen': 1}"


def test_settings_of_a_damaged_study() -> None:
    study = optuna.create_study()
    study.add_trial(create_trial(value=1.0, system_attrs={RECORD: "1 nonsense"}))
    assert settings_of(study) == Settings(unsaid="The study doesn't say how it was set up.")


def test_settings_of_a_study_of_a_newer_version() -> None:
    study = optuna.create_study()
    study.add_trial(create_trial(value=1.0, system_attrs={RECORD: "99 of days to come"}))
    settings = settings_of(study)
    assert (settings.search, settings.arguments) == ({}, {})
    assert settings.unsaid.startswith("The settings of the sampler can't be read: ")
    assert "version" in settings.unsaid


def test_a_space_in_words() -> None:
    space = SearchSpace.conv1d(
        input_shape=(1, 40),
        num_outputs=10,
        max_params=6000,
        min_pooling=2,
        hyperparameters={
            "lr": FloatDistribution(1e-4, 0.1, log=True),
            "batch": IntDistribution(16, 64, step=16),
        },
    )
    words = space_in_words(space.to_json())
    assert words.sentences[0] == "Networks read 1 x 40 and have 10 outputs."
    assert "Sizes are halved at least 2 times." in words.sentences
    assert "At most 6,000 parameters." in words.sentences
    assert list(words.layers) == list(space.layers)
    ranges = {gene.name: gene.range for gene in words.layers["conv1d"]}
    assert ranges["kernel"] == "3 to 7 in steps of 2"
    assert "norm batch" in words.fixed["conv1d"]
    others = {gene.name: gene.range for gene in words.others}
    assert others["lr"] == "0.0001 to 0.1, logarithmic"
    assert others["batch"] == "16 to 64 in steps of 16"


@pytest.mark.parametrize(
    "space",
    [
        SearchSpace.dense(input_shape=(4,), num_outputs=2),
        SearchSpace.cifar10(),
        SearchSpace.wikidetox(input_shape=(16, 50), vocab_size=1000),
        SearchSpace.lemonade(input_shape=(3, 32, 32), num_outputs=10),
        SearchSpace.chest_xray(input_shape=(3, 64, 64)),
    ],
)
def test_every_preset_in_words(space: SearchSpace) -> None:
    words = space_in_words(space.to_json())
    assert set(words.layers) == set(space.layers)


def test_failures_are_grouped_and_counted() -> None:
    trials = [
        create_trial(state=TrialState.FAIL, user_attrs={"failure": f"step {i} of 10"})
        for i in range(12)
    ]
    trials.append(create_trial(state=TrialState.PRUNED, user_attrs={"failure": "step 1 of 10"}))
    trials += [create_trial(state=TrialState.FAIL), create_trial(value=1.0)]
    for number, trial in enumerate(trials):
        trial.number = number
    failures, left_out = failures_of(trials)
    assert left_out == 0
    assert [(f.state, len(f.trials)) for f in failures] == [
        ("failed", 12),
        ("pruned", 1),
        ("failed", 1),
    ]
    assert failures[0].reason == "step 0 of 10"
    assert failures[0].numbers == "0, 1, 2, 3, 4, 5, 6, 7 and others"


def test_versions_import_nothing() -> None:
    code = (
        "import sys\n"
        "from optuna_codeepneat.visualization._report._setup import versions\n"
        "print(versions())\n"
        "assert not {'torch', 'plotly', 'jinja2'} & set(sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert set(versions()) >= {"optuna-codeepneat", "optuna", "torch", "numpy", "Python"}


def test_titles_become_headings_and_notes_sentences() -> None:
    figure = go.Figure(layout={"title": {"text": "<b>A &amp; B</b>"}, "height": 300})
    figure.add_annotation(
        text="not shown: 3 failed",
        xref="paper",
        yref="paper",
        x=1,
        y=1.0,
        xanchor="right",
        yanchor="bottom",
    )
    figure.add_annotation(text="within", x=1, y=2)
    before = figure.to_json()
    seen = shown(Panel("one", "One", figure))
    assert (seen.title, seen.height, seen.note) == ("A & B", 300, "Not shown: 3 failed.")
    assert "within" in unpacked(seen.data)
    assert "not shown" not in unpacked(seen.data)
    assert figure.to_json() == before
    seen = shown(Panel("none", "None", None, "There is none."))
    assert (seen.title, seen.data, seen.reason) == ("None", "", "There is none.")


def test_a_matrix_of_plots_keeps_its_width(five: optuna.Study, evolved: optuna.Study) -> None:
    def wide(study: optuna.Study) -> list[str]:
        return [figure.name for figure in map(shown, panels(study)) if figure.is_wide]

    assert wide(five) == ["pareto-front"]
    assert wide(evolved) == []


@given(st.text())
def test_packed_texts_hold_no_markup(text: str) -> None:
    assert unpacked(packed(text)) == text
    assert packed(text) == packed(text)
    assert not set(packed(text)) & set("<>&\"'")
