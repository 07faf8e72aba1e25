"""Searches of a user's own data, from the files to the front."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import numpy as np
import pytest

from integration_tests.command import Command
from optuna_codeepneat.cli import main
from tests.cli.conftest import verbosity as verbosity


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks processes up in /proc")
pytest.importorskip("pandas")
Image = pytest.importorskip("PIL.Image")

SHORT = (
    "--trials",
    "3",
    "--workers",
    "1",
    "--steps",
    "20",
    "--no-report",
    "--seed",
    "1",
    "--final",
    "0",
)


def write_table(folder: Path) -> None:
    rng = np.random.default_rng(0)
    cities = rng.choice(["Oslo", "Rome"], 200)
    areas = rng.uniform(20, 200, 200)
    prices = 3.0 * areas + 100.0 * (cities == "Oslo")
    rows = [f"{a:.2f},{c},{p:.2f}" for a, c, p in zip(areas, cities, prices, strict=True)]
    (folder / "prices.csv").write_text("area,city,price\n" + "\n".join(rows))


def said_next(err: str) -> dict[str, list[str]]:
    """The commands that the last one said to type next, by their names."""
    lines = [line.split("#")[0] for line in err.split("\nNext:\n")[1].splitlines()]
    words = [shlex.split(line) for line in lines if line.strip()]
    assert all(name == "optuna-codeepneat" for name, *_ in words)
    return {each[1]: each[1:] for each in words}


def draw_pictures(folder: Path) -> None:
    """Pictures that are bright on the left, or on the right."""
    rng = np.random.default_rng(0)
    for i in range(60):
        pixels = rng.integers(0, 90, (8, 8), dtype=np.uint8)
        side = ("left", "right")[i % 2]
        pixels[:, :4] += np.uint8(120 * (side == "left"))
        pixels[:, 4:] += np.uint8(120 * (side == "right"))
        path = folder / "pictures" / side / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)


def test_a_table(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_table(command.folder)

    searched = ("search", "--data", "prices.csv", "--target", "price")
    status, _, err = command.run(*searched, *SHORT)

    assert status == 0, err
    assert "prices.csv, 200 rows" in err and "120 training, 40 validation and 40 test" in err
    assert "r2, larger is better" in err and "3/3 networks" in err
    monkeypatch.chdir(command.folder)
    # What it says to type next is right.
    said = [line.split("#")[0].split() for line in err.split("\nNext:\n")[1].splitlines()]
    assert [line[1:3] for line in said] == [
        ["front", "prices"],
        ["show", "prices"],
        ["train", "prices"],
        ["search", "--data"],
    ]
    for _, *arguments in said[:2]:
        capsys.readouterr()
        assert main(arguments) == 0
        assert "parameters" in capsys.readouterr().out


def test_a_folder_of_images_from_the_search_to_answers(
    command: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_pictures(command.folder)

    status, _, err = command.run("search", "--data", "pictures", *SHORT)

    assert status == 0, err
    assert "images of 8x8, grey" in err and "2 classes: left (30), right (30)" in err
    assert "3/3 networks" in err
    # From there to answers one types what one is told.
    monkeypatch.chdir(command.folder)
    searched = said_next(err)
    assert main(searched["front"]) == 0
    assert "accuracy" in capsys.readouterr().out
    status, _, err = command.run(*searched["train"])
    assert status == 0, err
    # The network can do without the data.
    (command.folder / "pictures").rename(command.folder / "photos")
    assert main(said_next(err)["export"]) == 0
    asked = said_next(capsys.readouterr().err)["predict"]
    assert asked[2] == "photo.png"
    pixels = np.zeros((9, 12), dtype=np.uint8)
    pixels[:, 6:] = 150
    Image.fromarray(pixels).save("photo.png")
    assert main(asked) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.splitlines()[1].split()[0] == "photo.png"
    assert out.splitlines()[1].split()[1] in ("left", "right")
