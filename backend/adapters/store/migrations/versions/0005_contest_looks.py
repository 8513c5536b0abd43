"""Looks at what could be contested, and guards of what was consented to and sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contest_look",
        *_texts("id", "community", "participant", "user"),
        *_whole("period", "version"),
        *_texts("run_id", "metering_point"),
        *_whole("start_utc"),
        *_texts("contest", "place"),
        sa.Column("shows_others", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        *_texts("words_hash"),
        *_whole("looked_utc"),
        sa.Column("question", sa.Text(), nullable=False),
        *_whole("asked_utc"),
        *_texts("advice"),
        sa.Column("answer", sa.Text(), nullable=False),
        *_texts("answered_by"),
        *_whole("answered_utc"),
        *_texts("consented_by"),
        *_whole("consented_utc", "sent_utc"),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_contest_look_community"),
        sa.PrimaryKeyConstraint("id", name="pk_contest_look"),
    )
    op.create_index("ix_contest_look_community", "contest_look", ["community"], unique=False)
    head = "CREATE TRIGGER guard_contest_look_update BEFORE UPDATE ON contest_look FOR EACH ROW"
    if op.get_bind().dialect.name == "postgresql":
        refuse = "EXECUTE FUNCTION partage_refuse('a contest that was sent never changes')"
        op.execute(f"{head} WHEN (OLD.sent_utc <> 0) {refuse}")
    else:
        refuse = "BEGIN SELECT RAISE(ABORT, 'a contest that was sent never changes'); END"
        op.execute(f"{head} WHEN OLD.sent_utc <> 0 {refuse}")


def downgrade() -> None:
    raise NotImplementedError("What was consented to is not forgotten; restore a backup instead.")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
