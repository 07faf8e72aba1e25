"""What `train` does, in which order."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._attributes import stored_test_scores
from optuna_codeepneat.cli._commands._next import naming
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._signals import StopNote
from optuna_codeepneat.cli._study import file_name
from optuna_codeepneat.cli._study import finals_place
from optuna_codeepneat.cli._study import is_name_of_network
from optuna_codeepneat.cli._study import named_networks
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._study import search_of
from optuna_codeepneat.cli._study import weights_place
from optuna_codeepneat.cli._terminal import finals_table
from optuna_codeepneat.cli._terminal import print_table
from optuna_codeepneat.cli._terminal import progress
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.cli._terminal import silence
from optuna_codeepneat.cli._workers import FinalSettings
from optuna_codeepneat.cli._workers import Run
from optuna_codeepneat.cli._workers import bind_workers
from optuna_codeepneat.search_space import widened


if TYPE_CHECKING:
    import optuna

    from optuna_codeepneat._attributes import FinalNetwork
    from optuna_codeepneat.cli._options import TrainOptions
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

BEST = "best"


def parted(words: Sequence[str], command: str) -> tuple[str | None, list[str]]:
    """The problem and the networks that a command line names.

    Raises:
        CommandError: If it names more than one problem.
    """
    names = [word for word in words if is_name_of_network(word)]
    others = [word for word in words if not is_name_of_network(word)]
    if len(others) > 1:
        raise CommandError(
            f"TRIAL must be the number of a trial, `best` or `knee`, got {others[1]!r}, as in "
            f"`{command} {others[0]} best`.",
            2,
        )
    return (others[0] if others else None), names


def run_train(options: TrainOptions) -> None:
    """Trains networks finally, tests each once, and prints them."""
    silence()
    asked, names = parted(options.words, "train")
    bindings = bind_workers(options)
    study, found = open_study(asked, options.storage, options.study_name)
    search = search_of(study, found, asked=asked, storage=options.storage, command="train")
    problem = search.problem
    if not problem.can_train_finally:
        raise CommandError(
            f"the problem {problem.name!r} has no data of its own, and so no final training: only "
            "its objective knows how its networks are trained."
        )
    chosen = named_networks(study, names or [BEST], problem.space, options.max_params)
    place = finals_place(search.settings, problem, options.artifacts, say)
    settings = FinalSettings(
        steps=options.steps,
        epochs=options.epochs,
        schedule=options.schedule and options.schedule.value,
        augment=options.augment,
        copies=options.tta,
        widen=options.widen,
        weights=weights_place(search.settings),
    )
    settings.check(problem)
    learns_copies = options.augment or (
        options.augment is None and problem.final_recipe.augmentation
    )
    if options.tta and not learns_copies and not options.quiet:
        say(
            "The networks learn from examples as they are, and `--tta` asks them of changed ones, "
            "which may cost more than it brings; `--augment` lets them learn from such as well."
        )
    if not options.quiet:
        if not options.again:
            _tell_known(study, chosen, options, is_usual=settings.is_usual)
        if options.widen != 1.0:
            known = {} if options.again else stored_final_networks(study.user_attrs)
            new = [n for n in chosen if len(known.get(n, {})) < options.seeds]
            _tell_sizes(study, new, problem, options.widen)
    # The sampler of the search has nothing to do.
    idle = replace(search.settings, sampler="random", evolution=None, inherit=None, artifacts=None)
    with StopNote() as stop, progress(quiet=options.quiet) as shown:
        run = Run(
            replace(search, settings=idle),
            options,
            bindings=bindings[: len(chosen) * options.seeds],
            diagrams=None,
            stop=stop,
            progress=shown,
            total=0,
            finals=place,
            finally_by=settings,
        )
        with run:
            outcome = run.train_finally(
                chosen, trainings=options.seeds, keeping=True, again=options.again
            )
        run.summarize()
    if outcome.scores:
        trials = {trial.number: trial for trial in study.get_trials(deepcopy=False)}
        columns, rows = finals_table(
            trials, outcome.scores, problem, outcome.networks, study.user_attrs
        )
        title = f"{problem.title}: finally trained networks"
        print_table(title, columns, rows, dispensable=("source", "multiply-adds"))
    if outcome.errors:
        raise CommandError(f"the final training of {'; of '.join(outcome.errors)}")
    if not options.quiet:
        if outcome.n_trained and outcome.networks:
            say(f"The weights are kept in {place}.")
        named = naming(asked, options.storage, options.study_name)
        kept = [number for number in chosen if number in outcome.networks]
        if kept:
            say_next(export_step(named, study.study_name, kept[0]), always=True)


def export_step(named: str, study_name: str, number: int) -> tuple[str, str]:
    """The command that writes a network, and what that is for."""
    folder = shlex.quote(f"{file_name(study_name)}-{number}")
    return f"export {named} {number} -o {folder}", "writes it as a directory for others"


def _tell_sizes(
    study: optuna.Study, chosen: Sequence[int], problem: Problem, factor: float
) -> None:
    """Says how large networks become, and whether that is more than the search allowed."""
    trials = study.get_trials(deepcopy=False)
    for number in chosen:
        narrow = problem.space.decode(trials[number].params)
        wide = widened(narrow, problem.space, factor)
        also = ", beyond the search space, which no longer matters"
        say(
            f"Trial {number} is widened from {narrow.num_params:,} to {wide.num_params:,} "
            f"parameters{'' if _is_within(problem.space, wide) else also}."
        )


def _is_within(space: SearchSpace, architecture: Architecture) -> bool:
    """Whether a search could have found a network."""
    try:
        space.encode(architecture)
    except ValueError:
        return False
    return space.excess(architecture) is None


def _tell_known(
    study: optuna.Study, chosen: Sequence[int], options: TrainOptions, *, is_usual: bool
) -> None:
    """Says what of the chosen networks was trained before, and how."""
    kept = stored_final_networks(study.user_attrs)
    scores = stored_test_scores(study.user_attrs)
    asked = options.steps
    for number in chosen:
        networks = kept.get(number, {})
        if 0 not in networks and number in scores:
            tested = "not tested again" if is_usual else "tested, as it is trained in another way"
            say(
                f"Trial {number} was tested before, but its weights were not kept: it is trained "
                f"again, and {tested}."
            )
        elif 0 in networks:
            steps, wide = networks[0].steps, networks[0].widen or 1.0
            how = "" if steps is None else f" for {steps:,} steps"
            how += "" if wide == 1.0 else f", {wide:g} times as wide"
            others = asked not in (None, steps) or _asks_for_another(options, networks[0])
            if others:
                say(f"Trial {number} was trained before{how}; only `--again` trains it anew.")
            elif len(networks) >= options.seeds:
                say(f"Trial {number} was trained before{how}.")


def _asks_for_another(options: TrainOptions, network: FinalNetwork) -> bool:
    """Whether a command line asks for another training than the one that a network had."""
    is_augmented, schedule = network.augmentation is not None, options.schedule
    return (
        options.widen != (network.widen or 1.0)
        or options.augment not in (None, is_augmented)
        or (options.tta > 0 and options.tta != network.copies)
        or (schedule is not None and schedule.value != network.schedule)
    )
