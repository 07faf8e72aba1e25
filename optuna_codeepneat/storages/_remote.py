"""Storages behind Redis and behind Optuna's gRPC proxy."""

from __future__ import annotations

from urllib.parse import urlencode
from urllib.parse import urlsplit

from optuna.distributions import BaseDistribution
from optuna.storages import BaseStorage
from optuna.storages import GrpcStorageProxy
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalRedisBackend


_DEFAULT_PORT = 13000  # Optuna's
_CONNECT_SECONDS = 2.0
# Without these a network that swallows packets would hold a call for hours.
_REDIS_TIMEOUTS = {"socket_connect_timeout": 10, "socket_timeout": 20}
_GRPC_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_reconnect_backoff_ms", 5_000),  # not two minutes
    ("grpc.keepalive_time_ms", 310_000),  # servers don't like it more often
    ("grpc.keepalive_timeout_ms", 20_000),  # also for what was sent and not received
]


def open_redis(url: str) -> BaseStorage:
    """Optuna's journal in Redis; ImportError without the client, ValueError for a wrong URL."""
    parts = urlsplit(url)
    missing = {k: v for k, v in _REDIS_TIMEOUTS.items() if k not in parts.query}
    query = "&".join(part for part in (parts.query, urlencode(missing)) if part)
    backend = JournalRedisBackend(parts._replace(query=query).geturl())
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # The client would send a write again whose answer got lost, and nobody would know.
    backend._redis.set_retry(Retry(NoBackoff(), 0))
    return JournalStorage(backend)


def open_grpc(url: str) -> BaseStorage:
    """A client of Optuna's gRPC proxy, which has to answer, else ConnectionError."""
    parts = urlsplit(url)
    if not parts.hostname or parts.path.strip("/"):
        raise ValueError("it must look like grpc://host:port")
    proxy = _GrpcProxy(host=parts.hostname, port=parts.port or _DEFAULT_PORT)
    try:
        proxy.wait_server_ready(timeout=_CONNECT_SECONDS)
    except ConnectionError as error:
        proxy.close()
        raise ConnectionError("no gRPC proxy answers") from error
    return proxy


class _GrpcProxy(GrpcStorageProxy):
    """Optuna's client, which finds back to a server that was away. Checked against Optuna 5.0."""

    def _setup(self) -> None:
        import grpc
        from optuna.storages._grpc.auto_generated import api_pb2_grpc
        from optuna.storages._grpc.client import GrpcClientCache

        self._channel = grpc.insecure_channel(f"{self._host}:{self._port}", options=_GRPC_OPTIONS)
        self._stub = api_pb2_grpc.StorageServiceStub(self._channel)  # type: ignore[no-untyped-call]
        self._cache = GrpcClientCache(self._stub)

    def set_trial_param(
        self,
        trial_id: int,
        param_name: str,
        param_value_internal: float,
        distribution: BaseDistribution,
    ) -> None:
        """Sets a parameter, also where the server was started again since the trial began.

        Optuna's server then takes the trial for unknown, until somebody reads the study's trials.
        """
        args = (trial_id, param_name, param_value_internal, distribution)
        try:
            super().set_trial_param(*args)
        except KeyError:
            for study in self.get_all_studies():
                self.get_all_trials(study._study_id, deepcopy=False)
            super().set_trial_param(*args)
