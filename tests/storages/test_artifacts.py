"""Places of weights by path or URL, and what is wrong with them in one sentence."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from optuna.artifacts.exceptions import ArtifactNotFound

from optuna_codeepneat.exceptions import StorageError
from optuna_codeepneat.storages import open_artifacts
from optuna_codeepneat.storages._artifacts import absolute_place


ROOT = Path(__file__).parents[2]


def keeps(store: Any) -> None:
    """What is written is read, and removed."""
    store.write("a.safetensors", io.BytesIO(b"weights"))
    with store.open_reader("a.safetensors") as reader:
        assert reader.read() == b"weights"


# -- folders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, Path, Path.as_uri])
def test_folder_is_made(tmp_path: Path, kind: Any) -> None:
    folder = tmp_path / "new folder" / "weights"
    store = open_artifacts(kind(folder))
    assert os.listdir(folder) == []
    keeps(store)
    assert os.listdir(folder) == ["a.safetensors"]
    keeps(open_artifacts(kind(folder)))
    store.remove("a.safetensors")
    with pytest.raises(ArtifactNotFound):
        store.open_reader("a.safetensors")


def test_folder_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_artifacts("weights")
    monkeypatch.chdir("/")
    keeps(store)
    assert (tmp_path / "weights" / "a.safetensors").exists()


def test_deleted_folder_is_made_again(tmp_path: Path) -> None:
    store = open_artifacts(tmp_path / "weights")
    shutil.rmtree(tmp_path / "weights")
    with pytest.raises(ArtifactNotFound):
        store.open_reader("a.safetensors")
    keeps(store)


def test_absolute_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/me")
    assert absolute_place("weights") == absolute_place(Path("weights")) == f"{tmp_path}/weights"
    assert absolute_place("~/weights") == "/home/me/weights"
    assert absolute_place("file:///my%20weights") == "/my weights"
    assert absolute_place("file://localhost/weights") == "/weights"
    assert absolute_place("s3://bucket/folder") == "s3://bucket/folder"


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("", "'' is no place for artifacts, such as artifacts, file:///artifacts, s3://bucket"),
        ("ftp://host/weights", "'ftp://host/weights' is no place for artifacts, such as"),
        (
            "s3://key:secret/x@bucket/weights",
            r"the place s3://key:\*\*\*@bucket/weights holds a password, which it must not",
        ),
        ("s3:/bucket", "'s3:/bucket' is no place for artifacts, such as"),
        ("gs:bucket", "'gs:bucket' is no place for artifacts, such as"),
        ("s3://", "'s3://' is no place"),
        ("s3://bucket?region=x", "is no place"),
        ("gs:///folder", "is no place"),
        ("file://host/weights", "is no URL of a folder here, such as file:///artifacts"),
        ("file:weights", "is no URL of a folder here"),
        ("file://weights", "is no URL of a folder here"),
        (__file__, "can't be kept in .*test_artifacts.py: it is no folder"),
        (f"{__file__}/weights", "can't be kept in .*weights: Not a directory"),
        pytest.param(
            "/proc",
            "can't be kept in /proc: ",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="needs /proc"),
        ),
    ],
)
def test_bad_place(place: str, sentence: str) -> None:
    with pytest.raises(StorageError, match=sentence) as caught:
        open_artifacts(place)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("package", "place", "name", "extra"),
    [("boto3", "s3://bucket", "boto3", "s3"), ("google", "gs://b", "google-cloud-storage", "gcs")],
)
def test_missing_package(package: str, place: str, name: str, extra: str) -> None:
    code = f"""
import sys
sys.modules[{package!r}] = None
from optuna_codeepneat.storages import open_artifacts
try:
    open_artifacts({place!r})
except Exception as error:
    print(type(error).__name__, error)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)
    assert said.stdout.decode() == (
        f"StorageError the place {place} needs the Python package '{name}'; "
        f"install it with: pip install optuna-codeepneat[{extra}]\n"
    ), said.stderr.decode()


# -- S3 ---------------------------------------------------------------------------------------


def keys(bucket: Any) -> list[str]:
    listed = bucket.list_objects_v2(Bucket="weights").get("Contents", ())
    return [entry["Key"] for entry in listed]


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("s3://weights", "a.safetensors"),
        ("s3://weights/", "a.safetensors"),
        ("s3://weights/mine/first/", "mine/first/a.safetensors"),
    ],
)
def test_s3(bucket: Any, place: str, key: str) -> None:
    store: Any = open_artifacts(place)
    keeps(store)
    assert keys(bucket) == [key]
    store._backend.remove("a.safetensors")
    assert keys(bucket) == []
    with pytest.raises(ArtifactNotFound):
        store.open_reader("a.safetensors")


def test_no_such_bucket(bucket: Any) -> None:
    with pytest.raises(StorageError, match="kept in s3://others/x: there is no such bucket"):
        open_artifacts("s3://others/x")


def test_no_name_of_a_bucket(bucket: Any) -> None:
    with pytest.raises(StorageError, match="can't be kept in s3://a b: .*Invalid bucket name"):
        open_artifacts("s3://a b")


def test_s3_that_is_away_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert open_artifacts("s3://weights")


def test_s3_without_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    boto3 = pytest.importorskip("boto3")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # which remembers credentials
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(StorageError, match="s3://weights: Unable to locate credentials"):
        open_artifacts("s3://weights")
