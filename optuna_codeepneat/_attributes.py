"""The user attributes of trials and studies, for everyone who writes or shows them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import fields
from math import isfinite
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeGuard


if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial


GENERATION = "generation"
"""The generation that the network was bred in."""

COMPONENTS = "components"
"""What the network is made of, in words."""

NUM_PARAMS = "num_params"
"""Its trainable parameters."""

NETWORK = "network"
"""The network in one line."""

INHERITANCE = "inheritance"
"""What the network inherited, and how long it was trained: see `Inherited`."""

VIOLATED = "violated"
"""The violated constraints: Optuna Dashboard 0.21 does not name them."""

HAND_MADE = "hand_made"
"""Which of its problem's hand-made networks it is, if a search began with it."""

FAILURE = "failure"
"""Why the network failed or was pruned."""

LEARNING_CURVE = "learning_curve"
"""What a trial of several objectives reported while it ran: see `pruning`."""

STOPPED_EARLY = "stopped_early"
"""That a pruner stopped the training, and what it had come to: see `StoppedEarly`."""

# What a search leaves in its study. Studies hold attributes of their users as well, by any names.
PROBLEM = "codeepneat:problem"
"""The name of the problem that is searched."""

SETTINGS = "codeepneat:settings"
"""What the sampler is made from."""

SPACE = "codeepneat:space"
"""The search space of the problem, so that networks are read without its code."""

TARGET = "codeepneat:target"
"""Finished networks that the searches of the study asked for."""

TITLE = "codeepneat:title"
"""The title of the problem, for people."""

_TEST_SCORE = "codeepneat:test score of trial "
"""What the number of a trial follows: the test score of its network, finally trained."""

_FINAL_NETWORK = "codeepneat:final network of trial "
"""What the number of a trial and that of a training follow: see `FinalNetwork`."""

_BASELINE = "codeepneat:baseline "
"""What the name of a hand-made network follows: see `Baseline`."""

_OLD_TEST_SCORE = "final:"
"""The same in version 0.1.0, whose value was an object."""

_FINAL_FORMAT = 1
_BASELINE_FORMAT = 1

_PLACE = re.compile(r"[0-9]{1,18}")

_ARTIFACT = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
"""Not ".." or a path: the id becomes the name of a file."""

_MOST = 2**63 - 1
"""No count of ours is larger."""


@dataclass(frozen=True)
class Inherited:
    """What a network inherited, and how long it was trained.

    Args:
        donor:
            The trial whose weights it has, None for random ones.
        share:
            The share of its parameters that came from there, from 0 to 1.
        steps:
            For how many steps it was trained itself.
        line_steps:
            For how many together with all whose weights are in it.
    """

    donor: int | None
    share: float
    steps: int
    line_steps: int

    def to_json(self) -> dict[str, Any]:
        """The value of the user attribute; `from_json` is its inverse but for rounding."""
        share = round(self.share, 4)
        counts = {"steps": self.steps, "line_steps": self.line_steps}
        return {"from": self.donor, "share": share, **counts}

    @classmethod
    def from_json(cls, value: Any) -> Inherited | None:
        """What `to_json` wrote; None if it is something else of this name."""
        if not isinstance(value, dict):
            return None
        donor, share = value.get("from"), value.get("share")
        steps, line_steps = value.get("steps"), value.get("line_steps")
        if not (donor is None or _is_count(donor)):
            return None
        if not _is_count(steps) or not _is_count(line_steps):
            return None
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            return None
        return cls(donor, float(share), steps, line_steps)

    @classmethod
    def of(cls, trial: FrozenTrial) -> Inherited | None:
        """What a trial says; None if it says nothing."""
        return cls.from_json(trial.user_attrs.get(INHERITANCE))


@dataclass(frozen=True)
class StoppedEarly:
    """That a pruner stopped a training, and what the network had come to.

    Args:
        trial:
            The number of its trial: one that Optuna retries has the attributes of the one before.
        step:
            Of its last report.
        max_step:
            Steps of a whole training.
        values:
            Of the study's objectives, as it reported them last.
    """

    trial: int
    step: int
    max_step: int
    values: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """The value of the user attribute; `from_json` is its inverse."""
        counts = {"trial": self.trial, "step": self.step, "of": self.max_step}
        return {**counts, "values": list(self.values)}

    @classmethod
    def from_json(cls, value: Any) -> StoppedEarly | None:
        """What `to_json` wrote; None if it is something else of this name."""
        if not isinstance(value, dict):
            return None
        trial, step, max_step = value.get("trial"), value.get("step"), value.get("of")
        values = value.get("values")
        if not (_is_count(trial) and _is_count(step) and _is_count(max_step)):
            return None
        if not isinstance(values, list) or not all(map(_is_number, values)):
            return None
        numbers = tuple(map(float, values))
        return cls(trial, step, max_step, numbers) if all(map(isfinite, numbers)) else None

    @classmethod
    def of(cls, trial: FrozenTrial) -> StoppedEarly | None:
        """What a trial says that was pruned; None if it was not stopped early."""
        if trial.state.name != "PRUNED":
            return None
        said = cls.from_json(trial.user_attrs.get(STOPPED_EARLY))
        return said if said is not None and said.trial == trial.number else None


