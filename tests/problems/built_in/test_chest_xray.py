from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from optuna_codeepneat.exceptions import DataError
from optuna_codeepneat.problems import _decoded
from optuna_codeepneat.problems._built_in._chest_xray import _DISEASES
from optuna_codeepneat.problems._built_in._chest_xray import _entries
from optuna_codeepneat.problems._built_in._chest_xray import _some_patients
from optuna_codeepneat.problems._built_in._chest_xray import chest_xray
from tests.problems.built_in.small import check_whole


torch = pytest.importorskip("torch")

HEADER = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender\n"


def finding(image: int) -> str:
    return "No Finding" if image % 4 == 0 else "|".join({_DISEASES[image % 14], "Hernia"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """120 images of 40 patients, in two folders; each is of one grey, twice its number."""
    image = pytest.importorskip("PIL.Image")
    monkeypatch.setenv("OPTUNA_CODEEPNEAT_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "chest-xray14"
    rows = []
    for i in range(120):
        place = folder / f"images_{1 + i // 60:03d}" / "images"
        place.mkdir(parents=True, exist_ok=True)
        grey = np.full((40, 50), 2 * i, dtype=np.uint8)
        # Some of the published ones are in colour.
        image.fromarray(np.stack([grey] * 4, 2) if i % 10 == 0 else grey).save(place / f"{i}.png")
        rows.append(f"{i}.png,{finding(i)},0,{i % 40},58,M\n")
    (folder / "Data_Entry_2017.csv").write_text(HEADER + "".join(rows))
    return folder


def test_images_labels_and_patients(folder: Path) -> None:
    pytest.importorskip("sklearn")
    problem = chest_xray(size=32)
    splits = problem.load()

    seen: dict[int, str] = {}
    parts = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    for name, part in parts.items():
        for inputs, targets in zip(part.inputs, part.targets, strict=True):
            number = round((float(inputs.mean()) * 0.226 + 0.449) * 255 / 2)
            labels = {d for d, t in zip(_DISEASES, targets.tolist(), strict=True) if t}
            assert labels == set(finding(number).split("|")) - {"No Finding"}
            assert seen.setdefault(number % 40, name) == name, "a patient is in two parts"
    assert sum(map(len, parts.values())) == 120
    shares = [len(part) / 120 for part in parts.values()]
    assert shares == pytest.approx([0.7, 0.1, 0.2], abs=0.05)
    check_whole(problem)
    assert splits.test.pixels.dtype == torch.uint8


def test_images_that_cannot_be_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sklearn")
    monkeypatch.setattr(_decoded, "_WORTH_BYTES", 0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "Data_Entry_2017.csv"))
    with pytest.warns(UserWarning, match="decoded each time, as they can't be kept: not a dir"):
        assert len(chest_xray(size=32).load().train) > 0


def test_what_is_wrong_with_the_files(folder: Path) -> None:
    (folder / "images_001" / "images" / "7.png").unlink()
    with pytest.raises(DataError, match=r"1 of 120 images that .* such as '7.png'"):
        chest_xray(size=32).load()
    table = folder / "Data_Entry_2017.csv"
    table.write_text(HEADER + "1.png,Hernia|Cold,0,1,58,M\n")
    with pytest.raises(DataError, match=r"row 2 of .*2017.csv' names the finding 'Cold', which"):
        _entries(table)
    table.write_text(HEADER.replace("Patient ID", "Patient"))
    with pytest.raises(DataError, match=r"2017.csv' has no column 'Patient ID'"):
        _entries(table)
    table.write_text(HEADER)
    with pytest.raises(DataError, match=r"2017.csv' holds no images"):
        _entries(table)


def test_fewer_images_are_those_of_whole_patients() -> None:
    patients = [str(i % 40) for i in range(120)]
    chosen = _some_patients(patients, 61)
    assert len(chosen) == 60
    assert len({patients[i] for i in chosen}) == 20
    assert chosen == _some_patients(patients, 61)


def test_options() -> None:
    published = chest_xray(size=224, preset="chest_xray", recipe="gpu")
    assert published.space.input_shape == (1, 224, 224)
    assert published.space.weight_sharing
    assert published.search_recipe.steps == 8 * 78_484 // 128  # eight passes
    with pytest.raises(ValueError, match="`size` must be a whole number from 32 to 512, got 16"):
        chest_xray(size=16)
