"""The page: everything gathered, and the template filled in."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from math import isfinite
from typing import TYPE_CHECKING

from jinja2 import Environment
from jinja2 import PackageLoader
from jinja2 import StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from optuna_codeepneat._attributes import GENERATION
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._text import printable_lines
from optuna_codeepneat.visualization._diagram import network_svg
from optuna_codeepneat.visualization._figures import hyperparameter_panels
from optuna_codeepneat.visualization._figures import panels
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._format import network_in_words
from optuna_codeepneat.visualization._report._by_hand import by_hand_of
from optuna_codeepneat.visualization._report._facts import facts_of
from optuna_codeepneat.visualization._report._figures import DARK
from optuna_codeepneat.visualization._report._figures import shown
from optuna_codeepneat.visualization._report._networks import architectures_of
from optuna_codeepneat.visualization._report._networks import story_of
from optuna_codeepneat.visualization._report._packing import packed
from optuna_codeepneat.visualization._report._settings import settings_of
from optuna_codeepneat.visualization._report._setup import failures_of
from optuna_codeepneat.visualization._report._setup import space_in_words
from optuna_codeepneat.visualization._report._setup import versions
from optuna_codeepneat.visualization._report._table import table_of
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import chosen_of
from optuna_codeepneat.visualization._trials import twins_of


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

_MOST_ROWS = 1_000
_PACKAGE = "optuna_codeepneat.visualization._report"


def page(
    study: optuna.Study,
    *,
    space: SearchSpace | None,
    references: Mapping[str, float] | None,
    test_scores: Mapping[int, float] | None,
    price_per_hour: float | None,
    training: Sequence[str],
    max_bytes: int,
) -> str:
    """The whole report as one HTML page; the arguments are those of `write_report`."""
    chronicle = StudyTrials(study)
    chosen = chosen_of(chronicle)
    stored = stored_test_scores(study.user_attrs) if test_scores is None else test_scores
    scores = {number: score for number, score in stored.items() if isfinite(score)}
    members = {trial.number for trial in chosen}
    outside = {number: score for number, score in scores.items() if number not in members}
    scores = {number: score for number, score in scores.items() if number in members}
    # Those finally trained stay in a table that is too long.
    kept = {trial.number for trial in chosen[:_MOST_ROWS]} | scores.keys()
    listed = [trial for trial in chosen if trial.number in kept]
    architectures = architectures_of(listed, space)
    twins = twins_of(chronicle.completed)
    table = table_of(listed, chronicle.objectives, architectures, scores, twins)
    failures, n_more_failures = failures_of(chronicle.trials)
    environment = _environment()
    plotly, script = get_plotlyjs(), _text("page.js")
    drawn = panels(study, references=references, price_per_hour=price_per_hour, test_scores=stored)
    known = dict(
        study_name=study.study_name,
        problem=_problem_of(study),
        facts=facts_of(chronicle, chosen),
        several=len(chronicle.objectives) > 1,
        n_chosen=len(chosen),
        n_trials=len(chronicle.trials),
        states=chronicle.states(),
        table=table,
        outside=[
            (n, format_metric(chronicle.objectives[0].name, score)) for n, score in outside.items()
        ],
        by_hand=by_hand_of(chronicle, listed, architectures),
        space_is_known=space is not None,
        figures=[shown(panel) for panel in [*drawn, *hyperparameter_panels(study)]],
        references=[
            (name, format_metric(chronicle.objectives[0].name, value))
            for name, value in sorted((references or {}).items(), key=lambda item: -item[1])
        ],
        settings=settings_of(study),
        space=None if space is None else space_in_words(space.to_json()),
        training=list(training),
        versions=versions(),
        failures=failures,
        n_more_failures=n_more_failures,
        written=datetime.now().strftime("%Y-%m-%d %H:%M"),
        dark=Markup(json.dumps(DARK)),
        style=Markup(_text("page.css")),
        plotly=Markup(plotly),
        script=Markup(script),
        policy=f"script-src {_hashed(plotly)} {_hashed(script)}",
    )
    template = environment.get_template("page.html")
    details = _Details(environment, listed, architectures, chronicle, training)
    plain = {number: details.of(number, "") for number in details.numbers}
    megabytes = f"{max_bytes / 1e6:g} MB"

    def filled(drawn: Mapping[int, str]) -> str:
        n_left_out = len(architectures) - len(drawn)
        return template.render(
            known, details={**plain, **drawn}, n_left_out=n_left_out, megabytes=megabytes
        )

    room = max_bytes - len(filled({}).encode())
    return filled(details.drawn(plain, room, first=list(scores)))


class _Details:
    """What opens below a row of the table, packed; `trials` are in its order."""

    def __init__(
        self,
        environment: Environment,
        trials: Sequence[FrozenTrial],
        architectures: Mapping[int, Architecture],
        chronicle: StudyTrials,
        training: Sequence[str],
    ) -> None:
        self._template = environment.get_template("network.html")
        self._trials = {trial.number: trial for trial in trials}
        self._architectures = architectures
        self._shown = (GENERATION, *(objective.name for objective in chronicle.objectives))
        self._training = training
        self.numbers = list(self._trials)

    def of(self, number: int, diagram: str) -> str:
        """The details of a trial with a diagram, which may be empty."""
        trial, architecture = self._trials[number], self._architectures.get(number)
        html = self._template.render(
            story=story_of(trial, architecture, shown=self._shown),
            words=network_in_words(trial.params),
            is_known=architecture is not None,
            diagram=Markup(diagram),
            training=self._training,
            listed=self._trials.keys(),
        )
        return packed(html)

    def drawn(
        self, plain: Mapping[int, str], room: int, *, first: Sequence[int]
    ) -> dict[int, str]:
        """Details with diagrams, as many as there is room for, in bytes beside the `plain` ones.

        The trials in `first` come before all others, which go by the order of the table.
        """
        details: dict[int, str] = {}
        for number in dict.fromkeys([*first, *self.numbers]):
            if number not in self._architectures:
                continue
            svg = network_svg(self._architectures[number], title=f"Trial {number}")
            detail = self.of(number, svg)
            room -= len(detail) - len(plain[number])
            if room < 0:
                break
            details[number] = detail
        return details


def _problem_of(study: optuna.Study) -> str | None:
    """The title and the name of the problem that was searched, None if nobody said it."""
    searched = Searched.of(study.user_attrs)
    if searched.title in (None, searched.problem) or searched.problem is None:
        return searched.problem
    return f"{searched.title} ({searched.problem})"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Control characters of names and attributes are written out.
        finalize=lambda value: printable_lines(value) if type(value) is str else value,
    )
    environment.filters["count"] = lambda n: f"{n:,}"
    return environment


def _text(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")


def _hashed(script: str) -> str:
    """A script as a page's policy names it: no other one is run."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
