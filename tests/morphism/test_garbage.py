"""Weights that nobody can inherit any more are removed, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.artifacts import Backoff
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.trial import TrialState

from optuna_codeepneat.morphism import _garbage
from optuna_codeepneat.morphism._garbage import GarbageCollector
from optuna_codeepneat.sampler._generations._saved_weights import WEIGHTS
from optuna_codeepneat.sampler._generations._saved_weights import SavedWeights
from optuna_codeepneat.storages import home_of
from tests.morphism.lines import begin
from tests.morphism.lines import genome
from tests.morphism.lines import set_text


class Shelf:
    """A store that only knows names, and counts what is asked of it."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.removals: Counter[str] = Counter()
        self.broken = False

    def open_reader(self, artifact_id: str) -> Any:
        raise AssertionError("who removes weights reads none")

    def write(self, artifact_id: str, content_body: Any) -> None:
        self.names.add(artifact_id)

    def remove(self, artifact_id: str) -> None:
        self.removals[artifact_id] += 1
        if self.broken:
            raise ConnectionError("connection refused")
        if artifact_id not in self.names:
            raise ArtifactNotFound(artifact_id)
        self.names.remove(artifact_id)


class Scene:
    """A study whose trials have saved weights, and what of them is needed."""

    def __init__(self) -> None:
        self.study = optuna.create_study()
        self.shelf = Shelf()
        self.needed: frozenset[int] | None = frozenset()

    def collector(self, store: Any = None) -> GarbageCollector:
        return GarbageCollector(store or self.shelf, self.study, lambda study: self.needed)

    def name(self, number: int) -> str:
        return f"weights-x-{number}-{home_of(self.study)}-{number:016x}.safetensors"

    def need(self, *numbers: int) -> None:
        self.needed = frozenset(numbers)

    def run(
        self, n: int = 1, *, donor: int | None = None, artifact: str | None = None
    ) -> list[optuna.Trial]:
        """Trials that saved their weights and are still running."""
        trials = []
        for _ in range(n):
            trial, _ = begin(self.study, genome("x"), donor)
            name = artifact or self.name(trial.number)
            set_text(trial, WEIGHTS, SavedWeights(name, "0" * 64, 1, 1).pack())
            self.shelf.names.add(name)
            trials.append(trial)
        return trials

    def finish(self, trials: Iterable[optuna.Trial], state: Any = TrialState.COMPLETE) -> None:
        for trial in trials:
            self.study.tell(trial, 1.0 if state == TrialState.COMPLETE else None, state=state)

    def finished(self, n: int = 1, state: Any = TrialState.COMPLETE) -> None:
        self.finish(self.run(n), state)

    @property
    def left(self) -> set[int]:
        return {int(name.split("-")[2]) for name in self.shelf.names}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_everything_that_is_not_needed_goes(scene: Scene) -> None:
    scene.finished(6)
    scene.need(1, 4)
    assert scene.collector().collect_garbage(everything=True) == 4
    assert scene.left == {1, 4}


@pytest.mark.parametrize("state", [TrialState.FAIL, TrialState.PRUNED, TrialState.COMPLETE])
def test_how_a_trial_ended_is_no_matter(scene: Scene, state: TrialState) -> None:
    scene.finished(2, state)
    scene.need(0)
    assert scene.collector().collect_garbage(everything=True) == 1
    assert scene.left == {0}


def test_nothing_goes_while_nobody_knows_what_is_needed(scene: Scene) -> None:
    scene.finished(3)
    scene.needed = None
    collector = scene.collector()
    assert [
        collector.collect_garbage(),
        collector.collect_garbage(),
        collector.collect_garbage(everything=True),
    ] == [0, 0, 0]
    assert scene.left == {0, 1, 2}


