"""What `export` does, in which order."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from optuna_codeepneat._attributes import Searched
from optuna_codeepneat._attributes import stored_final_networks
from optuna_codeepneat._hashing import content_hash
from optuna_codeepneat._objectives import SIZES
from optuna_codeepneat._objectives import objective_names
from optuna_codeepneat.cli._commands._drawing import title_of
from optuna_codeepneat.cli._commands._final import BEST
from optuna_codeepneat.cli._commands._final import parted
from optuna_codeepneat.cli._commands._next import naming
from optuna_codeepneat.cli._commands._next import say_next
from optuna_codeepneat.cli._commands._training_in_words import trained_in_words
from optuna_codeepneat.cli._errors import CommandError
from optuna_codeepneat.cli._errors import one_line
from optuna_codeepneat.cli._options import NAME
from optuna_codeepneat.cli._study import file_name
from optuna_codeepneat.cli._study import named_networks
from optuna_codeepneat.cli._study import open_finals
from optuna_codeepneat.cli._study import open_study
from optuna_codeepneat.cli._study import search_of
from optuna_codeepneat.cli._study import space_of
from optuna_codeepneat.cli._terminal import properties
from optuna_codeepneat.cli._terminal import say
from optuna_codeepneat.cli._terminal import silence
from optuna_codeepneat.cli._workers import PREPROCESSING
from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.problems import is_data


if TYPE_CHECKING:
    import optuna
    import torch
    from optuna.trial import FrozenTrial

    from optuna_codeepneat._attributes import FinalNetwork
    from optuna_codeepneat.export import ModelCard
    from optuna_codeepneat.morphism import Checkpoint
    from optuna_codeepneat.problems import Preprocessing
    from optuna_codeepneat.problems import Problem
    from optuna_codeepneat.search_space import Architecture
    from optuna_codeepneat.search_space import SearchSpace

_N_EXAMPLES = 64
_SUFFIXES = {"images": "photo.png", "text": '"a text"', "table": "table.csv"}


def run_export(
    words: Sequence[str],
    formats: Sequence[str],
    output: str | None,
    *,
    max_params: int | None,
    storage: str | None,
    study_name: str | None,
    artifacts: str | None,
) -> None:
    """Writes a finally trained network as a directory, and prints what is in it."""
    silence()
    asked, names = parted(words, "export")
    if len(names) > 1:
        raise CommandError(f"name one network to export, got {', '.join(names)}.", 2)
    study, problem = open_study(asked, storage, study_name)
    space = _space_without_data(study) if problem is None else None
    if space is None:
        search = search_of(study, problem, asked=asked, storage=storage, command="export")
        problem, space = search.problem, search.problem.space
    [number] = named_networks(study, names or [BEST], space, max_params)
    named = naming(asked, storage, study_name)
    network = _trained(study, number, named)
    store = open_finals(network, artifacts, number)
    from optuna_codeepneat.export import save_network
    from optuna_codeepneat.morphism import UnusableWeightsError
    from optuna_codeepneat.morphism import fetch_weights
    from optuna_codeepneat.sampler import SavedWeights

    saved = SavedWeights(network.artifact, network.sha256, network.size, network.steps or 0)
    try:
        checkpoint = fetch_weights(store, saved)
    except UnusableWeightsError as error:
        raise CommandError(f"the weights of trial {number} can't be used: {error}.") from error
    preprocessing = _preprocessing(checkpoint, problem, network, number)
    trial = study.get_trials(deepcopy=False)[number]
    directory = Path(output or f"{file_name(study.study_name)}-{number}")
    architecture = checkpoint.architecture
    try:
        differences = save_network(
            directory,
            checkpoint.build(),
            architecture,
            preprocessing=preprocessing,
            card=_card(study, trial, problem, preprocessing, network, directory.resolve().name),
            diagram=drawing_of(architecture, title_of(study, trial)),
            formats=formats,  # type: ignore[arg-type]  # the values of an enumeration
            examples=_examples(problem, architecture) if formats and problem else None,
        )
    except ImportError as error:
        raise CommandError(f"`--format`: {error}") from error
    except ExportError as error:
        raise CommandError(str(error)) from error
    print(files_in_words(directory, differences))
    kind = "arrays" if preprocessing is None else preprocessing.kind
    say_next(asking_step(directory, kind), always=True)


def asking_step(directory: Path, kind: str) -> tuple[str, str]:
    """The command that asks a network, and what that is for."""
    given = _SUFFIXES.get(kind, "examples.npy")
    return f"predict {shlex.quote(str(directory))} {given}", "asks it"


def _space_without_data(study: optuna.Study) -> SearchSpace | None:
    """The search space of a study whose problem is data, which may be gone."""
    recorded = Searched.of(study.user_attrs).problem
    return space_of(study, None, None) if is_data(recorded or "") else None


def _trained(study: optuna.Study, number: int, named: str) -> FinalNetwork:
    """What the study says of the first training of a network."""
    kept = stored_final_networks(study.user_attrs)
    if 0 in kept.get(number, {}):
        return kept[number][0]
    others = [str(each) for each in kept if 0 in kept[each]]
    also = f"; those that are: {', '.join(others)}" if others else ""
    raise CommandError(
        f"trial {number} is not finally trained, or its weights were not kept: `{NAME} train "
        f"{named} {number}` does so{also}."
    )


def _preprocessing(
    checkpoint: Checkpoint, problem: Problem | None, network: FinalNetwork, number: int
) -> Preprocessing | None:
    """What lies beside the weights; of older versions, what the problem still makes.

    Raises:
        CommandError: If that is another one now, or not to be had.
    """
    described = checkpoint.notes.get(PREPROCESSING)
    if described is not None:
        from optuna_codeepneat.problems import Preprocessing

        try:
            return Preprocessing.from_json(json.loads(described))
        except ValueError as error:  # that of a newer version
            raise CommandError(f"the network of trial {number} can't be used: {error}") from error
    if network.preprocessing is None:
        # Its problem may have got one since, as mnist1d did, which does nothing else.
        return None if problem is None else problem.preprocessing
    if problem is None:
        raise CommandError(
            f"the data are needed of which trial {number} was trained: an older version of this "
            "package did not keep its preprocessing."
        )
    made = problem.preprocessing
    if made is None or content_hash(made.to_json()) != network.preprocessing:
        raise CommandError(
            f"the data of the problem {problem.name!r} are others now than when trial {number} "
            "was trained: its preprocessing has changed, and the network would answer wrongly."
        )
    return made


def _card(
    study: optuna.Study,
    trial: FrozenTrial,
    problem: Problem | None,
    made: Preprocessing | None,
    network: FinalNetwork,
    name: str,
) -> ModelCard:
    from optuna_codeepneat.export import ModelCard

    known = Searched.of(study.user_attrs).title or study.study_name
    title = known if problem is None else problem.title
    names = objective_names(study)
    values = zip(names, trial.values or (), strict=True)
    target: dict[str, Any] = {} if made is None else made.to_json()["outputs"]
    classes = target.get("classes") or target.get("labels") or ()
    return ModelCard(
        name=name,
        title=title,
        task=_task(problem, made),
        kind="arrays" if made is None else made.kind,
        classes=[str(each) for each in classes],
        metric=names[0],
        score=network.score,
        low=network.low,
        high=network.high,
        n_train=network.n_train,
        n_test=network.n_test,
        data_license=None if problem is None else problem.data_license,
        study=study.study_name,
        trial=trial.number,
        values={name: value for name, value in values if name not in SIZES},
        params=trial.params,
        training=[] if problem is None else trained_in_words(problem, network, trial.params),
        copies=network.copies or 0,
        plain=network.plain,
    )


def _task(problem: Problem | None, made: Preprocessing | None) -> Any:
    """What outputs mean; None if that is not known."""
    from optuna_codeepneat import training

    if made is not None:
        return made.task
    if problem is None:
        return None
    is_sure = problem.loss in (None, training.cross_entropy) and problem.space.num_outputs > 1
    return "classification" if is_sure else None


def _examples(problem: Problem, architecture: Architecture) -> torch.Tensor | None:
    """Some real inputs; None where there are none that the network can read."""
    tokens = architecture.vocab_size is not None
    shape = architecture.input_shape[1:] if tokens else architecture.input_shape
    try:
        train = problem.load().train
        inputs = train.take(range(min(_N_EXAMPLES, len(train)))).inputs
    except Exception as error:  # data that are not here any more, of which random ones do as well
        say(f"It is compared on random inputs, as the data can't be had: {one_line(error)}.")
        return None
    return inputs if tuple(inputs.shape[1:]) == tuple(shape) else None


def drawing_of(architecture: Architecture, title: str) -> str | None:
    """A network as SVG; None where the packages for that are missing."""
    try:
        from optuna_codeepneat.visualization import network_svg

        return network_svg(architecture, title=title)
    except ImportError:  # without the extra there is no drawing
        return None


def files_in_words(directory: Path, differences: Mapping[str, float]) -> str:
    """The files of an exported network, and what each is for."""
    what = {
        "README.md": "the model card",
        "config.json": "architecture, preprocessing, classes, sizes",
        "model.safetensors": "the weights",
        "model.onnx": "for ONNX Runtime",
        "model.onnx.data": "its weights",
        "model.pt2": "for torch.export.load",
        "network.svg": "a drawing",
    }
    compared = {"model.onnx": "onnx", "model.pt2": "torch-export"}
    lines = {}
    for path in sorted(directory.iterdir()):
        text = what.get(path.name, "")
        found = differences.get(compared.get(path.name, ""))
        if found is not None:
            text += f"; outputs differ from the network's by at most {found:.1e}"
        lines[str(path)] = text
    return properties(lines)
