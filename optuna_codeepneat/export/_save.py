"""`save_network`: writes a trained network as a directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import get_args

import safetensors.torch
import torch
from torch import nn

from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export._card import ModelCard
from optuna_codeepneat.export._card import card_in_markdown
from optuna_codeepneat.export._files import CARD
from optuna_codeepneat.export._files import CONFIG
from optuna_codeepneat.export._files import DIAGRAM
from optuna_codeepneat.export._files import MARK
from optuna_codeepneat.export._files import ONNX
from optuna_codeepneat.export._files import PROGRAM
from optuna_codeepneat.export._files import WEIGHTS
from optuna_codeepneat.export._files import replaced
from optuna_codeepneat.export._onnx import export_onnx
from optuna_codeepneat.export._program import export_program
from optuna_codeepneat.version import __version__


if TYPE_CHECKING:
    from optuna_codeepneat.problems import Preprocessing
    from optuna_codeepneat.search_space import Architecture

FORMAT = 1
Format = Literal["safetensors", "onnx", "torch-export"]


def save_network(
    directory: str | Path,
    network: nn.Module,
    architecture: Architecture,
    *,
    preprocessing: Preprocessing | None = None,
    card: ModelCard | None = None,
    diagram: str | None = None,
    formats: Collection[Format] = (),
    examples: torch.Tensor | None = None,
) -> dict[str, float]:
    """Writes a trained network as a directory that others can use.

    It holds the weights (``model.safetensors``), all that it takes to load them again
    (``config.json``) and a model card (``README.md``), and what else is asked for. The directory
    appears when all is written; an exported network that is there is replaced, anything else is
    left alone.

    Args:
        directory:
            Where to write; folders above it are made.
        network:
            The network, as `build_network` made it.
        architecture:
            What it was made from.
        preprocessing:
            How raw examples become its inputs, and its outputs answers.
        card:
            What to tell of it; what is left out is not told.
        diagram:
            A drawing of it as SVG, see `optuna_codeepneat.visualization.network_svg`.
        formats:
            What else to write: ``"onnx"`` (``model.onnx``) and ``"torch-export"``
            (``model.pt2``). ``"safetensors"`` is always written.
        examples:
            Inputs ``(examples, *input_shape)`` on which these are compared with the network;
            random ones by default.

    Returns:
        The largest difference between the outputs of the network and of each other format, see
        `export_onnx`.

    Raises:
        ExportError: If something else is in that place, it can't be written, or another format
            computes something else.
        ImportError: If a package is missing that another format needs.
        ValueError: If the network isn't of this architecture, or a format is unknown.

    Example:
        >>> import tempfile
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.export import ModelCard, load_network, save_network
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> architecture = space.smallest()
        >>> directory = f"{tempfile.mkdtemp()}/small"
        >>> card = ModelCard(name="small", task="classification", classes=["no", "yes"])
        >>> save_network(directory, build_network(architecture), architecture, card=card)
        {}
        >>> load_network(directory).predict([[0.0, 1.0, 2.0, 3.0]])[0]["class"] in ("no", "yes")
        True
    """
    directory = Path(directory)
    for name in formats:
        if name not in get_args(Format):
            known = ", ".join(map(repr, get_args(Format)))
            raise ValueError(f"`formats` must be of {known}, got {name!r}.")
    weights = _weights_of(network, architecture)
    if card is None:
        card = ModelCard(name=directory.name)
    with replaced(directory) as folder:
        content = safetensors.torch.save(weights, {"format": "pt"})
        (folder / WEIGHTS).write_bytes(content)
        config = _config(architecture, preprocessing, card, content)
        text = json.dumps(config, indent=2, ensure_ascii=False)
        (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
        if diagram is not None:
            (folder / DIAGRAM).write_text(diagram, encoding="utf-8")
        differences = {}
        if "onnx" in formats:
            differences["onnx"] = export_onnx(
                network, architecture, folder / ONNX, examples=examples
            )
        if "torch-export" in formats:
            differences["torch-export"] = export_program(
                network, architecture, folder / PROGRAM, examples=examples
            )
        written = sorted(path.name for path in folder.iterdir())
        text = card_in_markdown(card, architecture, written, _columns(config))
        (folder / CARD).write_text(text, encoding="utf-8")
    return differences


def _weights_of(network: nn.Module, architecture: Architecture) -> dict[str, torch.Tensor]:
    """The weights of a network by their names, none of which shares memory with another."""
    built = getattr(network, "architecture", None)
    if built != architecture:
        raise ValueError("`network` must be what `build_network` made of `architecture`.")
    weights = {
        name: tensor.detach().to("cpu", copy=True).contiguous()
        for name, tensor in network.state_dict().items()
    }
    for name, tensor in weights.items():
        if not bool(tensor.isfinite().all()):
            raise ExportError(f"the network is not written: its weights {name!r} are not finite.")
    return weights


def _columns(config: dict[str, Any]) -> list[str]:
    """The columns that the preprocessing reads of a table."""
    described = (config["preprocessing"] or {}).get("inputs", {})
    return [str(column["name"]) for column in described.get("columns", ())]


def _config(
    architecture: Architecture,
    preprocessing: Preprocessing | None,
    card: ModelCard,
    content: bytes,
) -> dict[str, Any]:
    """All that `load_network` needs, and what the card tells in a form for programs."""
    told = asdict(card)
    return {
        "made_by": MARK,
        "format": FORMAT,
        "architecture": architecture.to_json(),
        "preprocessing": None if preprocessing is None else preprocessing.to_json(),
        "task": told.pop("task"),
        "classes": list(told.pop("classes")),
        "metric": {
            name: told.pop(key)
            for name, key in {
                "name": "metric",
                "score": "score",
                "low": "low",
                "high": "high",
                "examples": "n_test",
            }.items()
        },
        "sizes": {
            "num_params": architecture.num_params,
            "macs": architecture.macs,
            "depth": architecture.depth,
        },
        "weights": {"file": WEIGHTS, "sha256": hashlib.sha256(content).hexdigest()},
        "told": {**told, "training": list(told["training"]), "params": dict(told["params"])},
        "versions": {
            "optuna-codeepneat": __version__,
            "torch": torch.__version__,
            "safetensors": safetensors.__version__,
            "python": python_version(),
        },
    }