def test_a_running_trial_keeps_its_weights_and_its_donors(scene: Scene) -> None:
    scene.finished(3)
    [heir] = scene.run(donor=1)
    collector = scene.collector()
    assert collector.collect_garbage(everything=True) == 2
    assert scene.left == {1, heir.number}
    scene.finish([heir])
    assert collector.collect_garbage(everything=True) >= 1
    assert scene.left == set()


def test_a_donor_that_does_not_exist_is_no_matter(scene: Scene) -> None:
    collector = scene.collector()
    scene.need(50)
    [heir] = scene.run(donor=99)
    assert collector.collect_garbage() == 0
    scene.finish([heir])
    scene.need()
    assert [collector.collect_garbage(), collector.collect_garbage()] == [0, 1]


def test_a_donor_is_kept_that_is_known_late(scene: Scene) -> None:
    """A trial is there before it says what it evaluates."""
    scene.finished(2)
    collector = scene.collector()
    early = scene.study.ask()
    assert collector.collect_garbage() == 0
    begun, _ = begin(scene.study, genome("x"), donor=0)
    set_text(early, "codeepneat:assignment", text_of(begun))
    assert collector.collect_garbage() == 1
    assert scene.left == {0}


def text_of(trial: optuna.Trial) -> str:
    return str(trial.storage.get_trial(trial._trial_id).system_attrs["codeepneat:assignment"])


def test_what_has_just_finished_is_left_until_the_next_look(scene: Scene) -> None:
    """What is needed may be known less up to date than what has finished."""
    collector = scene.collector()
    scene.finished()
    assert collector.collect_garbage() == 0
    scene.need(0)  # as soon as the sampler has heard of it
    assert collector.collect_garbage() == 0
    scene.need()
    assert [collector.collect_garbage(), collector.collect_garbage()] == [0, 1]
    assert scene.left == set()


def test_what_dies_long_after_it_finished_goes_too(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_garbage, "_WINDOW", 5)
    scene.need(0, 1)
    collector = scene.collector()
    for _ in range(20):
        scene.finished()
        collector.collect_garbage()
    assert {0, 1} <= scene.left
    scene.need(1)
    collector.collect_garbage()
    collector.collect_garbage()
    assert 0 not in scene.left
    assert 1 in scene.left


def test_a_process_that_has_just_come_looks_only_at_the_last_trials(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_garbage, "_WINDOW", 5)
    scene.finished(20)
    collector = scene.collector()
    assert [collector.collect_garbage(), collector.collect_garbage()] == [0, 5]
    assert scene.left == set(range(15))
    assert collector.collect_garbage(everything=True) >= 15
    assert scene.left == set()


def test_it_removes_a_few_at_a_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_garbage, "_MOST_REMOVALS", 3)
    monkeypatch.setattr(_garbage, "_WINDOW", 6)
    scene.finished(8)
    collector = scene.collector()
    assert [collector.collect_garbage() for _ in range(4)] == [0, 3, 3, 0]
    assert scene.left == {0, 1}
    # None is forgotten that falls out of the window before its turn comes.
    scene.finished(6)
    collector.collect_garbage()
    scene.finished(5)
    assert sum(collector.collect_garbage() for _ in range(6)) == 11
    assert scene.left == {0, 1}


def test_nothing_is_asked_for_twice(scene: Scene) -> None:
    scene.finished(10)
    collector = scene.collector()
    for _ in range(5):
        collector.collect_garbage()
    assert set(scene.shelf.removals.values()) == {1}
    assert len(scene.shelf.removals) == 10


def test_another_worker_may_be_faster(scene: Scene) -> None:
    scene.finished(10)
    one, other = scene.collector(), scene.collector()
    for collector in (one, other, one, other):
        collector.collect_garbage()
    assert scene.left == set()


def test_a_store_that_fails_is_passed_over(scene: Scene) -> None:
    scene.finished(2)
    scene.shelf.broken = True
    collector = scene.collector()
    assert [collector.collect_garbage(), collector.collect_garbage()] == [0, 0]
    scene.shelf.broken = False
    assert collector.collect_garbage(everything=True) == 2


