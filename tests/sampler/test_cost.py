"""What a trial costs does not grow with the study: counted calls and characters, never times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution
from optuna.distributions import FloatDistribution
from sqlalchemy import event

from optuna_codeepneat import CoDeepNEATSampler
from optuna_codeepneat import LemonadeSampler
from optuna_codeepneat._optuna import innermost
from optuna_codeepneat.sampler._base import EvolutionarySampler
from optuna_codeepneat.sampler._genetics._genes import draw
from optuna_codeepneat.sampler._surrogate import Surrogate
from optuna_codeepneat.search_space import SearchSpace
from optuna_codeepneat.storages import open_storage
from tests.counting import Counting
from tests.sampler.studies import SPACE
from tests.sampler.studies import network_objective


GENERATION = 8
SPAN = 10 * GENERATION
"""Whole generations."""


def one_number(trial: optuna.Trial) -> float:
    return trial.suggest_float("x", -5, 5) ** 2


LITTLE = Surrogate(n_candidates=2, max_results=20, n_rounds=0)


def codeepneat(space: SearchSpace | None, **more: Any) -> CoDeepNEATSampler:
    """What a model does costs no call; the less it does, the sooner all are counted."""
    return CoDeepNEATSampler(
        space,
        seed=1,
        assembled_population_size=GENERATION,
        surrogate=LITTLE,
        **more,
    )


@pytest.mark.parametrize(
    ("sampler", "objective", "lengths"),
    [
        (codeepneat(None), one_number, [10, 100, 1000]),
        pytest.param(
            codeepneat(None),
            one_number,
            [10, 1000, 5000],
            marks=[pytest.mark.long, pytest.mark.soak],
        ),
        (codeepneat(SPACE), network_objective, [10, 100, 400]),
        pytest.param(
            codeepneat(SPACE, inheritance="exact"),
            network_objective,
            [10, 200],
            marks=[pytest.mark.long, pytest.mark.soak],
        ),
        # One proposal for each child: proposing costs most of the time, and no call.
        (
            LemonadeSampler(SPACE, seed=1, n_proposals=1, surrogate=LITTLE),
            network_objective,
            [10, 200],
        ),
    ],
    ids=["hyperparameters", "many hyperparameters", "networks", "heirs", "lemonade"],
)
def test_calls_and_characters_of_a_trial_do_not_grow_with_the_study(
    sampler: EvolutionarySampler,
    objective: Callable[[optuna.Trial], Any],
    lengths: list[int],
) -> None:
    storage = Counting()
    directions = ["minimize"] if objective is one_number else ["maximize", "minimize"]
    study = optuna.create_study(directions=directions, storage=storage, sampler=sampler)
    calls, characters = [], []
    for _ in range(lengths[-1] + SPAN):
        storage.clear()
        trial = study.ask()  # all of the sampler's own work, and none that grows with a network
        calls.append(storage.calls.total())
        characters.append(storage.characters)
        study.tell(trial, objective(trial))
    most = [max(calls[n : n + SPAN]) for n in lengths]
    assert most == [most[0]] * len(lengths)
    mean = [sum(calls[n : n + SPAN]) / SPAN for n in lengths]
    assert mean == [mean[0]] * len(lengths)
    assert mean[0] < 15
    # Networks become a little larger, as the evolution adds nodes.
    written = [sum(characters[n : n + SPAN]) / SPAN for n in lengths]
    assert max(written) <= 1.3 * written[0]
    assert max(written) < 1000


def test_statements_of_a_trial_do_not_grow_with_the_study(tmp_path: Path) -> None:
    storage = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/study.db")
    statements = 0

    def count(*args: Any) -> None:
        nonlocal statements
        statements += 1

    def unsafe(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(storage.engine, "before_cursor_execute", count)
    event.listen(storage.engine, "connect", unsafe)
    storage.engine.dispose()
    study = optuna.create_study(
        storage=optuna.storages._CachedStorage(storage), sampler=codeepneat(None)
    )
    of_trial = []
    for _ in range(100 + SPAN):
        statements = 0
        trial = study.ask()
        study.tell(trial, one_number(trial))
        of_trial.append(statements)
    early, late = (sum(of_trial[n : n + SPAN]) / SPAN for n in (10, 100))
    assert late == early
    assert late < 80


def test_statements_of_a_trial_do_not_grow_with_those_that_run(tmp_path: Path) -> None:
    """What others evaluate is read once, and of what they finished no parameters."""
    url = f"sqlite:///{tmp_path}/study.db"
    study, others = (
        optuna.create_study(
            directions=["maximize", "minimize"],
            storage=open_storage(url),
            study_name="study",
            sampler=codeepneat(SPACE),
            load_if_exists=True,
        )
        for _ in range(2)
    )
    statements: list[str] = []
    engine = innermost(study._storage).engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    running: list[optuna.Trial] = []
    counts = []
    for n in [2] * 16 + [12] * 16:
        while len(running) < n:
            running.append(others.ask())
            network_objective(running[-1])
        finished = running.pop(0)
        others.tell(finished, network_objective(finished))
        statements.clear()
        trial = study.ask()
        asked = len(statements)
        values = network_objective(trial)  # which looks for each name that is new
        told = len(statements)
        study.tell(trial, values)
        counts.append(asked + len(statements) - told)
        read = [s for s in statements[:asked] if s.startswith("SELECT") and "trial_params" in s]
        assert len(read) == 1  # its own, as it began
    few, many = counts[:16], counts[16:]
    assert (max(many), median(many)) == (max(few), median(few))
    assert max(many) < 55


@pytest.mark.long
@pytest.mark.soak
def test_no_attribute_of_the_largest_networks_is_too_long_for_mysql() -> None:
    """Real-valued genes in every node compress badly."""
    space = SearchSpace(
        layers={"dense": {"dropout": FloatDistribution(0.0, 0.9)}},
        input_shape=(8,),
        num_outputs=2,
        n_module_slots=8,
        max_module_nodes=30,
        max_blueprint_nodes=30,
        hyperparameters={f"x{i}": FloatDistribution(0, 1) for i in range(20)},
    )
    storage = Counting()
    sampler = CoDeepNEATSampler(
        space,
        seed=1,
        assembled_population_size=2,
        founders=2,
        module_population_size=8,
        surrogate=None,
    )
    study = optuna.create_study(storage=storage, sampler=sampler)
    rng = np.random.default_rng(0)

    def largest(name: str, distribution: BaseDistribution) -> Any:
        if name.endswith(".n_nodes"):
            return distribution.high  # type: ignore[attr-defined]
        if name.startswith("blueprint.") and name.endswith(".module"):
            return space.slots[int(name.split(".")[1]) % len(space.slots)]
        return draw(distribution, rng)

    # Seven generations.
    for i in range(14):
        if i < 4:
            study.enqueue_trial(space.encode(space.walk(largest)))
            storage.clear()  # what was enqueued is Optuna's
        trial = study.ask()
        study.tell(trial, float(space.suggest(trial).num_params))
    nodes = [
        len(m.nodes) for t in study.trials[:4] for m in space.decode(t.params).modules.values()
    ]
    assert nodes == [30] * 32
    assert 0 < storage.largest <= 60_000
