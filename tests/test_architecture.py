"""The picture and the table of docs/architecture.md, and what import-linter refuses."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import module_from_spec
from importlib.util import spec_from_file_location
from pathlib import Path

import pytest


ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "optuna_codeepneat"


def test_picture_is_that_of_the_imports() -> None:
    pytest.importorskip("grimp")
    spec = spec_from_file_location("draw_architecture", ROOT / "docs" / "draw_architecture.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    said = "the picture is out of date: run `python docs/draw_architecture.py`"
    assert module.PICTURE.read_text() == module.svg(), said


def test_every_folder_has_its_lines_in_the_table_and_every_name_in_it_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text.partition("## Where a line belongs")[2].partition("## Rules")[0]
    named = set(re.findall(r"`([a-z_0-9]+/[\w/.]*|_\w+\.py)`", table))
    folders = {
        str(path.parent.relative_to(PACKAGE)) + "/"
        for path in PACKAGE.rglob("__init__.py")
        if path.parent != PACKAGE
    }
    missing = {folder for folder in folders if not any(name.startswith(folder) for name in named)}
    assert missing == set()
    for name in named:
        found = (PACKAGE / name).exists() or any(PACKAGE.rglob(name))
        assert found, f"{name} is in the table, but not in the package"


BREACHES = {
    "a circle": (
        "search_space/_graph.py",
        "from optuna_codeepneat.search_space import _space",
        "No circles",
    ),
    "a reach into private modules": (
        "visualization/_trials.py",
        "from optuna_codeepneat.sampler._generations import _records",
        "No reach into another package's private modules",
    ),
    "a reach from one room of the sampler into another": (
        "sampler/_codeepneat/_credit.py",
        "from optuna_codeepneat.sampler._genetics import _genes",
        "No reach into another package's private modules",
    ),
    "genetics that know the protocol": (
        "sampler/_genetics/_genes.py",
        "from optuna_codeepneat.sampler import _generations",
        "Floors of the sampler",
    ),
    "a terminal that knows workers": (
        "cli/_terminal/_rate.py",
        "from optuna_codeepneat.cli import _workers",
        "Floors of the command line",
    ),
    "torch in the sampler": (
        "sampler/_base.py",
        "import torch",
        "No torch in search spaces, alignments, storages, samplers, pruners and figures",
    ),
}


@pytest.mark.parametrize("breach", sorted(BREACHES))
def test_import_linter_refuses(breach: str, tmp_path: Path) -> None:
    pytest.importorskip("importlinter")
    file, line, contract = BREACHES[breach]
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "import_contracts.py", tmp_path / "tests")
    path = tmp_path / PACKAGE.name / file
    path.write_text(f"{path.read_text()}\n{line}\n")
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    linted = subprocess.run(
        [sys.executable, "-c", code, "--no-logo", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
    )
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert f"{contract} BROKEN" in linted.stdout
