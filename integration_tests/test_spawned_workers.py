"""A script with functions of its own that starts its workers as macOS and Windows do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import optuna
import pytest


SCRIPT = """
import multiprocessing
import sys

import optuna

from optuna_codeepneat import CoDeepNEATSampler, LemonadeSampler, SearchSpace

optuna.logging.set_verbosity(optuna.logging.ERROR)
space = SearchSpace.dense(input_shape=(4,), num_outputs=2)


def median(scores):
    return sorted(scores, key=lambda score: score.values)[len(scores) // 2]


def small(architecture):
    return float(architecture.num_params)


SAMPLERS = {
    "codeepneat": lambda: CoDeepNEATSampler(space, credit=median, seed=1),
    "lemonade": lambda: LemonadeSampler(space, cheap=(small,), seed=1),
}


def objective(trial):
    architecture = space.suggest(trial)
    return architecture.depth, architecture.num_params


def work(url, name):
    study = optuna.create_study(
        storage=url, study_name=name, directions=["maximize", "minimize"],
        sampler=SAMPLERS[name](), load_if_exists=True,
    )
    study.optimize(objective, n_trials=3)


if __name__ == "__main__":
    url, method, name = sys.argv[1:]
    work(url, name)
    process = multiprocessing.get_context(method).Process(target=work, args=(url, name))
    process.start()
    process.join()
    sys.exit(process.exitcode)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no forkserver")
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("spawn", "codeepneat"),
        pytest.param("forkserver", "lemonade", marks=[pytest.mark.long, pytest.mark.soak]),
    ],
)
def test_spawned_worker_has_the_functions_of_the_script(
    tmp_path: Path, method: str, name: str
) -> None:
    script = tmp_path / "experiment.py"
    script.write_text(SCRIPT)
    url = f"sqlite:///{tmp_path}/study.db"

    ended = subprocess.run(
        [sys.executable, str(script), url, method, name], capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stderr
    assert len(optuna.load_study(study_name=name, storage=url).trials) == 6
