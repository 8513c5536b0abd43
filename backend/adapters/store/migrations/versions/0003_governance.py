"""Rehearsals, drafts, proposals and votes, and guards of what was proposed and signed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# (table, action, condition, sentence): as in 0001.
_GUARDS = (
    ("draft", "UPDATE", "", "a draft never changes"),
    ("proposal", "UPDATE", "", "a proposal never changes"),
    (
        "vote",
        "UPDATE",
        "OLD.account <> NEW.account OR OLD.support <> NEW.support OR OLD.signature <> NEW.signature",
        "a vote never changes",
    ),
)


def upgrade() -> None:
    _make_tables()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, action, condition, sentence in _GUARDS:
        head = f"CREATE TRIGGER guard_{table}_{action.lower()} BEFORE {action} ON {table} FOR EACH ROW"
        if is_postgresql:
            when = f" WHEN ({condition})" if condition else ""
            op.execute(f"{head}{when} EXECUTE FUNCTION partage_refuse('{sentence}')")
        else:
            when = f" WHEN {condition}" if condition else ""
            op.execute(f"{head}{when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")


def downgrade() -> None:
    raise NotImplementedError("What members decided is not forgotten; restore a backup instead.")


def _make_tables() -> None:
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("months", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("result_hash", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("created_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_rehearsal_community"),
        sa.PrimaryKeyConstraint("id", name="pk_rehearsal"),
    )
    op.create_index("ix_rehearsal_community", "rehearsal", ["community"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        *_proposed(),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("created_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_draft_community"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    op.create_table(
        "proposal",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        *_proposed(),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("proposed_utc", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["community"], ["community.id"], name="fk_proposal_community"),
        sa.PrimaryKeyConstraint("community", "id", name="pk_proposal"),
    )
    op.create_table(
        "vote",
        sa.Column("community", sa.String(), nullable=False),
        sa.Column("proposal", sa.String(), nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("support", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("signed_utc", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community", "proposal"], ["proposal.community", "proposal.id"], name="fk_vote_proposal"
        ),
        sa.PrimaryKeyConstraint("community", "proposal", "seat", name="pk_vote"),
    )


def _proposed() -> list[sa.Column[str]]:
    """What draft and proposal have in common."""
    return [
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("rehearsal", sa.String(), nullable=False),
        sa.Column("rehearsal_hash", sa.String(), nullable=False),
    ]
