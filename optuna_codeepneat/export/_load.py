"""`load_network`: a network from the directory that `save_network` wrote."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import safetensors.torch
import torch
from torch import nn

from optuna_codeepneat import training
from optuna_codeepneat._text import counted
from optuna_codeepneat._text import cut
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export._answers import answers_of
from optuna_codeepneat.export._answers import by_numbers
from optuna_codeepneat.export._answers import plain_inputs
from optuna_codeepneat.export._answers import plain_target
from optuna_codeepneat.export._card import Task
from optuna_codeepneat.export._files import CONFIG
from optuna_codeepneat.export._files import WEIGHTS
from optuna_codeepneat.export._files import read_config
from optuna_codeepneat.export._save import FORMAT
from optuna_codeepneat.network import build_network
from optuna_codeepneat.problems import ArrayReader
from optuna_codeepneat.problems import Preprocessing
from optuna_codeepneat.problems import encoded_answers
from optuna_codeepneat.problems import metric_of
from optuna_codeepneat.problems import target_columns
from optuna_codeepneat.search_space import Architecture
from optuna_codeepneat.training import Examples


if TYPE_CHECKING:
    from optuna_codeepneat.problems import Place
    from optuna_codeepneat.problems import Target
    from optuna_codeepneat.training import Measurement
    from optuna_codeepneat.training import Metric


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedNetwork:
    """A network that `load_network` has read.

    Args:
        network:
            An ordinary module in evaluation mode, whose weights are not trained.
        architecture:
            What it was made from.
        preprocessing:
            How raw examples become its inputs and its outputs answers; None where it reads
            arrays as they are.
        task:
            What its outputs mean, None where nobody said so.
        classes:
            Names of classes or labels, by the number of the output; empty where they have none.
        config:
            All that stands in ``config.json``.
    """

    network: nn.Module
    architecture: Architecture
    preprocessing: Preprocessing | None
    task: Task | None
    classes: Sequence[str]
    config: Mapping[str, Any]

    @property
    def raw_shape(self) -> tuple[int, ...]:
        """Of one example, where these are arrays; ``(length,)`` for tokens."""
        if self.preprocessing is not None:
            reader = self.preprocessing.reader
            return reader.shape if isinstance(reader, ArrayReader) else reader.input_shape
        shape = self.architecture.input_shape
        return shape if self.architecture.vocab_size is None else shape[1:]

    def inputs(self, raw: Any) -> torch.Tensor:
        """What the network reads of raw examples.

        Args:
            raw:
                What `Preprocessing.inputs` takes; without a preprocessing arrays or lists
                ``(examples, *input_shape)``, or one example.

        Raises:
            DataError: If it can't be read, in one sentence.
        """
        if self.preprocessing is not None:
            return self.preprocessing.inputs(raw)
        return plain_inputs(raw, self.architecture)

    @property
    def target(self) -> Target:
        """What its outputs mean.

        Raises:
            DataError: If nobody said so.
        """
        if self.preprocessing is not None:
            return self.preprocessing.target
        return plain_target(self.task, self.classes, self.architecture.num_outputs)

    def examples(self, raw: Any, answers: Any, *, place: Place | None = None) -> Examples:
        """Examples that the network can be trained on, or measured.

        Args:
            raw:
                See `inputs`.
            answers:
                By the task, one for each example: the name of its class, or, without a
                preprocessing, its number; its number in its own unit; or ``(examples, outputs)``
                of several numbers, or of 0 and 1 for labels.
            place:
                Names an example by its number, for errors.

        Raises:
            DataError: If examples or answers can't be read, in one sentence with the example.
        """
        inputs, target = self.inputs(raw), self.target
        try:
            columns = target_columns(answers, len(inputs))
        except DataError:
            raise
        except ValueError:
            n = len(answers) if hasattr(answers, "__len__") else 1
            raise DataError(
                f"there must be an answer for each of the {counted(len(inputs), 'example')}, got "
                f"{counted(n, 'answer')}."
            ) from None
        if self.preprocessing is None:
            target = by_numbers(target, columns)
        targets = encoded_answers(columns, target, place=place or (lambda i: f"example {i}"))
        return Examples(inputs, torch.from_numpy(targets))

    def measure(self, examples: Examples) -> Measurement:
        """How well the network does, by the metric that it was measured with before.

        Where that is none of those for data of one's own, by the one that is usual for its task:
        the accuracy, R2 or, for labels, the area under the curve.

        Args:
            examples:
                What `examples` returned, or some of them.

        Returns:
            The score with its 95 % interval.

        Raises:
            DataError: If an output is not finite, or the metric has no value for these examples.
            ImportError: If scikit-learn is needed, and not installed.
        """
        outputs = training.predict(self.network, examples)
        if not bool(outputs.isfinite().all()):
            raise DataError("the network's outputs for these examples are not finite.")
        found = training.measured(outputs, examples.targets.to(outputs.device), self.metric)
        if not isfinite(found.score):
            raise DataError(
                f"the metric {training.name_of(self.metric)!r} has no value for "
                f"{counted(len(examples), 'example')} such as these; it needs others, or more."
            )
        return found

    @property
    def metric(self) -> Metric:
        """What `measure` measures, ``metric(outputs, targets)``."""
        return metric_of(self.target, self.config["metric"]["name"])

    def predict(self, raw: Any, *, batch_size: int = 500) -> list[dict[str, Any]]:
        """What the network answers to raw examples.

        Args:
            raw:
                See `inputs`.
            batch_size:
                Examples at a time.

        Returns:
            For each example what `Preprocessing.answers` says; without a preprocessing the same
            by the task, and ``values`` where nobody said what the outputs mean.

        Raises:
            DataError: If it can't be read, in one sentence.
        """
        inputs = self.inputs(raw)
        outputs = training.predict(self.network, inputs, batch_size=batch_size)
        if self.preprocessing is not None:
            return self.preprocessing.answers(outputs)
        return answers_of(outputs, self.task, self.classes)


def load_network(directory: str | Path, *, device: torch.device | str = "cpu") -> LoadedNetwork:
    """Reads a network that `save_network` wrote.

    Nothing is unpickled: reading a directory runs nothing that stands in it.

    Args:
        directory:
            The directory.
        device:
            Where the network shall compute; ``"auto"`` for a GPU if torch finds one.

    Raises:
        ExportError: If there is none, it is damaged or of a newer version of the package, or its
            network can't be built here.
    """
    directory = Path(directory)
    config = read_config(directory)
    if config is None:
        why = "there is no such directory" if not directory.exists() else f"it has no {CONFIG}"
        raise ExportError(f"{str(directory)!r} is no exported network: {why}.")
    version = config.get("format")
    if version != FORMAT:
        raise ExportError(
            f"the network in {str(directory)!r} has format {version!r}, and this version of "
            f"optuna-codeepneat reads format {FORMAT}; upgrade the package."
        )
    try:
        architecture = Architecture.from_json(config["architecture"])
        described = config["preprocessing"]
        preprocessing = None if described is None else Preprocessing.from_json(described)
        with training.seeded(0):
            network = build_network(architecture)
        sha256, task, classes = config["weights"]["sha256"], config["task"], config["classes"]
    # NOTE: `Exception`, since there is no telling what a damaged file makes of all this.
    except Exception as error:
        reason = cut(single_spaced(error), 200).rstrip(".")
        raise ExportError(
            f"the network in {str(directory)!r} can't be built: {reason}."
        ) from error
    network.load_state_dict(_weights(directory / WEIGHTS, sha256, network))
    return LoadedNetwork(
        network=network.to(training.device_of(device)).eval().requires_grad_(False),
        architecture=architecture,
        preprocessing=preprocessing,
        task=task,
        classes=tuple(classes),
        config=config,
    )


def _weights(path: Path, sha256: str, network: nn.Module) -> dict[str, torch.Tensor]:
    """The weights in a file, as they were written."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ExportError(f"{str(path)!r} can't be read: {error.strerror or error}.") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ExportError(
            f"{str(path)!r} is damaged: it is not what was written with {CONFIG} (its hash "
            "differs)."
        )
    try:
        weights = safetensors.torch.load(content)
    except Exception as error:
        raise ExportError(f"{str(path)!r} is no safetensors file: {error}.") from None
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    if {name: tensor.shape for name, tensor in weights.items()} != expected:
        raise ExportError(f"the weights in {str(path)!r} are of another network.")
    return weights
