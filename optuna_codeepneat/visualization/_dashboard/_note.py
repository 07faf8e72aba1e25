"""The note of a study in Optuna Dashboard: what was searched, how far it is, the front."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from optuna.trial import TrialState

from optuna_codeepneat._attributes import NUM_PARAMS
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._attributes import count_in
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat._optuna import identity
from optuna_codeepneat._ranking import is_feasible
from optuna_codeepneat._text import markdown
from optuna_codeepneat._text import markdown_code
from optuna_codeepneat.visualization._dashboard._diagrams import diagram_of
from optuna_codeepneat.visualization._format import format_metric
from optuna_codeepneat.visualization._format import layers_in_words
from optuna_codeepneat.visualization._format import sampler_in_words
from optuna_codeepneat.visualization._format import with_twins
from optuna_codeepneat.visualization._trials import Objective
from optuna_codeepneat.visualization._trials import StudyTrials
from optuna_codeepneat.visualization._trials import chosen_of
from optuna_codeepneat.visualization._trials import generation_of
from optuna_codeepneat.visualization._trials import ranked
from optuna_codeepneat.visualization._trials import twins_of


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

MARK = "*Written by optuna-codeepneat, again and again. Without this line the note is yours.*"
"""What a note ends with that may be overwritten."""

_MOST_ROWS = 15
_SPACE = "\u2003"
_MOST_PICTURES = 100  # the dashboard looks through all notes for each trial
_HINT = (
    "The page of each trial has the diagram of its network under *Artifacts*; "
    f"`optuna-codeepneat dashboard` shows those of the best {_MOST_PICTURES} in full, as notes."
)
_FEWEST = ("num_params", "macs")


def note_of(study: optuna.Study, chronicle: StudyTrials) -> str:
    """The note of a study, in Markdown as Optuna Dashboard shows it."""
    attrs = study.user_attrs
    parts = [f"# {markdown(study.study_name)}", _progress(chronicle, attrs)]
    parts += [*_front(chronicle, identity(study)[1]), *_more(study.study_name, attrs), MARK]
    return "\n\n".join(part for part in parts if part) + "\n"


def _progress(chronicle: StudyTrials, attrs: dict[str, Any]) -> str:
    """What was searched and how far it is, in two or three sentences."""
    searched = Searched.of(attrs)
    sampler, target = (searched.settings or {}).get("sampler"), searched.target
    problem = searched.problem
    of = "" if problem is None else f" for the problem **{markdown(problem)}**"
    by = (
        f", proposed by **{markdown(sampler_in_words(sampler))}**"
        if isinstance(sampler, str)
        else ""
    )
    text = f"Networks{of} with {' and '.join(map(_goal, chronicle.objectives))}{by}."
    n_done = chronicle.count(TrialState.COMPLETE) + chronicle.count(TrialState.PRUNED)
    whole = f" of {target:,}" if target >= n_done and target else ""
    text += f" **{n_done:,}{whole}** finished"
    if n_done == chronicle.count(TrialState.COMPLETE) == len(chronicle.trials):
        text += "."
    else:
        text += f"; trials: {chronicle.states()}."
    times = [t.datetime_complete for t in chronicle.ended if t.datetime_complete is not None]
    generations = [g for t in chronicle.trials if (g := generation_of(t)) is not None]
    if generations:
        text += f" Generation {max(generations)}."
    if times:
        text += f" The last one ended at {max(times):%Y-%m-%d %H:%M}."
    n_infeasible = sum(not is_feasible(trial) for trial in chronicle.completed)
    if n_infeasible:
        text += f" {n_infeasible:,} violate a constraint and are left out below."
    return text


def _goal(objective: Objective) -> str:
    title = markdown(objective.title)
    if objective.name in _FEWEST and not objective.maximize:
        return f"the fewest {title}"
    return f"the {'largest' if objective.maximize else 'smallest'} {title}"


def _front(chronicle: StudyTrials, study_id: int) -> list[str]:
    """The front as a table, or the best networks where there is one objective."""
    objectives, members = chronicle.objectives, chosen_of(chronicle, _MOST_ROWS)
    if not members:
        return []
    shown = _spread(members)
    twins = twins_of(chronicle.completed)
    title = "Pareto front" if len(objectives) > 1 else "Best networks"
    columns = [
        ("trial", [_link(study_id, trial.number, twins) for trial in shown]),
        *((o.title, [format_metric(o.name, o.value(t)) for t in shown]) for o in objectives),
    ]
    scores = stored_test_scores(chronicle.study.user_attrs)
    if any(trial.number in scores for trial in shown):
        first = objectives[0]
        tested = [scores.get(trial.number) for trial in shown]
        texts = ["–" if score is None else format_metric(first.name, score) for score in tested]
        columns.insert(2, (f"test {first.title}", texts))
    sizes = [count_in(trial.user_attrs, NUM_PARAMS) for trial in shown]
    if NUM_PARAMS not in {o.name for o in objectives} and any(sizes):
        texts = ["" if size is None else f"{size:,}" for size in sizes]
        columns.append(("parameters", texts))
    columns.append(("network", [markdown(layers_in_words(trial.params)) for trial in shown]))
    names, cells = zip(*((markdown(name), texts) for name, texts in columns), strict=True)
    signs = ["---:"] * (len(columns) - 1) + [":---"]
    # The dashboard draws tables without any space between columns.
    lines = [[f"{_SPACE}{cell}" for cell in row] for row in (names, *zip(*cells, strict=True))]
    table = "\n".join(f"| {' | '.join(row)} |" for row in (lines[0], signs, *lines[1:]))
    few = f", {len(shown)} of {len(members)}" if len(shown) < len(members) else ""
    has_diagrams = any(diagram_of(trial.system_attrs) for trial in shown)
    return [f"## {title}{few}", table, *[_HINT] * has_diagrams]


def _link(study_id: int, number: int, twins: Mapping[int, Sequence[int]]) -> str:
    link = f"[{number}](/dashboard/studies/{study_id}/trials?numbers={number})"
    also = with_twins(number, twins.get(number, ())).removeprefix(str(number))
    return link + also


def pictured(chronicle: StudyTrials) -> list[FrozenTrial]:
    """The networks whose diagrams are shown in full: those of the note, then the best ones."""
    listed = _spread(chosen_of(chronicle, _MOST_ROWS))
    best = ranked(chronicle.valued(chronicle.objectives), chronicle.objectives) if listed else []
    numbered = {trial.number: trial for trial in [*listed, *best]}
    return list(numbered.values())[:_MOST_PICTURES]


def _spread(members: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """At most as many as a note may list, evenly along the front, both ends among them."""
    n = len(members)
    if n <= _MOST_ROWS:
        return list(members)
    return [members[round(i * (n - 1) / (_MOST_ROWS - 1))] for i in range(_MOST_ROWS)]


def _more(study_name: str, attrs: dict[str, Any]) -> list[str]:
    """How to see more."""
    problem = Searched.of(attrs).problem
    if problem is None:
        return []
    named = [] if study_name == problem else ["--study-name", study_name]
    report = markdown_code(shlex.join(["optuna-codeepneat", "report", problem, *named]))
    show = markdown_code(shlex.join(["optuna-codeepneat", "show", problem, "TRIAL", *named]))
    return [
        "## More",
        f"* {report} writes a page with all figures and the diagrams of the front.\n"
        f"* {show} prints one network.",
    ]
