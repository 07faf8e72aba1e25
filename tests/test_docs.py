"""What README.md and the pages show: Python runs with few trials, the rest is well-formed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from optuna_codeepneat.cli._main import NAME
from optuna_codeepneat.cli._main import app


ROOT = Path(__file__).parent.parent
FEW_TRIALS = 3

ALL_PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))


def blocks(page: Path) -> str:
    """The page's Python, at its own line numbers, so that an error names the right line."""
    inside = False
    lines = []
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            line = ""
        lines.append(line if inside else "")
    return re.sub(r"n_trials=\d+", f"n_trials={FEW_TRIALS}", "\n".join(lines))


def in_language(language: str) -> list[Any]:
    """The blocks of a language on all pages."""
    pattern = rf"^```{language}\n(.*?)^```$"
    return [
        pytest.param(block, id=f"{page.name}-{i}")
        for page in ALL_PAGES
        for i, block in enumerate(re.findall(pattern, page.read_text(), re.M | re.S))
    ]


PAGES = [page for page in ALL_PAGES if blocks(page).strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    code = compile(blocks(page), str(page), "exec", dont_inherit=True)
    exec(code, {"__name__": "__main__"})


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("block", in_language("bash"))
def test_shell_is_well_formed(block: str) -> None:
    checked = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    for line in block.replace("\\\n", " ").splitlines():
        check_options(line.split())


@pytest.mark.parametrize("block", in_language("console"))
def test_commands_have_these_options(block: str) -> None:
    for line in block.replace("\\\n", " ").splitlines():
        check_options(line.partition("#")[0].split())


@pytest.mark.parametrize("block", in_language("yaml"))
def test_jobs_are_well_formed(block: str) -> None:
    job = yaml.safe_load(block)
    assert job["kind"] == "Job"
    pod = job["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never"  # which a policy for failed pods needs
    for container in pod["containers"]:
        command = container["command"]
        assert all(isinstance(word, str) for word in command)
        check_options(command)
        grace = float(command[command.index("--grace") + 1])
        assert grace <= pod["terminationGracePeriodSeconds"] - 10
        given = {variable["name"] for variable in container["env"]}
        assert set(re.findall(r"\$\((\w+)\)", " ".join(command))) <= given


def check_options(words: list[str]) -> None:
    """Whether there is such a command, with such options; other programs are left alone."""
    if NAME not in words:
        return
    name, *arguments = words[words.index(NAME) + 1 :]
    if name == "COMMAND":
        return
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in arguments if word.startswith("--")} <= known
