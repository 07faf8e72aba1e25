from __future__ import annotations

from pathlib import Path

import pytest
import torch

from optuna_codeepneat.exceptions import ExportError
from optuna_codeepneat.export import _program
from optuna_codeepneat.export import export_program
from optuna_codeepneat.testing import random_architecture
from tests.export.networks import PRESETS
from tests.export.networks import inputs_of
from tests.export.networks import trained


@pytest.mark.parametrize("preset", ["conv1d", "text"])
def test_a_program_runs_batches_of_any_size(preset: str, tmp_path: Path) -> None:
    architecture = random_architecture(PRESETS[preset], 20)
    network, path = trained(architecture), tmp_path / "model.pt2"
    assert export_program(network, architecture, path) < 1e-6
    program = torch.export.load(path).module()
    for n in (1, 5):
        x = inputs_of(architecture, n)
        torch.testing.assert_close(program(x), network(x))
    assert next(network.parameters()).requires_grad  # it is a copy that is frozen


def test_a_program_that_computes_something_else_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = PRESETS["dense"].smallest()
    other, make = trained(architecture, seed=1), _program.program_of
    monkeypatch.setattr(_program, "program_of", lambda frozen, x: make(other, x))
    with pytest.raises(ExportError, match="the exported program computes something else"):
        export_program(trained(architecture), architecture, tmp_path / "model.pt2")