def test_weights_that_two_trials_name_stay_while_one_is_needed(scene: Scene) -> None:
    """As where Optuna retries a trial whose worker died: the new one carries a copy."""
    trials = [*scene.run(artifact=scene.name(0)), *scene.run(artifact=scene.name(0))]
    scene.finish(trials)
    scene.need(1)
    assert scene.collector().collect_garbage(everything=True) == 0
    assert scene.left == {0}


def test_what_cannot_be_read_is_left_alone(scene: Scene) -> None:
    trials = scene.run(2)
    set_text(trials[0], WEIGHTS, "2 from the future")
    scene.finish(trials)
    assert scene.collector().collect_garbage(everything=True) == 1
    assert scene.left == {0}


def test_a_backoff_does_not_repeat_what_succeeded(scene: Scene) -> None:
    scene.finished(1)
    store = Backoff(Backoff(scene.shelf), max_retries=2)
    assert scene.collector(store).collect_garbage(everything=True) == 1
    assert set(scene.shelf.removals.values()) == {1}


@given(data=st.data())
def test_what_is_needed_is_never_removed(data: st.DataObject) -> None:
    """Trials begin, finish and lose their heirs in any order, with two processes that sweep."""
    scene = Scene()
    sweepers = [scene.collector(), scene.collector()]
    running: dict[int, tuple[optuna.Trial, int | None]] = {}
    alive: set[int] = set()
    for _ in range(data.draw(st.integers(1, 25))):
        action = data.draw(st.sampled_from(["begin", "finish", "die", "sweep"]))
        if action == "begin":
            donor = data.draw(st.sampled_from([None, *sorted(alive)]))
            [trial] = scene.run(donor=donor)
            running[trial.number] = (trial, donor)
        elif action == "finish" and running:
            number = data.draw(st.sampled_from(sorted(running)))
            scene.finish([running.pop(number)[0]])
            alive.add(number)
        elif action == "die" and alive:
            alive.remove(data.draw(st.sampled_from(sorted(alive))))
        elif action == "sweep":
            scene.needed = frozenset(alive)
            everything = data.draw(st.booleans())
            data.draw(st.sampled_from(sweepers)).collect_garbage(everything=everything)
        donors = {donor for _, donor in running.values() if donor is not None}
        assert alive | donors | set(running) <= scene.left
    scene.needed = frozenset(alive)
    sweepers[0].collect_garbage(everything=True)
    donors = {donor for _, donor in running.values() if donor is not None}
    assert scene.left == alive | donors | set(running)


def test_cost_does_not_grow_with_the_trials(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read: Counter[int] = Counter()
    unpack = _garbage.saved_weights

    def counting(trial: Any) -> Any:
        read[trial.number] += 1
        return unpack(trial)

    monkeypatch.setattr(_garbage, "saved_weights", counting)
    monkeypatch.setattr(_garbage, "_WINDOW", 10)
    collector = scene.collector()
    for _ in range(100):
        scene.finished()
        collector.collect_garbage()
    assert max(read.values()) == 1
    assert scene.left == {99}


@pytest.mark.parametrize(
    "name",
    [
        "photo.png",
        "weights-x-0-0123456789ab-0000000000000000.safetensors",  # of a copy, or an original
        "weights-0-0000000000000000.safetensors",
        "{own}.bak",
        "..{own}",
    ],
)
def test_what_the_study_did_not_write_is_never_removed(name: str) -> None:
    """Whatever its trials say: whoever can write the database can name anything."""
    scene = Scene()
    trials = scene.run(artifact=name.format(own=scene.name(0)))
    scene.finish([*trials, *scene.run(3)])
    collector = scene.collector()
    assert collector.collect_garbage(everything=True) == 3
    assert len(scene.shelf.names) == 1
    assert sum(scene.shelf.removals.values()) == 3
