"""`export_onnx`: a network as ONNX, tried with ONNX Runtime."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from optuna_codeepneat._lazy import needing
from optuna_codeepneat._text import cut
from optuna_codeepneat._text import single_spaced
from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export._examples import check
from optuna_codeepneat.export._examples import difference
from optuna_codeepneat.export._examples import frozen_copy
from optuna_codeepneat.export._examples import tried_on
from optuna_codeepneat.export._program import program_of


if TYPE_CHECKING:
    from optuna_codeepneat.search_space import Architecture

INPUT, OUTPUT = "input", "output"
_ERRORS_ALONE = 3  # of ONNX Runtime's levels


def export_onnx(
    network: nn.Module,
    architecture: Architecture,
    path: str | Path,
    *,
    examples: torch.Tensor | None = None,
) -> float:
    """Writes a network as ONNX, for batches of any size, and tries it with ONNX Runtime.

    Its input is called ``input``, its output ``output``; there is no softmax.

    Args:
        network:
            The network.
        architecture:
            What it was made from.
        path:
            The file; weights beyond 1.5 gigabytes lie beside it, in ``PATH.data``.
        examples:
            Inputs ``(examples, *input_shape)`` on which it is compared with the network; random
            ones by default.

    Returns:
        The largest difference of their outputs; as a share of the largest output where that is
        more than 1.

    Raises:
        ExportError: If torch can't export it, or the difference is more than 1e-4.
        ImportError: If a package is missing.

    Example:
        >>> import tempfile
        >>> from optuna_codeepneat import SearchSpace, build_network
        >>> from optuna_codeepneat.export import export_onnx
        >>> space = SearchSpace.dense(input_shape=(4,), num_outputs=2)
        >>> architecture = space.smallest()
        >>> path = f"{tempfile.mkdtemp()}/model.onnx"
        >>> export_onnx(build_network(architecture), architecture, path) < 1e-4
        True
    """
    with needing("ONNX"):
        import onnxruntime
        import onnxscript  # noqa: F401  # what torch's exporter imports, with onnx
    inputs, frozen = tried_on(architecture, examples), frozen_copy(network)
    with _silent():
        try:
            made = torch.onnx.export(
                program_of(frozen, inputs[:2]),
                input_names=[INPUT],
                output_names=[OUTPUT],
                verbose=False,
            )
            assert made is not None  # as for any program
            made.save(path)
        except Exception as error:  # its own errors are private
            reason = cut(single_spaced(error.__cause__ or error), 300)
            raise ExportError(f"the network can't be exported to ONNX: {reason}.") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _ERRORS_ALONE
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    differences = []
    with torch.inference_mode():
        for batch in (inputs, inputs[:1]):
            [outputs] = session.run([OUTPUT], {INPUT: batch.numpy()})
            differences.append(difference(torch.from_numpy(outputs), frozen(batch)))
    return check("ONNX file", max(differences))


@contextmanager
def _silent() -> Iterator[None]:
    """What torch's exporter says of itself, and not of the network, is left out."""
    logger = logging.getLogger("torch.onnx")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