@dataclass(frozen=True, kw_only=True)
class FinalNetwork:
    """A network that was finally trained and whose weights are kept.

    Args:
        artifact:
            The id of its weights in the artifact store.
        sha256:
            Of that artifact, hexadecimal.
        size:
            Of it, in bytes.
        place:
            Where the store is: an absolute path or a URL.
        seed:
            Of its training.
        steps:
            For how many steps it was trained, None where its problem did it in its own way.
        score:
            On the test examples.
        low:
            The lower end of the score's 95 % interval, None where there is none.
        high:
            The upper end.
        n_train:
            Examples that it was trained on, None where nobody said so.
        n_test:
            Examples that it was tested on, None where nobody said so.
        preprocessing:
            Content hash of its problem's preprocessing, None where there is none.
        schedule:
            Of its learning rate, None for that of its problem.
        augmentation:
            How examples were changed at random, in words; None where they were not.
        copies:
            How many changed copies of each example the score is averaged over; None for none.
        plain:
            The score without them, None where there are none.
        widen:
            What each of its widths is multiplied by, None where they are those of the trial.
        inherited:
            The share of its parameters that began with weights of the search, None for none.
        num_params:
            Its trainable parameters, None for those of the trial.
        macs:
            Its multiply-adds, None for those of the trial.
    """

    artifact: str
    sha256: str
    size: int
    place: str
    seed: int
    steps: int | None
    score: float
    low: float | None = None
    high: float | None = None
    n_train: int | None = None
    n_test: int | None = None
    preprocessing: str | None = None
    schedule: str | None = None
    augmentation: str | None = None
    copies: int | None = None
    plain: float | None = None
    widen: float | None = None
    inherited: float | None = None
    num_params: int | None = None
    macs: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The value of the user attribute; `from_json` is its inverse."""
        return {"format": _FINAL_FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, value: Any) -> FinalNetwork | None:
        """What `to_json` wrote; None if it is something else, or of a newer version."""
        if not isinstance(value, Mapping) or value.get("format") != _FINAL_FORMAT:
            return None
        given: dict[str, Any] = {field.name: value.get(field.name) for field in fields(cls)}
        texts = [given[name] for name in ("artifact", "sha256", "place")]
        words = [given[name] for name in ("preprocessing", "schedule", "augmentation")]
        counts = [given[name] for name in ("size", "seed")]
        more = ("steps", "n_train", "n_test", "copies", "num_params", "macs")
        perhaps = [given[name] for name in more]
        numbers = [given[name] for name in ("low", "high", "plain", "widen", "inherited")]
        is_sound = (
            all(isinstance(text, str) for text in texts)
            and _ARTIFACT.fullmatch(given["artifact"]) is not None
            and all(map(_is_count, counts))
            and all(count is None or _is_count(count) for count in perhaps)
            and _is_number(given["score"])
            and all(number is None or _is_number(number) for number in numbers)
            and all(text is None or isinstance(text, str) for text in words)
        )
        return cls(**given) if is_sound else None


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A hand-made network beside those of a search, trained and scored as they are.

    Args:
        name:
            What its problem calls it.
        signature:
            Of its architecture.
        num_params:
            Its trainable parameters.
        macs:
            Its multiply-adds for one example.
        depth:
            The most layers with parameters on a path.
        values:
            Those of the study's objectives; None where it failed.
        failure:
            Why it failed.
        test_score:
            On the test examples, once it was trained finally.
        low:
            The lower end of that score's 95 % interval, None where there is none.
        high:
            The upper end.
    """

    name: str
    signature: str
    num_params: int
    macs: int
    depth: int
    values: tuple[float, ...] | None
    failure: str | None = None
    test_score: float | None = None
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        """The value of the user attribute; `from_json` is its inverse."""
        value = {"format": _BASELINE_FORMAT, **asdict(self)}
        del value["name"]  # which the key holds
        return value

    @classmethod
    def from_json(cls, name: str, value: Any) -> Baseline | None:
        """What `to_json` wrote; None if it is something else, or of a newer version."""
        if not isinstance(value, Mapping) or value.get("format") != _BASELINE_FORMAT:
            return None
        given: dict[str, Any] = {field.name: value.get(field.name) for field in fields(cls)}
        given["name"], values = name, given["values"]
        numbers = [given[key] for key in ("test_score", "low", "high")]
        is_sound = (
            isinstance(given["signature"], str)
            and all(_is_count(given[key]) for key in ("num_params", "macs", "depth"))
            and (values is None or isinstance(values, list | tuple))
            and all(map(_is_number, values or ()))
            and (given["failure"] is None or isinstance(given["failure"], str))
            and all(number is None or _is_number(number) for number in numbers)
        )
        if not is_sound:
            return None
        given["values"] = None if values is None else tuple(map(float, values))
        return cls(**given)


