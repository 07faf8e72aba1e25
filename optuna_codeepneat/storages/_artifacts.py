"""From a path or a URL to a store of `optuna.artifacts`, for weights and diagrams."""

from __future__ import annotations

import os
import re
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from typing import BinaryIO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from optuna.artifacts import Backoff
from optuna.artifacts import Boto3ArtifactStore
from optuna.artifacts import FileSystemArtifactStore
from optuna.artifacts import GCSArtifactStore
from optuna.exceptions import ExperimentalWarning

from optuna_codeepneat._text import single_spaced
from optuna_codeepneat._urls import without_password
from optuna_codeepneat.exceptions import StorageError


if TYPE_CHECKING:
    from optuna_codeepneat._optuna import ArtifactStore


_EXAMPLES = "artifacts, file:///artifacts, s3://bucket, s3://bucket/folder or gs://bucket"
# A scheme without its two slashes; one letter is a drive of Windows.
_SLIP = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(?!//)")
_RETRIES = 5
"""So a network waits 1.5 seconds for a store that fails, beside what its client does."""


def open_artifacts(place: str | Path) -> ArtifactStore:
    """Opens the store where processes, on any machines, keep weights and diagrams of networks.

    What can't be mended by waiting is said at once: a folder that can't be written to, a package
    that is missing, a bucket that isn't there. A store that is merely away opens all the same.

    Example:
        >>> import os, tempfile
        >>> from optuna_codeepneat.morphism import Checkpoints
        >>> from optuna_codeepneat.storages import open_artifacts
        >>> folder = os.path.join(tempfile.mkdtemp(), "weights")
        >>> checkpoints = Checkpoints(open_artifacts(folder))

    Args:
        place:
            A folder or its ``file:///`` URL, which is made if it isn't there, ``s3://bucket`` or
            ``gs://bucket`` (Google Cloud Storage), also with a folder in the bucket:
            ``s3://bucket/folder``. Credentials and regions are those that the clients of these
            services find by themselves.

    Raises:
        StorageError: If it can't be opened.
    """
    text = absolute_place(place)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return _open_folder(Path(text))
    parts = urlsplit(text)
    if scheme not in _SERVICES or not parts.netloc or parts.query or parts.fragment:
        raise StorageError(f"{text!r} is no place for artifacts, such as {_EXAMPLES}.")
    open_bucket, package = _SERVICES[scheme]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            bucket = open_bucket(parts.netloc)
    except ImportError as error:
        extra = "s3" if scheme == "s3" else "gcs"
        raise StorageError(
            f"the place {text} needs the Python package {package!r}; install it with: "
            f"pip install optuna-codeepneat[{extra}]"
        ) from error
    except _Refused as error:
        raise StorageError(f"artifacts can't be kept in {text}: {error}.") from error.__cause__
    folder = parts.path.strip("/")
    return Backoff(_Folder(bucket, folder) if folder else bucket, max_retries=_RETRIES)


def absolute_place(place: str | Path) -> str:
    """A place of artifacts that means the same in every current folder.

    StorageError if it is a ``file`` URL of no folder here, or a URL with a slip in it.
    """
    text = os.fspath(place)
    if not text:
        raise StorageError(f"'' is no place for artifacts, such as {_EXAMPLES}.")
    if without_password(text) != text and "://" in text:
        raise StorageError(
            f"the place {without_password(text)} holds a password, which it must not: studies "
            "remember it; clients find credentials by themselves, such as AWS_PROFILE."
        )
    if text.startswith("file:"):
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
            raise StorageError(f"{text!r} is no URL of a folder here, such as file:///artifacts.")
        text = url2pathname(parts.path)
    elif _SLIP.match(text):  # else a folder of that name would be made
        raise StorageError(f"{text!r} is no place for artifacts, such as {_EXAMPLES}.")
    return text if "://" in text else os.path.abspath(os.path.expanduser(text))


def _open_folder(folder: Path) -> ArtifactStore:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except FileExistsError as error:
        raise StorageError(f"artifacts can't be kept in {folder}: it is no folder.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError(f"artifacts can't be kept in {folder}: {reason}.") from error
    return _LocalFolder(folder)


class _LocalFolder(FileSystemArtifactStore):
    """A folder that is made again where somebody deleted it meanwhile."""

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._base_path.mkdir(parents=True, exist_ok=True)
        super().write(artifact_id, content_body)


class _Folder:
    """A part of a bucket: artifacts whose names begin alike."""

    def __init__(self, bucket: ArtifactStore, name: str) -> None:
        self._bucket = bucket
        self._name = name

    def open_reader(self, artifact_id: str) -> BinaryIO:
        return self._bucket.open_reader(f"{self._name}/{artifact_id}")

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        self._bucket.write(f"{self._name}/{artifact_id}", content_body)

    def remove(self, artifact_id: str) -> None:
        self._bucket.remove(f"{self._name}/{artifact_id}")


class _Refused(Exception):
    """Why a bucket can't be used, however long one waits."""


def _open_s3(bucket: str) -> ArtifactStore:
    import boto3
    from botocore.exceptions import BotoCoreError
    from botocore.exceptions import ClientError
    from botocore.exceptions import ConnectionError
    from botocore.exceptions import HTTPClientError

    try:
        client = boto3.client("s3")
        client.head_bucket(Bucket=bucket)
    except (ConnectionError, HTTPClientError):  # nobody answers, now
        pass
    except ClientError as error:
        # NOTE: 403 is also what those get who may read and write, and not list.
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            raise _Refused("there is no such bucket") from error
    except (BotoCoreError, ValueError) as error:  # no credentials, no such name of a bucket
        raise _Refused(single_spaced(error).rstrip(".")) from error
    return Boto3ArtifactStore(bucket, client)


def _open_gcs(bucket: str) -> ArtifactStore:
    import google.cloud.storage  # noqa: F401  # the store alone would name another package
    from google.auth.exceptions import GoogleAuthError

    try:
        return GCSArtifactStore(bucket)
    except (GoogleAuthError, OSError, ValueError) as error:
        raise _Refused(single_spaced(error).rstrip(".")) from error


_SERVICES: dict[str, tuple[Callable[[str], ArtifactStore], str]] = {
    "s3": (_open_s3, "boto3"),
    "gs": (_open_gcs, "google-cloud-storage"),
}
