"""What `retrain` comes to by different learning rates, from present weights and from new ones.

    python benchmarks/retraining.py --seeds 2

Hand-made networks of `mnist1d` learn from half of its training examples. Then the examples stay as
they are, change a little or much: they are compressed and less high, as another instrument might
give them. Each network is retrained on a few and on many of the other half, once for each rate,
and scored on the validation examples, changed likewise. No test example is looked at. Printed is
the mean accuracy over networks and seeds.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from statistics import mean

from torch.nn import functional

from optuna_codeepneat import build_network
from optuna_codeepneat.export import LoadedNetwork
from optuna_codeepneat.export import recipe_for
from optuna_codeepneat.export import retrain
from optuna_codeepneat.problems import get_problem
from optuna_codeepneat.problems import hand_made
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.training import Examples
from optuna_codeepneat.training import evaluate


_CHANGES = {"none": (1.0, 1.0), "little": (0.9, 0.8), "much": (0.8, 0.5)}
"""The length and the height of a signal, as shares of what they were."""
_FEW_AND_MANY = (100, 1500)
_RATES = (1e-2, 3e-3, 1e-3)


def changed(data: Examples, share: float, height: float) -> Examples:
    """The examples as another instrument might give them."""
    length = data.inputs.shape[-1]
    size = round(share * length)
    short = functional.interpolate(data.inputs, size=size, mode="linear", align_corners=False)
    return Examples(height * functional.pad(short, (0, length - size)), data.targets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    seeds = range(parser.parse_args().seeds)
    problem = get_problem("mnist1d")
    splits = problem.load()
    half = len(splits.train) // 2
    old = splits.train.take(range(half))
    new = splits.train.take(range(half, 2 * half))
    scores: dict[tuple[str, int, str], list[float]] = defaultdict(list)
    for seed in seeds:
        for architecture in hand_made(problem.space).values():
            first = retrain(unlearnt(architecture), old, new_weights=True, device="cpu", seed=seed)
            for change, sizes in _CHANGES.items():
                judges = changed(splits.validation, *sizes)
                before = evaluate(first.network, judges)
                for n in _FEW_AND_MANY:
                    part = changed(new.take(range(n)), *sizes)
                    scores[change, n, "as it was"].append(before)
                    for rate, anew in [(_RATES[0], True), *((rate, False) for rate in _RATES)]:
                        usual = recipe_for(first, n, new_weights=anew)
                        recipe = usual.replace(learning_rate=rate)
                        network = retrain(
                            first,
                            part,
                            recipe=recipe,
                            new_weights=anew,
                            device="cpu",
                            seed=seed + 100,
                        ).network
                        name = f"{'new' if anew else 'present'} weights, {rate:g}"
                        scores[change, n, name].append(evaluate(network, judges))
    for (change, n, name), found in scores.items():
        each = ", ".join(f"{100 * score:.1f}" for score in found)
        print(f"{change:6} {n:5,} examples, {name:22} {100 * mean(found):.1f} % ({each})")


def unlearnt(architecture: Architecture) -> LoadedNetwork:
    """A network of `mnist1d` as `load_network` returns it."""
    return LoadedNetwork(
        network=build_network(architecture),
        architecture=architecture,
        preprocessing=None,
        task="classification",
        classes=(),
        config={"metric": {"name": "accuracy"}},
    )


if __name__ == "__main__":
    main()
