"""What all tests of whole studies share."""

from __future__ import annotations

from integration_tests.servers import grpc_url
from integration_tests.servers import mariadb_server
from integration_tests.servers import postgresql
from integration_tests.servers import postgresql_server
from integration_tests.servers import redis_server


__all__ = ["grpc_url", "mariadb_server", "postgresql", "postgresql_server", "redis_server"]
