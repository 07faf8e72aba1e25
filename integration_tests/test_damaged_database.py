"""Whatever stands in a database ends in a sentence or is passed over, in bounded time and memory.

Five hundred seeded cases: attributes of trials are cut off, exchanged, replaced by nonsense, bombs
and nests, or changed at one place inside of what is packed, with a digest that fits. Then a worker
goes on, and everything is looked at.
"""

from __future__ import annotations

import base64
import copy
import math
import random
import resource
import time
import traceback
import zlib
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore
from optuna.trial import FrozenTrial

from optuna_codeepneat import SearchSpace
from optuna_codeepneat import build_network
from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat.exceptions import CoDeepNEATError
from optuna_codeepneat.morphism import Checkpoints
from optuna_codeepneat.sampler import EvolutionarySampler
from optuna_codeepneat.sampler import ancestry_of
from optuna_codeepneat.sampler import census_of
from optuna_codeepneat.sampler import donors_of
from optuna_codeepneat.sampler import restart_evolution
from optuna_codeepneat.sampler import stored_samplers
from optuna_codeepneat.sampler import stored_space
from optuna_codeepneat.visualization import plot_ancestors
from optuna_codeepneat.visualization import plot_pareto_front
from optuna_codeepneat.visualization import plot_species
from tests.sampler.studies import lemonade
from tests.sampler.studies import sampler as codeepneat


CASES = 200
SECONDS = 20.0
MEGABYTES = 700

SPACE = SearchSpace.dense(input_shape=(4,), num_outputs=2, n_module_slots=2, max_module_nodes=2)
SAMPLERS: dict[str, Callable[[], EvolutionarySampler]] = {
    "codeepneat": lambda: codeepneat(SPACE),
    "reproducible": lambda: codeepneat(SPACE, reproducible=True),
    "lemonade": lambda: lemonade(SPACE),
}

BOMB = base64.b64encode(zlib.compress(b"[" + b"0," * 2**28 + b"0]", 1)).decode()
NESTED = base64.b64encode(zlib.compress(b"[" * 10**6)).decode()
VALUES: list[Any] = [
    None, True, 0, -1, 10**12, 10**30, 0.5, math.nan, math.inf, "", "nonsense", "1", "1 " * 9,
    "99 a b c", "x" * 70_000, [], [1], {}, {"a": 1}, [[]] * 9, "\ud800", "\x1b[31m", "../../etc",
    f"1 abc {BOMB} {BOMB}", f"1 abc {NESTED} {NESTED}", f"1 0 0 0 0 a b c {BOMB}",
]  # fmt: skip


def evaluated(study: optuna.Study, checkpoints: Checkpoints | None, n_trials: int) -> None:
    def objective(trial: optuna.Trial) -> tuple[float, float]:
        architecture = SPACE.suggest(trial)
        if checkpoints is not None:
            network = build_network(architecture)
            checkpoints.inherit(trial, network)
            checkpoints.save(trial, network, steps=1)
        return architecture.depth, architecture.num_params

    study.optimize(objective, n_trials=n_trials)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places in a JSON value at which something can be exchanged."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    nested = [
        place
        for key, inner in items
        for place in (leaves(inner, (*path, key)) if isinstance(inner, dict | list) else [])
    ]
    return [*([(*path, key) for key in value] if isinstance(value, dict) else []), *nested] + (
        [(*path, i) for i in range(len(value))] if isinstance(value, list) else []
    )


def changed_inside(text: str, rng: random.Random) -> str:
    """A packed text with another value at one place, and with a digest that fits."""
    from optuna_codeepneat.sampler._generations._records import pack
    from optuna_codeepneat.sampler._generations._records import unpack

    fields = text.split(" ")
    packed = [i for i, field in enumerate(fields) if field.startswith("eJ")]
    which = rng.choice(packed)
    value = unpack(fields[which], "it")
    places = leaves(value) if isinstance(value, dict | list) else []
    if places:
        at = value
        *way, last = rng.choice(places)
        for key in way:
            at = at[key]
        others = [0, -1, 10**12, None, "", "Z", [], {}, ["in"], 0.5, True, [[0, 10**12]]]
        at[last] = rng.choice(others)
    fields[which] = pack(value)
    if len(fields) == 4 and which == 3:
        fields[1] = content_hash(value)
    return " ".join(fields)


