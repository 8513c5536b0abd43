"""Alembic's entrance: runs the revisions on the connection that ``migrations.upgrade`` hands over."""

from alembic import context

from backend.adapters.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,  # SQLite undoes what makes tables as well, since we begin its transactions ourselves
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
