"""Decisions about readings, who loaded them, and guards of both."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_GUARDS = (
    ("reading_decision", "a decision about readings never changes"),
    ("load_author", "who loaded readings never changes"),
)


def upgrade() -> None:
    op.create_table(
        "reading_decision",
        *_texts("community"),
        *_whole("number"),
        *_texts("metering_point"),
        *_whole("start_utc", "end_utc"),
        sa.Column("treatment", sa.Text(), nullable=False),
        *_texts("rule"),
        sa.Column("reason", sa.Text(), nullable=False),
        *_whole("loads"),
        *_texts("decided_by"),
        *_whole("decided_utc"),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_reading_decision_community"),
        sa.PrimaryKeyConstraint("community", "number", name="pk_reading_decision"),
    )
    op.create_table(
        "load_author",
        *_texts("community", "load", "user"),
        *_whole("loaded_utc"),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_load_author_community"),
        sa.PrimaryKeyConstraint("community", "load", name="pk_load_author"),
    )
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, sentence in _GUARDS:
        head = f"CREATE TRIGGER guard_{table}_update BEFORE UPDATE ON {table} FOR EACH ROW"
        if is_postgresql:
            op.execute(f"{head} EXECUTE FUNCTION partage_refuse_unless_erasing('{sentence}')")
        else:
            when = "NOT EXISTS (SELECT 1 FROM erasing)"
            op.execute(f"{head} WHEN {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def downgrade() -> None:
    raise NotImplementedError("What was decided is not forgotten; restore a backup instead.")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
