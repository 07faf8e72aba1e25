"""What inherited weights are worth: fronts of several methods at equal total training steps.

    python benchmarks/inheritance.py --problem mnist1d --steps 20000 --seeds 5

For every method and seed one study in memory, one worker, until all trainings together have come
to so many steps; LEMONADE without inheritance may be given more (`--without`). Then the
hypervolume of the networks (`hypervolume.py`) by their validation scores, as the median over the
seeds with the range, and how many steps LEMONADE without inheritance needs for what it reaches
with it; and how the sizes of the front are spread, with and without sampling against their
density. Test data are not touched.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
import warnings
from dataclasses import dataclass
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

from _parallel import run_all
from hypervolume import hypervolume


METHODS = (
    "lemonade exact",
    "lemonade noisy",
    "lemonade fresh",
    "lemonade off",
    "lemonade uniform",
    "morphisms at random",
    "codeepneat exact",
    "codeepneat off",
    "nsgaii",
    "tpe",
)
SHARES = (0.25, 0.5, 1.0)
"""At which parts of the budget fronts are compared."""


def make_sampler(method: str, space: Any, seed: int, options: dict[str, Any]) -> Any:
    import optuna

    from optuna_codeepneat import CoDeepNEATSampler
    from optuna_codeepneat import LemonadeSampler

    name, _, how = method.partition(" ")
    inheritance = None if how == "off" else how
    if how == "uniform":  # parents and children drawn without regard to their sizes
        return LemonadeSampler(space, seed=seed, **{**options, "density": False})
    if name == "lemonade":
        return LemonadeSampler(space, seed=seed, inheritance=inheritance, **options)
    if name == "codeepneat":
        more = {} if inheritance is None else {"inheritance": inheritance}
        return CoDeepNEATSampler(space, seed=seed, **more)
    if name == "morphisms":
        return random_morphisms(space, seed)
    if name == "nsgaii":
        return optuna.samplers.NSGAIISampler(seed=seed, population_size=20)
    return optuna.samplers.TPESampler(seed=seed, multivariate=True)


def random_morphisms(space: Any, seed: int) -> Any:
    """The children of LEMONADE with parents among all networks, whatever they are worth."""
    from optuna_codeepneat import LemonadeSampler
    from optuna_codeepneat.sampler._lemonade._algorithm import Lemonade

    @dataclass(frozen=True)
    class Everyone(Lemonade):
        def advance(self, state: Any, results: Any, *args: Any) -> Any:
            after = super().advance(state, results, *args)
            scored = tuple(r for r in results if r.score is not None and r.blueprint is not None)
            return type(after)(
                **{f.name: getattr(after, f.name) for f in fields(after)}
                | {"archive": (*state.archive, *scored)}
            )

    sampler = LemonadeSampler(space, seed=seed, density=False)
    sampler._algorithm = Everyone(space, sampler._algorithm.settings)
    return sampler


def run(job: dict[str, Any]) -> dict[str, Any]:
    """One study: for each network its values, and the steps of all trainings so far."""
    import optuna
    import torch
    from optuna.artifacts import FileSystemArtifactStore

    from optuna_codeepneat.morphism import Checkpoints
    from optuna_codeepneat.problems import get_problem
    from optuna_codeepneat.training import Continuation

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    problem = get_problem(job["problem"])
    if job["continuation"]:
        object.__setattr__(problem, "continuation", Continuation(**job["continuation"]))
    study = optuna.create_study(
        directions=problem.directions,
        sampler=make_sampler(job["method"], problem.space, job["seed"], job["options"]),
    )
    steps: list[int] = []

    def count(study: Any, trial: Any) -> None:
        done = 0
        if trial.values is not None:
            done = trial.user_attrs.get("inheritance", {}).get(
                "steps", problem.search_recipe.steps
            )
        steps.append((steps[-1] if steps else 0) + done)
        if steps[-1] >= job["steps"]:
            study.stop()

    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = Checkpoints(FileSystemArtifactStore(folder))
        study.optimize(
            lambda trial: problem.objective(trial, seed=job["seed"], checkpoints=checkpoints),
            callbacks=[count],
        )
        left = len(os.listdir(folder))
    heirs = [t.user_attrs["inheritance"] for t in study.trials if "inheritance" in t.user_attrs]
    return {
        "method": job["method"],
        "seed": job["seed"],
        "seconds": time.perf_counter() - began,
        "steps": steps,
        "values": [trial.values for trial in study.trials],
        "shares": [h["share"] for h in heirs if h["from"] is not None],
        "line_steps": [h["line_steps"] for h in heirs],
        "files": left,
    }


def volume_after(done: dict[str, Any], steps: float, largest: float) -> float:
    """The hypervolume of what was found with so many steps."""
    pairs = zip(done["values"], done["steps"], strict=True)
    return hypervolume([v for v, s in pairs if v is not None and s <= steps], largest)


def steps_until(done: dict[str, Any], volume: float, largest: float) -> float:
    """After how many steps a study has reached a hypervolume; infinite if never."""
    for total in done["steps"]:
        if volume_after(done, total, largest) >= volume:
            return total
    return float("inf")


def spread(done: dict[str, Any], steps: float) -> tuple[float, float, float]:
    """How the sizes of the front lie, in decades: from end to end, and the gaps between them.

    Returns:
        The extent, the standard deviation of the gaps (Schott's spacing), and the largest gap.
    """
    import numpy as np

    pairs = zip(done["values"], done["steps"], strict=True)
    front, best = [], 0.0
    for score, size in sorted((v for v, s in pairs if v and s <= steps), key=lambda v: v[::-1]):
        if score > best:
            front, best = [*front, np.log10(size)], score
    gaps = np.diff(front) if len(front) > 1 else np.zeros(1)
    return float(front[-1] - front[0]), float(gaps.std()), float(gaps.max())


def describe(done: dict[str, Any]) -> str:
    n, left = len(done["values"]), done["files"]
    return (
        f"{done['method']} seed {done['seed']}: {n} networks, {done['seconds']:.0f} s, "
        f"{left} files left"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problem", default="mnist1d")
    parser.add_argument("--steps", type=int, default=20_000, help="steps of all trainings")
    parser.add_argument(
        "--without", type=float, default=8.0, help="times as many for LEMONADE without inheritance"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    parser.add_argument("--options", default="{}", help="JSON: arguments of LemonadeSampler")
    parser.add_argument("--continuation", default="{}", help="JSON: arguments of Continuation")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--largest", type=float, default=10_000)
    parser.add_argument("--out", type=Path, default=None, help="JSON file for all values")
    args = parser.parse_args()

    jobs = [
        {
            "method": method,
            "seed": seed,
            "problem": args.problem,
            "steps": args.steps * (args.without if method == "lemonade off" else 1),
            "options": json.loads(args.options),
            "continuation": json.loads(args.continuation),
        }
        for seed in range(args.first_seed, args.first_seed + args.seeds)
        # The longest first, so that no process waits at the end.
        for method in sorted(args.methods, key=lambda method: method != "lemonade off")
    ]
    runs = run_all(run, jobs, processes=args.processes, out=args.out, describe=describe)
    report(runs, args)


def report(runs: list[dict[str, Any]], args: argparse.Namespace) -> None:
    import numpy as np
    import optuna
    import torch

    print(
        f"\n{args.problem}, {args.steps} training steps a study, {args.seeds} seeds, "
        f"{date.today()}, optuna {optuna.__version__}, torch {torch.__version__}, "
        f"{platform.machine()}"
    )
    print("normalised hypervolume, median (least to most)")
    at = [round(share * args.steps) for share in SHARES]
    print("| method | " + " | ".join(f"{n:,} steps" for n in at) + " | networks | inherited |")
    print("|---|" + "---|" * (len(at) + 2))

    def cell(values: list[float], form: str) -> str:
        low, high = format(min(values), form), format(max(values), form)
        return f"{format(float(np.median(values)), form)} ({low} to {high})"

    by_method = {m: [r for r in runs if r["method"] == m] for m in args.methods}
    for method, own in by_method.items():
        if not own:
            continue
        cells = [cell([volume_after(r, n, args.largest) for r in own], ".3f") for n in at]
        counts = [sum(s <= args.steps for s in r["steps"]) for r in own]
        shares = [share for r in own for share in r["shares"]]
        inherited = f"{np.mean(shares):.0%}" if shares else ""
        print(f"| {method} | " + " | ".join(cells) + f" | {np.median(counts):.0f} | {inherited} |")
    print("\nsizes of the front, in decades (median): extent, spacing, largest gap")
    for method in ("lemonade exact", "lemonade uniform"):
        if by_method.get(method):
            spreads = np.median([spread(r, args.steps) for r in by_method[method]], axis=0)
            print(f"| {method} | " + " | ".join(f"{value:.2f}" for value in spreads) + " |")
    inheriting, without = by_method.get("lemonade exact"), by_method.get("lemonade off")
    if not inheriting or not without:
        return
    print("\nLEMONADE without inheritance, at multiples of the steps: hypervolume")
    for times in (1, 2, 4, 8):
        if times <= args.without:
            volumes = [volume_after(r, times * args.steps, args.largest) for r in without]
            print(f"  {times} x {args.steps:,}: {cell(volumes, '.3f')}")
    print("steps with inheritance until what 1, 2, 4, 8 times the steps reach without, by seed")
    for times in (1, 2, 4, 8):
        if times > args.without:
            continue
        needed = []
        for one, other in zip(
            sorted(inheriting, key=lambda r: r["seed"]),
            sorted(without, key=lambda r: r["seed"]),
            strict=True,
        ):
            volume = volume_after(other, times * args.steps, args.largest)
            steps = steps_until(one, volume, args.largest)
            needed.append(
                f"{times * args.steps / steps:.1f}x" if steps < float("inf") else "never"
            )
        print(f"  {times} x: {', '.join(needed)} fewer")


if __name__ == "__main__":
    main()
