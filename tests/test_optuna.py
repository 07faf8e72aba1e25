"""Optuna's private API: where it is used, and that each name of it is still there.

A name that is gone in a new version of Optuna fails here, by its name, before anything fails for
users; ``optuna<6`` keeps out what nobody has tried yet.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import GrpcStorageProxy
from optuna.storages import JournalStorage
from optuna.storages import RDBStorage
from optuna.storages import _CachedStorage
from optuna.storages.journal import JournalFileBackend

import optuna_codeepneat
from optuna_codeepneat import _optuna


PACKAGE = Path(optuna_codeepneat.__file__).parent

FENCED = {
    "_optuna.py",
    "storages/_batches.py",
    "storages/_database.py",
    "storages/_known_trials.py",
    "storages/_reading.py",
    "storages/_remote.py",
    "storages/_retrying.py",
}
"""The one file, and those that subclass a storage of Optuna's."""

ATTRIBUTES = {"_storage", "_study_id", "_trial_id", "_cached_frozen_trial", "_backend", "_redis"}
ATTRIBUTES |= {"_get_filepath"}
"""Of studies, trials, stores and backends."""

MODULES = {
    "optuna.artifacts._protocol": ["ArtifactStore"],
    "optuna.storages._base": ["DEFAULT_STUDY_NAME_PREFIX"],
    "optuna.storages._grpc.auto_generated.api_pb2_grpc": ["StorageServiceStub"],
    "optuna.storages._grpc.client": ["GrpcClientCache"],
    "optuna.storages._heartbeat": ["BaseHeartbeat"],
    "optuna.storages._rdb.models": ["TrialModel"],
    "optuna.storages._rdb.storage": ["_create_scoped_session"],
    "optuna.study._frozen": ["FrozenStudy"],
    "optuna.storages": ["_CachedStorage"],
}

OVERRIDDEN = {
    (RDBStorage, "_create_new_trial"): ["self", "study_id", "template_trial"],
    (RDBStorage, "_get_prepared_new_trial"): ["self", "study_id", "template_trial", "session"],
    (RDBStorage, "_set_trial_param"): [
        "self",
        "trial_id",
        "param_name",
        "param_value_internal",
        "distribution",
        "previous_distribution",
    ],
    (_CachedStorage, "delete_study"): ["self", "study_id"],
    (_CachedStorage, "get_trial"): ["self", "trial_id"],
    (_CachedStorage, "get_all_trials"): ["self", "study_id", "deepcopy", "states"],
    (RDBStorage, "_build_frozen_trial_from_trial_model"): ["self", "trial"],
    (GrpcStorageProxy, "_setup"): ["self"],
}


def uses(tree: ast.Module) -> Iterator[str]:
    """What a file uses of Optuna's private API."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            private = "._" in module or any(alias.name.startswith("_") for alias in node.names)
            if module.split(".")[0] == "optuna" and private:
                yield module
        elif isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            # `self._storage` is an attribute of our own.
            if not (isinstance(node.value, ast.Name) and node.value.id == "self"):
                yield ast.unparse(node)


def test_it_is_used_within_the_fence_alone() -> None:
    found = {
        str(path.relative_to(PACKAGE)): sorted(set(uses(ast.parse(path.read_text()))))
        for path in PACKAGE.rglob("*.py")
    }
    beyond = {name: used for name, used in found.items() if used and name not in FENCED}
    assert beyond == {}
    assert all(found[name] for name in FENCED), "the fence is wider than it needs to be"


def test_each_private_module_and_name_is_named_here() -> None:
    trees = [ast.parse((PACKAGE / name).read_text()) for name in FENCED]
    imported = {module for tree in trees for module in uses(tree) if module.startswith("optuna.")}
    packages = {"optuna.storages._rdb", "optuna.storages._grpc.auto_generated"}
    assert imported - packages <= set(MODULES)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_modules_hold_these_names(module: str) -> None:
    home = import_module(module)
    assert [name for name in MODULES[module] if not hasattr(home, name)] == []


@pytest.mark.parametrize(
    ("owner", "name"),
    sorted(OVERRIDDEN, key=str),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_overridden_methods_take_these_arguments(owner: type, name: str) -> None:
    parameters = list(inspect.signature(getattr(owner, name)).parameters)
    assert parameters == OVERRIDDEN[owner, name]


def test_studies_and_trials_have_these_attributes() -> None:
    study = optuna.create_study()
    trial = study.ask()
    assert study._storage.get_all_studies()[0]._study_id == study._study_id
    assert study._storage.get_trial(trial._trial_id).number == trial.number
    assert trial._cached_frozen_trial.system_attrs == {}
    assert study.get_trials()[0]._trial_id == trial._trial_id


def test_stores_and_backends_have_these_attributes(tmp_path: Path) -> None:
    store = optuna.artifacts.FileSystemArtifactStore(tmp_path)
    backoff: Any = optuna.artifacts.Backoff(store)
    assert backoff._backend is store
    assert str(store._base_path) == str(tmp_path)
    assert store._get_filepath("weights") == tmp_path / "weights"
    journal: Any = optuna.storages.journal.JournalFileBackend(str(tmp_path / "study.log"))
    assert journal._file_path and journal._lock
    proxy: Any = GrpcStorageProxy(host="localhost", port=1)
    assert (proxy._host, proxy._port) == ("localhost", 1)
    pytest.importorskip("redis")
    backend: Any = optuna.storages.journal.JournalRedisBackend("redis://localhost")
    assert backend._redis.set_retry


def test_storages_say_where_they_lie(tmp_path: Path) -> None:
    """What `_optuna` asks backends and proxies, to tell a study from its copies."""
    path = str(tmp_path / "x.log")
    journal = JournalStorage(JournalFileBackend(path))
    assert _optuna.journal_file(_optuna.journal_backend(journal)) == path  # type: ignore[arg-type]
    assert _optuna.innermost(journal) is journal
    cached = optuna.storages.get_storage(f"sqlite:///{tmp_path}/x.db")
    assert isinstance(_optuna.innermost(cached), RDBStorage)
    assert {"_host", "_port"} <= set(GrpcStorageProxy(host="h", port=1).__dict__)
    redis = pytest.importorskip("optuna.storages.journal").JournalRedisBackend("redis://h:1/2")
    assert _optuna.redis_place(redis) == ["h", "1", "None", "2", ""]


def test_optuna_dashboard_has_the_function_that_we_replace() -> None:
    app = pytest.importorskip("optuna_dashboard._app")
    parameters = inspect.signature(app.get_pareto_front_trials).parameters
    assert {"trials", "directions"} <= set(parameters)
