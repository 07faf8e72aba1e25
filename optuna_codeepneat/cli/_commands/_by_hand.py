"""A search that begins with networks made by hand, and is held to what they come to."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING
from typing import Literal

from optuna.trial import TrialState

from optuna_codeepneat._attributes import HAND_MADE
from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._attributes import stored_baselines
from optuna_codeepneat.cli._errors import Interrupted
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._study import BY_HAND
from optuna_codeepneat.cli._study import SearchSettings
from optuna_codeepneat.cli._terminal import say


if TYPE_CHECKING:
    from optuna_codeepneat.cli._options import SearchOptions
    from optuna_codeepneat.cli._signals import StopNote
    from optuna_codeepneat.cli._study import Search
    from optuna_codeepneat.cli._terminal import Progress
    from optuna_codeepneat.cli._workers import Run

# So that three hand-made networks are no more than a tenth of the time.
_NETWORKS_FOR_BASELINES = 30
_TICK_SECONDS = 0.5


def wants_baselines(options: SearchOptions, n_networks: int) -> bool:
    """Whether to train hand-made networks: where nobody says so, if they are few in comparison."""
    if options.baselines is not None:
        return options.baselines
    return n_networks >= _NETWORKS_FOR_BASELINES


def begin_by_hand(search: Search, options: SearchOptions) -> Search:
    """Has a new search begin with hand-made networks, which then say what counts as good.

    A profile says itself what the first networks are, and which count.

    Returns:
        The search with what its study remembers now.
    """
    study, settings = search.study, search.settings
    is_new = not study.get_trials(deepcopy=False)
    if not is_new or settings.profile is not None or not wants_baselines(options, options.trials):
        return search
    try:
        search.problem.enqueue_baselines(study)
    except Exception as error:  # whatever the user's code raises, which is told at the end
        say(f"The search begins without hand-made networks: {one_line(error).rstrip('.')}.")
        return search
    if settings.min_score is not None or search.problem.min_score != "chance":
        return search
    _remember(search, BY_HAND)
    return replace(search, settings=replace(settings, min_score=BY_HAND))


def settle_floor(search: Search, run: Run, progress: Progress) -> None:
    """Trains the hand-made networks of a search, if there are any left, and sets its floor.

    Until then the study says that its floor is to come, so that a search which is stopped here
    goes on here.
    """
    if search.settings.min_score != BY_HAND:
        return
    if waiting := _n_waiting(search):
        run.train_networks(run.n_finished + waiting)
    run.train_baselines()
    # The time is up, or somebody has said another floor meanwhile.
    if _n_waiting(search) or not _is_to_come(search):
        return
    problem = search.problem
    known = stored_baselines(search.study.user_attrs).values()
    floor = problem.floor_by_hand([each.values[0] for each in known if each.values is not None])
    _remember(search, floor)
    if floor is not None:
        bound = "least" if problem.directions[0] == "maximize" else "most"
        progress.note(
            f"From now on networks count whose {problem.metric_names[0]} is at {bound} {floor:g}: "
            "nine tenths of what hand-made ones gain over guessing. `--min-score` sets another."
        )


def wait_for_floor(search: Search, stop: StopNote, progress: Progress) -> None:
    """Waits until a search knows what counts as good, if its networks must not depend on when.

    Raises:
        Interrupted: If the command is told to stop.
    """
    told = False
    while search.settings.reproducible and _is_to_come(search):
        if not told:
            told = True
            progress.note("Waiting for the hand-made networks with which the search begins.")
        if stop.number is not None:
            raise Interrupted(stop.number, "Stopped before a network began. Again:")
        time.sleep(_TICK_SECONDS)


def _is_to_come(search: Search) -> bool:
    settings = Searched.of(search.study.user_attrs).settings or {}
    return settings.get("min_score") == BY_HAND


def _n_waiting(search: Search) -> int:
    waiting = search.study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
    return sum(HAND_MADE in trial.user_attrs for trial in waiting)


def _remember(search: Search, min_score: float | Literal["hand-made"] | None) -> None:
    """Has the study remember a floor, and all else as it does: not what this command alone has."""
    recorded = SearchSettings.recorded(search.study)
    assert recorded is not None
    replace(recorded, min_score=min_score).record(search.study)