@dataclass(frozen=True)
class Searched:
    """What a search left in its study, but for the scores of its networks.

    Args:
        problem:
            The name of its problem; None where there is none.
        settings:
            What its sampler is made from; None where the study is of no search.
        target:
            Finished networks that it was asked for, 0 for none so far.
        title:
            The title of its problem; None where nobody said it.
    """

    problem: str | None
    settings: Mapping[str, Any] | None
    target: int
    title: str | None = None

    @classmethod
    def of(cls, attrs: Mapping[str, Any]) -> Searched:
        """What the user attributes of a study say, those of version 0.1.0 included."""
        if SETTINGS not in attrs and _has_old(attrs):
            attrs = {key: attrs.get(_old(key)) for key in (PROBLEM, SETTINGS, TARGET)}
        problem, settings = attrs.get(PROBLEM), attrs.get(SETTINGS)
        if settings is not None and not isinstance(settings, Mapping):
            settings = {}  # it is of a search, but damaged
        title = attrs.get(TITLE)
        return cls(
            problem if isinstance(problem, str) else None,
            settings,
            count_in(attrs, TARGET) or 0,
            title if isinstance(title, str) else None,
        )


def count_in(attrs: Mapping[str, Any], key: str) -> int | None:
    """A count among user attributes; None if there is none, or something else of this name."""
    value = attrs.get(key)
    return value if _is_count(value) else None


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _old(key: str) -> str:
    """The key of version 0.1.0, which had no namespace."""
    return key.partition(":")[2]


def _has_old(attrs: Mapping[str, Any]) -> bool:
    """Whether a search of version 0.1.0 left these, and not a user who has the same names."""
    settings = attrs.get(_old(SETTINGS))
    return (
        isinstance(attrs.get(_old(PROBLEM)), str)
        and isinstance(settings, Mapping)
        and isinstance(settings.get("sampler"), str)
        and isinstance(settings.get("space"), str)
        and isinstance(settings.get("seed"), int)
    )


def store_test_score(study: optuna.Study, number: int, score: float) -> None:
    """Keeps the test score of a trial's network, so that it is never tested again."""
    study.set_user_attr(f"{_TEST_SCORE}{number}", score)  # as Optuna Dashboard shows it


def stored_test_scores(attrs: Mapping[str, Any]) -> dict[int, float]:
    """The test scores that a search left in the study, by the numbers of the trials.

    Args:
        attrs:
            The user attributes of the study.

    Returns:
        All of them, also those that aren't finite: they were tested.
    """
    old, scores = _has_old(attrs), {}
    for name, value in attrs.items():
        if name.startswith(_TEST_SCORE):
            number, score = name.removeprefix(_TEST_SCORE), value
        elif old and name.startswith(_OLD_TEST_SCORE) and isinstance(value, Mapping):
            number, score = name.removeprefix(_OLD_TEST_SCORE), value.get("score")
            # A search of version 0.1.0 may have gone on in this one.
            if f"{_TEST_SCORE}{number}" in attrs:
                continue
        else:
            continue
        if number.isdecimal() and isinstance(score, int | float) and not isinstance(score, bool):
            with suppress(OverflowError, ValueError):  # no number of ours
                scores[int(number)] = float(score)
    return scores


def store_final_network(
    study: optuna.Study, number: int, network: FinalNetwork, training: int = 0
) -> None:
    """Says where the weights of a trial's network lie, once they are stored.

    Args:
        study:
            The study.
        number:
            The trial's.
        network:
            What there is to say.
        training:
            Which training it was, where a network is trained several times.
    """
    study.set_user_attr(f"{_FINAL_NETWORK}{number}.{training}", network.to_json())


def stored_final_networks(attrs: Mapping[str, Any]) -> dict[int, dict[int, FinalNetwork]]:
    """The networks whose weights are kept, by the numbers of their trials and trainings.

    Args:
        attrs:
            The user attributes of the study.
    """
    found: dict[int, dict[int, FinalNetwork]] = {}
    for name, value in attrs.items():
        if not name.startswith(_FINAL_NETWORK):
            continue
        number, _, training = name.removeprefix(_FINAL_NETWORK).partition(".")
        network = FinalNetwork.from_json(value)
        if _PLACE.fullmatch(number) and _PLACE.fullmatch(training) and network is not None:
            found.setdefault(int(number), {})[int(training)] = network
    return {number: dict(sorted(found[number].items())) for number in sorted(found)}


def store_baseline(study: optuna.Study, baseline: Baseline) -> None:
    """Says in a study what a hand-made network came to."""
    study.set_user_attr(f"{_BASELINE}{baseline.name}", baseline.to_json())


def stored_baselines(attrs: Mapping[str, Any]) -> dict[str, Baseline]:
    """The hand-made networks that were trained beside a search, by name, the smallest first.

    Args:
        attrs:
            The user attributes of the study.
    """
    found = []
    for key, value in attrs.items():
        if key.startswith(_BASELINE):
            baseline = Baseline.from_json(key.removeprefix(_BASELINE), value)
            found += [] if baseline is None else [baseline]
    return {each.name: each for each in sorted(found, key=lambda b: (b.num_params, b.name))}
