"""What `retrain` does: an exported network learns from new examples, and is written anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from optuna_codeepneat import training
from optuna_codeepneat._text import counted
from optuna_codeepneat.cli._commands._export import asking_step
from optuna_codeepneat.cli._commands._export import drawing_of
from optuna_codeepneat.cli._commands._export import files_in_words
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._commands._training_in_words import recipe_in_words
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._terminal import Progress
from optuna_codeepneat.cli._terminal import Snapshot
from optuna_codeepneat.cli._terminal import interval_in_words
from optuna_codeepneat.cli._terminal import print_table
from optuna_codeepneat.cli._terminal import progress
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.cli._terminal import silence
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.exceptions import NetworkDivergedError
from optuna_codeepneat.problems import direction_of
from optuna_codeepneat.problems import read_new_data
from optuna_codeepneat.problems import strata_of
from optuna_codeepneat.visualization import format_metric


if TYPE_CHECKING:
    from optuna_codeepneat.export import LoadedNetwork
    from optuna_codeepneat.export import ModelCard
    from optuna_codeepneat.training import Examples
    from optuna_codeepneat.training import Measurement


def run_retrain(
    directory: str,
    data: str,
    output: str,
    *,
    target: Sequence[str],
    test: float,
    steps: int | None,
    new_weights: bool,
    formats: Sequence[str],
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Trains a network on new examples, measures it on others before and after, and writes it."""
    silence()
    name, source = Path(output).resolve().name, Path(directory).resolve().name
    begin = "new weights" if new_weights else f"the weights of {source}"
    try:
        from optuna_codeepneat.export import check_replaceable
        from optuna_codeepneat.export import load_network
        from optuna_codeepneat.export import recipe_for
        from optuna_codeepneat.export import retrain
        from optuna_codeepneat.export import save_network

        check_replaceable(Path(output))  # before the training, which would be lost
        loaded = load_network(directory, device=device)
    except (ExportError, ImportError) as error:
        raise CommandError(str(error)) from error
    except RuntimeError as error:
        raise CommandError(f"`--device`: {error}", 2) from error
    try:
        learnt, judges = _examples(loaded, Path(data).expanduser(), target, test, seed)
        recipe = recipe_for(loaded, len(learnt), new_weights=new_weights)
        recipe = recipe if steps is None else recipe.replace(steps=steps)
        if not quiet:
            say(
                f"It learns from {counted(len(learnt), 'example')} for "
                f"{counted(recipe.steps, 'step')}; {len(judges):,} are held out."
            )
        before = loaded.measure(judges)
        with progress(quiet=quiet) as shown:
            retrained = retrain(
                loaded,
                learnt,
                recipe=recipe,
                new_weights=new_weights,
                device=device,
                seed=seed,
                on_progress=_hearing(shown),
            )
        after = retrained.measure(judges)
        differences = save_network(
            output,
            retrained.network,
            loaded.architecture,
            preprocessing=loaded.preprocessing,
            card=_card(
                loaded,
                name,
                source=source,
                title=Path(data).resolve().stem,
                how=f"It was trained from {begin}, for {recipe_in_words(recipe, [])}.",
                n_train=len(learnt),
                before=before,
                after=after,
            ),
            diagram=drawing_of(loaded.architecture, name),
            formats=formats,  # type: ignore[arg-type]  # the values of an enumeration
            examples=judges.take(range(min(len(judges), 64))).inputs,
        )
    except (DataError, ExportError, ImportError, NetworkDivergedError) as error:
        raise CommandError(str(error)) from error
    metric = training.name_of(loaded.metric)
    rows = [
        [network, format_metric(metric, found.score), interval_in_words(metric, found) or "-"]
        for network, found in ((f"{directory}, before", before), (f"{output}, after", after))
    ]
    columns = ["network", f"{metric} on {len(judges):,} examples", "95 % interval"]
    print_table(f"{output}: retrained", columns, rows)
    print()
    print(files_in_words(Path(output), differences))
    gain = after.score - before.score
    if not (gain > 0 if direction_of(metric) == "maximize" else gain < 0):
        say("It is no better than before on the examples that were held out.")
    kind = "arrays" if loaded.preprocessing is None else loaded.preprocessing.kind
    say_next(asking_step(Path(output), kind), always=True)


def _examples(
    loaded: LoadedNetwork, path: Path, target: Sequence[str], test: float, seed: int
) -> tuple[Examples, Examples]:
    """The examples to learn from, and those that are held out."""
    new = read_new_data(path, loaded.preprocessing, target)
    examples = loaded.examples(new.raw, new.answers, place=new.place)
    strata = strata_of(loaded.target.task, examples.targets.numpy())
    learnt, judges = new.divided(strata, test, seed=seed)
    return examples.take(learnt.tolist()), examples.take(judges.tolist())


def _hearing(shown: Progress) -> Callable[[int, int, float], None]:
    begin = time.monotonic()

    def hear(done: int, total: int, loss: float) -> None:
        seconds = time.monotonic() - begin
        left = seconds / done * (total - done)
        snapshot = Snapshot(
            done=done, total=total, noun="steps", seconds=seconds, seconds_left=left or None
        )
        (shown.update if done < total else shown.finish)(snapshot)

    return hear


def _card(
    loaded: LoadedNetwork,
    name: str,
    *,
    source: str,
    title: str,
    how: str,
    n_train: int,
    before: Measurement,
    after: Measurement,
) -> ModelCard:
    """What the old card says of the architecture, and what is true of the new weights."""
    from optuna_codeepneat.export import ModelCard

    told = loaded.config.get("told", {})
    return ModelCard(
        name=name,
        title=title,
        task=loaded.task,
        kind="arrays" if loaded.preprocessing is None else loaded.preprocessing.kind,
        classes=loaded.classes,
        metric=training.name_of(loaded.metric),
        score=after.score,
        low=after.low,
        high=after.high,
        n_train=n_train,
        n_test=after.n_examples,
        study=told.get("study"),
        trial=told.get("trial"),
        params=told.get("params", {}),
        training=[how],
        retrained_from=source,
        score_before=before.score,
    )
