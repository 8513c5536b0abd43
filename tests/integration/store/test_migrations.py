"""From an empty database to this version's tables."""

import sqlite3
import warnings

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from backend.adapters.store import migrations, open_store
from backend.adapters.store.engine import writing
from backend.adapters.store.tables import METADATA
from backend.errors import StoreError


def test_the_migrations_make_the_tables_that_the_code_has(store):
    with store._engine.connect() as connection:  # noqa: SLF001
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, METADATA) == []


def test_the_revisions_that_are_named_are_the_ones_that_exist():
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    script = ScriptDirectory.from_config(config)
    found = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(found)) == migrations.REVISIONS
    assert script.get_current_head() == migrations.REVISIONS[-1]


def test_a_store_of_a_newer_partage_is_refused_and_left_alone(store, open_again):
    with writing(store._engine) as connection:  # noqa: SLF001
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(
        StoreError,
        match=rf"newer Partage \(its tables are at revision 9999, this one knows {migrations.REVISIONS[-1]}\)",
    ):
        open_again()
    with store._engine.connect() as connection:  # noqa: SLF001
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


def test_a_migration_that_fails_leaves_nothing(home, database_url, monkeypatch, open_again):
    from alembic import op

    def fail(*arguments, **options):
        raise RuntimeError("power")

    monkeypatch.setattr(op, "create_index", fail)
    with pytest.raises(RuntimeError, match="power"):
        open_again()
    monkeypatch.undo()
    store = open_again()
    with store.reading() as records:
        assert records.communities() == []


def test_another_programs_database_is_refused_and_left_alone(home):
    home.create()
    with sqlite3.connect(home.database) as connection:
        connection.execute("CREATE TABLE cakes (name)")
    connection.close()
    before = home.database.read_bytes()
    with pytest.raises(StoreError, match="another program's database"):
        open_store(home)
    assert home.database.read_bytes() == before


def test_opening_warns_of_nothing(home):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_store(home).close()
