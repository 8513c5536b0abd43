"""A store on each engine: every test here runs on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.adapters.home import Home
from backend.adapters.store import DatabaseStore, open_store


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """What PARTAGE_DATABASE_URL would say: nothing for SQLite."""
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None


@pytest.fixture
def open_again(home: Home, database_url: str | None) -> Iterator[Callable[..., DatabaseStore]]:
    """Opens the same store once more, as another process would."""
    opened: list[DatabaseStore] = []

    def open_one(busy_seconds: float = 20.0) -> DatabaseStore:
        opened.append(open_store(home, database_url, busy_seconds))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_again: Callable[..., DatabaseStore]) -> DatabaseStore:
    return open_again()