def damage(trials: list[FrozenTrial], rng: random.Random) -> str:
    """Changes one to three attributes; says which."""
    said = []
    for _ in range(rng.randint(1, 3)):
        trial = rng.choice(trials)
        attrs = rng.choice([trial.system_attrs, trial.system_attrs, trial.user_attrs])
        if not attrs:
            continue
        key = rng.choice(sorted(attrs))
        how = rng.choice(["replaced", "cut", "swapped", "lost", "inside", "inside", "inside"])
        value = attrs[key]
        if how == "inside" and isinstance(value, str) and "eJ" in value:
            attrs[key] = changed_inside(value, rng)
        elif how == "cut" and isinstance(value, str):
            attrs[key] = value[: rng.randrange(len(value) + 1)]
        elif how == "swapped":
            other = rng.choice(trials)
            attrs[key] = other.system_attrs.get(key, other.user_attrs.get(key))
        elif how == "lost":
            del attrs[key]
        else:
            attrs[key] = copy.deepcopy(rng.choice(VALUES))
        said.append(f"{how} {key} of {trial.number}")
    return "; ".join(said)


def looked_at(
    study: optuna.Study, own: EvolutionarySampler, checkpoints: Checkpoints | None
) -> None:
    """All that a worker, and those who look at a study, do with it; with weights also figures."""
    looks: list[Callable[[], Any]] = [
        lambda: evaluated(study, checkpoints, 2),
        lambda: own.verify(study),
        lambda: census_of(study),
        lambda: [ancestry_of(trial) for trial in study.get_trials(deepcopy=False)],
        lambda: donors_of(study),
        lambda: stored_space(study),
        lambda: stored_samplers(study),
    ]
    if checkpoints is not None:
        looks += [
            lambda: checkpoints.collect_garbage(study, everything=True),
            lambda: plot_pareto_front(study),
            lambda: plot_species(study),
            lambda: plot_ancestors(study),
        ]
    looks.append(lambda: begun_anew(study, own, checkpoints))
    for look in looks:
        try:
            look()
        except (CoDeepNEATError, ValueError) as error:
            assert str(error) and "\n" not in str(error)
            # A study of a newer version is left alone.
            assert look is not looks[-1] or "newer version" in str(error)


def begun_anew(
    study: optuna.Study, own: EvolutionarySampler, checkpoints: Checkpoints | None
) -> None:
    restart_evolution(study)
    name, storage = study.study_name, study._storage
    again = optuna.load_study(study_name=name, storage=storage, sampler=copy.deepcopy(own))
    evaluated(again, checkpoints, 2)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", SAMPLERS)
def test_damaged_attributes_are_passed_over_or_named(what: str, tmp_path: Any) -> None:
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    store = FileSystemArtifactStore(tmp_path)
    whole = optuna.create_study(directions=["maximize", "minimize"], sampler=SAMPLERS[what]())
    evaluated(whole, Checkpoints(store), 17)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wrong: list[str] = []
    for case in range(CASES // len(SAMPLERS) + 1):
        study = copy.deepcopy(whole)
        trials = study._storage.get_all_trials(study._study_id, deepcopy=False)
        said = f"case {case}: {damage(trials, random.Random(case))}"
        study.sampler = SAMPLERS[what]()
        begun = time.monotonic()
        try:
            looked_at(study, SAMPLERS[what](), None if case % 5 else Checkpoints(store))
        except Exception as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            wrong.append(f"{said}: {error!r} at {at.filename}:{at.lineno}")
        finished = [trial for trial in study.get_trials(deepcopy=False) if trial.values]
        if len(finished) < 17 or time.monotonic() - begun > SECONDS:
            wrong.append(f"{said}: {len(finished)} finished, {time.monotonic() - begun:.0f} s")
    assert not wrong, "\n".join(wrong)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < MEGABYTES * 1024
