"""Many studies, a few at a time."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any


def run_all(
    run: Callable[[Any], dict[str, Any]],
    jobs: Iterable[Any],
    *,
    processes: int,
    out: Path | None,
    describe: Callable[[dict[str, Any]], str],
) -> list[dict[str, Any]]:
    """What `run` makes of each job, in processes of their own.

    Args:
        run:
            A function of a module.
        jobs:
            Its arguments, in the order in which they begin.
        processes:
            How many at a time.
        out:
            A JSON file for what there is so far, None for none.
        describe:
            The line to print of a result.
    """
    results = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        for future in as_completed([pool.submit(run, job) for job in jobs]):
            results.append(future.result())
            print(describe(results[-1]), flush=True)
            if out is not None:
                out.write_text(json.dumps(results))
    return results
