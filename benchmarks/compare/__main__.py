"""The command line; see `benchmarks.compare`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from benchmarks import compare
from benchmarks.compare._problems import GROUPS
from benchmarks.compare._problems import PROBLEMS
from benchmarks.compare._provenance import commit
from benchmarks.compare._report import report
from benchmarks.compare._runs import Job
from benchmarks.compare._runs import run_missing
from benchmarks.compare._samplers import DEFAULTS
from benchmarks.compare._samplers import GROUPS_OF_SAMPLERS
from benchmarks.compare._samplers import SAMPLERS


def variant(text: str) -> tuple[str, dict[str, Any]]:
    name, separator, options = text.partition("=")
    try:
        given = json.loads(options)
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=JSON: {error}") from None
    if not separator or not isinstance(given, dict):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME={{...}}")
    if name in SAMPLERS or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise argparse.ArgumentTypeError(
            f"a variant needs a name of its own, of letters and digits, got {name!r}"
        )
    if given.get("base", "codeepneat") not in SAMPLERS:
        raise argparse.ArgumentTypeError(f"there is no sampler {given['base']!r}")
    return name, given


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare",
        description=compare.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "problems",
        nargs="+",
        metavar="problem",
        choices=[*GROUPS, *PROBLEMS],
        help=f"one of {', '.join(PROBLEMS)}, or all of a group: {', '.join(GROUPS)}",
    )
    parser.add_argument("--networks", type=int, help="trials with values in a study")
    parser.add_argument("--steps", type=int, help="training steps of a study instead")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument(
        "--samplers",
        nargs="+",
        metavar="NAME",
        choices=[*SAMPLERS, *GROUPS_OF_SAMPLERS],
        help=f"of {', '.join(SAMPLERS)}, or all of a group: {', '.join(GROUPS_OF_SAMPLERS)}; "
        f"by default {', '.join(DEFAULTS)}",
    )
    parser.add_argument(
        "--variant",
        action="append",
        type=variant,
        default=[],
        metavar="NAME=JSON",
        help="one more sampler: codeepneat, or its `base`, with these keyword arguments",
    )
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, default=Path("benchmark-runs"), help="folder of runs")
    parser.add_argument("--report", action="store_true", help="runs nothing, prints what is there")
    parser.add_argument(
        "--docs",
        type=Path,
        nargs="?",
        const=Path("docs/benchmarks"),
        metavar="FOLDER",
        help="writes tables and a figure for each problem there, by default docs/benchmarks",
    )
    return parser.parse_args(arguments)


def command_of(args: argparse.Namespace) -> str:
    """What gives the same figures, without where files are and how many processes there were."""
    words = ["python", "-m", "benchmarks.compare", *args.problems]
    for name in ("networks", "steps", "seeds", "first_seed"):
        value = getattr(args, name)
        if value:
            words += [f"--{name.replace('_', '-')}", str(value)]
    if args.samplers:
        words += ["--samplers", *args.samplers]
    for name, options in args.variant:
        words += ["--variant", f"{name}={json.dumps(options)}"]
    return shlex.join(words)


def main(arguments: list[str] | None = None) -> int:
    args = parsed(arguments)
    problems = dict.fromkeys(p for name in args.problems for p in GROUPS.get(name, (name,)))
    variants = dict(args.variant)
    named = args.samplers or ([] if variants else DEFAULTS)
    named = [own for name in named for own in GROUPS_OF_SAMPLERS.get(name, (name,))]
    samplers = list(dict.fromkeys([*named, *variants]))
    budget = args.networks
    if budget is None and args.steps is not None:
        budget = sys.maxsize
    at = commit()
    networks = {
        problem: PROBLEMS[problem]().networks if budget is None else budget for problem in problems
    }
    jobs = {
        problem: [
            Job(
                folder=args.out,
                problem=problem,
                sampler=sampler,
                seed=seed,
                networks=networks[problem],
                steps=args.steps,
                variants=variants,
                commit=at,
            )
            for seed in range(args.first_seed, args.first_seed + args.seeds)
            for sampler in samplers
        ]
        for problem in problems
    }
    well = True
    if not args.report:
        well = run_missing(
            [job for some in jobs.values() for job in some], processes=args.processes
        )
    report(jobs, docs=args.docs, command=command_of(args))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
