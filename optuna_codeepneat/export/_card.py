"""`ModelCard`: what is told of a trained network, and how that is written as Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import get_args

from optuna_codeepneat._scalars import in_python_scalars
from optuna_codeepneat._text import markdown
from optuna_codeepneat._text import markdown_code
from optuna_codeepneat.export._files import CONFIG
from optuna_codeepneat.export._files import DIAGRAM
from optuna_codeepneat.export._files import ONNX
from optuna_codeepneat.export._files import PROGRAM
from optuna_codeepneat.export._files import WEIGHTS


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import Architecture

Task = Literal["classification", "regression", "labels"]
"""What outputs mean: one class, numbers, or any of several labels."""

_LIBRARY = "optuna-codeepneat"
_PIPELINES = {
    ("images", "classification"): "image-classification",
    ("images", "labels"): "image-classification",
    ("text", "classification"): "text-classification",
    ("text", "labels"): "text-classification",
    ("table", "classification"): "tabular-classification",
    ("table", "regression"): "tabular-regression",
}
"""What the Hugging Face Hub calls some tasks, by the kind of examples and the task."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What is told of a trained network beside its architecture and its weights.

    Args:
        name:
            Of the network, such as ``"mnist1d-17"``.
        title:
            Of its data, for people.
        task:
            What its outputs mean; None if that is not known.
        kind:
            What its examples are: ``"arrays"``, ``"images"``, ``"table"`` or ``"text"``.
        classes:
            The names of classes or labels, by the number of the output.
        metric:
            What it was measured by.
        score:
            On the test examples; None if it was not tested.
        low:
            The lower end of the score's 95 % interval; None if there is none.
        high:
            The upper end.
        copies:
            Over how many changed copies of each example that score is averaged; 0 for none.
        plain:
            The score of the network without them, which is what it does by itself; None where
            there are none.
        n_train:
            Examples that it was trained on; None if that is not known.
        n_test:
            Examples that it was tested on; None if that is not known.
        data_license:
            Of its data, as an SPDX identifier; None if that is not known.
        study:
            The study that found it.
        trial:
            The number of its trial there.
        values:
            What the search measured, by the names of the objectives.
        params:
            The parameters of its trial.
        training:
            How it was trained, a sentence each.
        retrained_from:
            The network whose weights or architecture it was retrained with on other data; None
            where it is as a search found it.
        score_before:
            The score of that network on the same test examples; None if that is not known.

    Raises:
        ValueError: If the task is none of these.
    """

    name: str
    title: str = ""
    task: Task | None = None
    kind: str = "arrays"
    classes: Sequence[str] = ()
    metric: str = "score"
    score: float | None = None
    low: float | None = None
    high: float | None = None
    copies: int = 0
    plain: float | None = None
    n_train: int | None = None
    n_test: int | None = None
    data_license: str | None = None
    study: str | None = None
    trial: int | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    training: Sequence[str] = ()
    retrained_from: str | None = None
    score_before: float | None = None

    def __post_init__(self) -> None:
        in_python_scalars(self)
        if not (self.task is None or self.task in get_args(Task)):
            known = ", ".join(map(repr, get_args(Task)))
            raise ValueError(f"`task` must be one of {known} or None, got {self.task!r}.")


def card_in_markdown(
    card: ModelCard,
    architecture: Architecture,
    files: Sequence[str],
    columns: Sequence[str] = (),
) -> str:
    """The model card: front matter as the Hugging Face Hub reads it, then a page for people.

    Args:
        card:
            What there is to tell.
        architecture:
            The network.
        files:
            The names of all files beside the card.
        columns:
            The names of the columns that it reads of a table.
    """
    blocks = [
        f"---\n{_yaml(_front_matter(card))}---",
        f"# {markdown(card.name)}",
        _introduction(card, architecture),
    ]
    if DIAGRAM in files:
        blocks.append(f"![The network]({DIAGRAM})")
    blocks.append(_facts(card, architecture, columns))
    blocks += ["## Use", _usage(card, files, columns)]
    if card.training:
        blocks += ["## Training", "\n".join(f"* {markdown(text)}" for text in card.training)]
    if card.params:
        blocks += ["## Parameters of the trial", _fenced("json", _json(dict(card.params)))]
    blocks += ["## Layers", _fenced("text", str(architecture))]
    return "\n\n".join(blocks) + "\n"


def _front_matter(card: ModelCard) -> dict[str, Any]:
    matter: dict[str, Any] = {
        "library_name": _LIBRARY,
        "tags": [_LIBRARY, "neural-architecture-search", "pytorch"],
    }
    pipeline = _PIPELINES.get((card.kind, card.task or ""))
    if pipeline is not None:
        matter["pipeline_tag"] = pipeline
    if card.score is not None:
        matter["metrics"] = [card.metric]
        task = pipeline or card.task or "other"
        dataset = {"type": _slug(card.title), "name": card.title or "data", "split": "test"}
        # What the network does by itself: nobody who loads it has the copies.
        value = card.score if card.plain is None else card.plain
        metric = {"type": card.metric, "value": value, "name": f"Test {card.metric}"}
        result = {"task": {"type": task}, "dataset": dataset, "metrics": [metric]}
        matter["model-index"] = [{"name": card.name, "results": [result]}]
    return matter


def _introduction(card: ModelCard, architecture: Architecture) -> str:
    about = f" for {markdown(card.title)}" if card.title else ""
    found = ""
    if card.study is not None:
        of = "" if card.trial is None else f", where it is trial {card.trial}"
        found = f" A search found it in the study {markdown_code(card.study)}{of}."
    if card.retrained_from is not None:
        found += f" It is {markdown_code(card.retrained_from)}, retrained on other examples."
    return (
        f"A neural network with {architecture.num_params:,} parameters{about}, made and trained "
        f"by `{_LIBRARY}`.{found}"
    )


def _facts(card: ModelCard, architecture: Architecture, columns: Sequence[str]) -> str:
    facts = {}
    if card.score is not None:
        what = f"{markdown(card.metric)} on the test examples"
        if card.copies:
            what += f", averaged over {card.copies} changed copies of each"
        facts[what] = _score(card)
    if card.score_before is not None:
        what = f"{markdown(card.metric)} before the retraining, on the same examples"
        facts[what] = f"{card.score_before:.4g}"
    if card.plain is not None:
        facts[f"{markdown(card.metric)} of the network by itself"] = f"**{card.plain:.4g}**"
    facts |= {
        f"{markdown(name)} in the search": f"{value:.6g}" for name, value in card.values.items()
    }
    task = {
        "classification": "one class for each example",
        "regression": "a number for each output",
        "labels": "any of several labels for each example",
    }
    if card.task is not None:
        facts["task"] = task[card.task]
    if card.classes:
        facts["classes"] = ", ".join(map(markdown, card.classes))
    if columns:
        facts["columns"] = ", ".join(map(markdown_code, columns))
    if architecture.vocab_size is None:
        facts["input"] = f"`float32` (batch, {', '.join(map(str, architecture.input_shape))})"
    else:
        shape = ", ".join(map(str, architecture.input_shape[1:]))
        facts["input"] = f"`int64` (batch, {shape}), tokens below {architecture.vocab_size:,}"
    facts |= {
        "output": f"`float32` (batch, {architecture.num_outputs})",
        "parameters": f"{architecture.num_params:,}",
        "multiply-adds for an example": f"{architecture.macs:,}",
        "depth": f"{architecture.depth}",
    }
    if card.n_train is not None:
        included = ", those of validation included" * (card.retrained_from is None)
        facts["training examples"] = f"{card.n_train:,}{included}"
    if card.n_test is not None:
        looked_at = "once, after" if card.score_before is None else "before and after"
        facts["test examples"] = f"{card.n_test:,}, looked at {looked_at} the training"
    facts["license of the data"] = markdown(card.data_license or "not known")
    rows = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return f"| | |\n|---|---|\n{rows}"


def _score(card: ModelCard) -> str:
    text = f"**{card.score:.4g}**"
    if card.low is None or card.high is None:
        return text
    return (
        f"{text}, 95 % interval {card.low:.4g} to {card.high:.4g}; it is about the test examples: "
        "another training would have another score"
    )


def _usage(card: ModelCard, files: Sequence[str], columns: Sequence[str]) -> str:
    row = ", ".join(f"{_scalar(name)}: ..." for name in columns)
    raw = {"images": '["photo.png"]', "text": '["a text"]', "table": f"[{{{row}}}]"}
    python = (
        "from optuna_codeepneat.export import load_network\n\n"
        'loaded = load_network("THIS_DIRECTORY")\n'
        f"answers = loaded.predict({raw.get(card.kind, 'array')})\n"
        "network = loaded.network  # an ordinary torch.nn.Module"
    )
    inputs = {"images": "photo.png", "text": "texts.txt", "table": "table.csv"}
    command = f"{_LIBRARY} predict THIS_DIRECTORY {inputs.get(card.kind, 'examples.npy')}"
    blocks = [
        _fenced("python", python),
        _fenced("console", f"$ {command}"),
    ]
    if ONNX in files:
        blocks += [
            "Without PyTorch, for inputs that are prepared as the network reads them:",
            _fenced(
                "python",
                "import onnxruntime\n\n"
                f'session = onnxruntime.InferenceSession("THIS_DIRECTORY/{ONNX}")\n'
                'outputs = session.run(None, {"input": inputs})[0]',
            ),
        ]
    if PROGRAM in files:
        blocks += [
            "Without this package:",
            _fenced(
                "python",
                "import torch\n\n"
                f'network = torch.export.load("THIS_DIRECTORY/{PROGRAM}").module()',
            ),
        ]
    blocks.append(
        f"The weights are in `{WEIGHTS}`; architecture and preprocessing are in `{CONFIG}`."
    )
    return "\n\n".join(blocks)


def _fenced(language: str, text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}"


def _slug(text: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in text.lower()).split()
    return "-".join(words) or "data"


def _yaml(value: Mapping[str, Any], indent: str = "") -> str:
    """Mappings, lists and scalars in YAML, whose scalars are those of JSON."""
    lines = []
    for key, entry in value.items():
        if isinstance(entry, Mapping):
            lines.append(f"{indent}{key}:\n{_yaml(entry, indent + '  ')}")
        elif isinstance(entry, list):
            lines.append(f"{indent}{key}:\n")
            for item in entry:
                if isinstance(item, Mapping):
                    inner = _yaml(item, indent + "  ")
                    lines.append(f"{indent}- {inner.removeprefix(indent + '  ')}")
                else:
                    lines.append(f"{indent}- {_scalar(item)}\n")
        else:
            lines.append(f"{indent}{key}: {_scalar(entry)}\n")
    return "".join(lines)


def _scalar(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
